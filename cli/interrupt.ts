/** Ctrl-C on a command: what it holds is released first, and the exit code says what ended it, as a shell would. */

export interface Interrupt {
  readonly signal: AbortSignal;
  /** From here on the signals end the process at once, as they do by default. */
  release(): void;
}

const codes = { SIGINT: 130, SIGTERM: 143 } as const;

/** Aborts on the first SIGINT or SIGTERM and sets the exit code; a second one ends the process at once. */
export function onInterrupt(): Interrupt {
  const controller = new AbortController();
  const listeners = Object.entries(codes).map(([name, code]) => {
    const listener = (): void => {
      if (controller.signal.aborted) process.exit(code);
      process.exitCode = code;
      controller.abort();
    };
    process.on(name, listener);
    return { name, listener };
  });
  return {
    signal: controller.signal,
    release: () => {
      for (const { name, listener } of listeners) process.off(name, listener);
    },
  };
}
