/** One at a time, in the order of asking. */
export function createMutex(): <T>(work: () => Promise<T>) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve();
  return work => {
    const turn = tail.then(work);
    tail = turn.catch(() => undefined);
    return turn;
  };
}
