/**
 * Works on several items at once and hands the results on in the items' order: parsing and storing overlap, and
 * positions still only grow. At most `concurrency` items are held.
 */
export async function* inOrder<T, R>(
  items: AsyncIterable<T>,
  concurrency: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const pending: Promise<R>[] = [];
  let fault: { error: unknown } | null = null;
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      while (!fault && pending.length < concurrency) {
        // An error of the source comes after everything that was read before it.
        const next = await iterator.next().catch(error => {
          fault = { error };
          return null;
        });
        if (!next || next.done) break;
        const result = work(next.value);
        result.catch(() => undefined);
        pending.push(result);
      }
      const first = pending.shift();
      if (!first) break;
      yield await first;
    }
  } finally {
    await iterator.return?.();
  }
  if (fault) throw (fault as { error: unknown }).error;
}
