/**
 * How long to collect before work whose cost hardly depends on how much was collected: a transaction, an INSERT. Where the
 * work takes long, because the machine is busy, it is done less often and carries more; so it leaves the machine to
 * others, and gets quick again.
 */
export interface Pace {
  /** The configured interval, or more while the work is slow. */
  interval_ms(): number;
  /** Tells how long the work took, in milliseconds. */
  took(ms: number): void;
}

export interface PaceOptions {
  readonly interval_ms: number;
  /** The interval is stretched to so many times what the work takes. */
  readonly times_work: number;
  /** And no further than this. */
  readonly interval_ms_max: number;
}

/** Of transactions. Each costs several round trips and a marker in every partition it touched. */
export const commit_pace = { times_work: 3, interval_ms_max: 500 };

/** Weight of the newest time in the mean. */
const newest = 0.2;

export function createPace({ interval_ms, times_work, interval_ms_max }: PaceOptions): Pace {
  let mean_ms = 0;
  return {
    interval_ms: () => Math.max(interval_ms, Math.min(times_work * mean_ms, interval_ms_max)),
    took(ms) {
      mean_ms += newest * (ms - mean_ms);
    },
  };
}
