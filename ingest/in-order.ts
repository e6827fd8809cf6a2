/**
 * Works on several items at once and hands the results on in the items' order: parsing and storing overlap, and
 * positions still only grow. At most `limits.count` items are held, and no further one once those held weigh `limits.weight`.
 */
export async function* inOrder<T, R>(
  items: AsyncIterable<T>,
  limits: { readonly count: number; readonly weight?: number; readonly weightOf?: (item: T) => number },
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const { count, weight: weight_max = Number.POSITIVE_INFINITY, weightOf = () => 0 } = limits;
  const pending: { readonly weight: number; readonly result: Promise<R> }[] = [];
  let weight = 0;
  let fault: { error: unknown } | null = null;
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      while (!fault && pending.length < count && weight <= weight_max) {
        // An error of the source comes after everything that was read before it.
        const next = await iterator.next().catch(error => {
          fault = { error };
          return null;
        });
        if (!next || next.done) break;
        const result = work(next.value);
        result.catch(() => undefined);
        pending.push({ weight: weightOf(next.value), result });
        weight += pending.at(-1)?.weight ?? 0;
      }
      const first = pending.shift();
      if (!first) break;
      weight -= first.weight;
      yield await first.result;
    }
  } finally {
    await iterator.return?.();
  }
  if (fault) throw (fault as { error: unknown }).error;
}
