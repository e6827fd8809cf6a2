export interface Refresher {
  /** Something changed: run soon, and once more when it has been quiet. */
  touch(): void;
  stop(): void;
}

/**
 * Runs at most once in `gap_ms` while changes keep coming, and a last time `settle_ms` after the latest. The last run
 * matters: a feed is ahead of the tables by up to a second, so a run right behind a record may not count it yet.
 */
export function createRefresher(run: () => void, gap_ms: number, settle_ms: number): Refresher {
  let gapTimer: ReturnType<typeof setTimeout> | undefined;
  let settleTimer: ReturnType<typeof setTimeout> | undefined;
  return {
    touch() {
      clearTimeout(settleTimer);
      settleTimer = setTimeout(run, settle_ms);
      gapTimer ??= setTimeout(() => {
        gapTimer = undefined;
        run();
      }, gap_ms);
    },
    stop() {
      clearTimeout(gapTimer);
      clearTimeout(settleTimer);
    },
  };
}
