/**
 * Watches a loop from beside it. Every call to the broker has an end of its own; where one has none after all, the loop would
 * stand still with its partitions, and nobody would take them over. So whoever shows no sign of life for too long is ended.
 */
import { MillraceError } from './errors.ts';

export interface Watchdog {
  /** A sign of life. */
  beat(): void;
  stop(): void;
}

/** Longer than any turn of a runtime's loop, in which some calls of 30 s may follow each other. */
export const stall_ms_max = 180_000;

/** `onStall` is called once, when no beat has come for `stall_ms_max`. */
export function createWatchdog(what: string, stall_ms_max: number, onStall: (error: Error) => void): Watchdog {
  let beaten_at_ms = performance.now();
  const timer = setInterval(
    () => {
      if (performance.now() - beaten_at_ms < stall_ms_max) return;
      clearInterval(timer);
      onStall(new MillraceError('stall', `${what}: no progress for ${stall_ms_max} ms`));
    },
    Math.max(1, stall_ms_max / 10),
  );
  timer.unref();
  return {
    beat() {
      beaten_at_ms = performance.now();
    },
    stop: () => clearInterval(timer),
  };
}
