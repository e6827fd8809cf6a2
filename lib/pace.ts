/**
 * How long to collect before work whose cost hardly depends on how much was collected: a transaction, an INSERT. Where the
 * work takes longer than it has to, because the machine is busy, it is done less often and carries more; so it leaves the
 * machine to others, and gets quick again.
 */
export interface Pace {
  /** The configured interval, or more while the work is slow. */
  interval_ms(): number;
  /** Tells how long the work took, in milliseconds. */
  took(ms: number): void;
}

export interface PaceOptions {
  readonly interval_ms: number;
  /** The interval is stretched to so many times what the work takes longer than it took at its best. */
  readonly times_delay: number;
  /** And no further than this. */
  readonly interval_ms_max: number;
}

/** Of transactions. Each costs several round trips and a marker in every partition it touched. */
export const commit_pace = { times_delay: 4, interval_ms_max: 500 };

/** Weight of the newest time in the mean. */
const newest = 0.2;

export function createPace({ interval_ms, times_delay, interval_ms_max }: PaceOptions): Pace {
  let mean_ms: number | null = null;
  let best_ms = Number.POSITIVE_INFINITY;
  return {
    interval_ms() {
      const delay_ms = mean_ms === null ? 0 : mean_ms - best_ms;
      return Math.max(interval_ms, Math.min(times_delay * delay_ms, interval_ms_max));
    },
    took(ms) {
      mean_ms = mean_ms === null ? ms : mean_ms + newest * (ms - mean_ms);
      best_ms = Math.min(best_ms, mean_ms);
    },
  };
}
