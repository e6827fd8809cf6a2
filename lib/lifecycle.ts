/** What a process holds open, released in reverse order on a signal, once and within a deadline. */
import type { Logger } from './log.ts';

export interface Lifecycle {
  /** Registers a release; the last registered runs first. */
  onStop(name: string, release: () => Promise<void> | void): void;
  stop(reason: string): Promise<void>;
  /** Aborted when stopping begins. */
  readonly signal: AbortSignal;
  /** Settles when everything has been released. */
  readonly stopped: Promise<void>;
}

const release_ms_max = 15_000;

export function createLifecycle(log: Logger): Lifecycle {
  const releases: { name: string; release: () => Promise<void> | void }[] = [];
  const controller = new AbortController();
  const { promise: stopped, resolve } = withResolvers<void>();

  async function stop(reason: string): Promise<void> {
    if (controller.signal.aborted) return stopped;
    log.info({ reason }, 'stopping');
    controller.abort(reason);
    for (const { name, release } of releases.reverse()) {
      try {
        await within(release_ms_max, Promise.resolve(release()));
      } catch (error) {
        log.error({ name, error }, 'could not be released cleanly');
      }
    }
    resolve();
  }

  return {
    onStop: (name, release) => void releases.push({ name, release }),
    stop,
    signal: controller.signal,
    stopped,
  };
}

/** Stops on SIGTERM and SIGINT, and when the process that supervises this one is gone. */
export function stopOnSignals(lifecycle: Lifecycle): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void lifecycle.stop(signal));
  // Without this a killed supervisor would leave its children reading and writing behind the next one's back.
  process.on('disconnect', () => void lifecycle.stop('supervisor gone'));
}

export function withResolvers<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** The promise's outcome, or an error after `ms` milliseconds. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits `ms` milliseconds, less when the signal aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
