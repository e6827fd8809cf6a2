/** Few places for many who want to work: a hundred imports at once would only take memory from each other. */

/** Runs the work when there is room; not at all where the signal aborts while it waits. */
export type Places = (work: () => Promise<void>, signal: AbortSignal) => Promise<void>;

export function createPlaces(count_max: number): Places {
  let taken = 0;
  const waiting: (() => void)[] = [];

  async function enter(signal: AbortSignal): Promise<boolean> {
    if (taken < count_max) {
      taken++;
      return true;
    }
    return new Promise(resolve => {
      const onTurn = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve(true);
      };
      const onAbort = (): void => {
        waiting.splice(waiting.indexOf(onTurn), 1);
        resolve(false);
      };
      waiting.push(onTurn);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** The place goes to the first that waits. */
  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else taken--;
  }

  return async (work, signal) => {
    if (signal.aborted || !(await enter(signal))) return;
    try {
      await work();
    } finally {
      leave();
    }
  };
}
