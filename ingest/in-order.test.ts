import { describe, expect, it, vi } from 'vitest';
import { withResolvers } from '../lib/lifecycle.ts';
import { inOrder } from './in-order.ts';

async function* from<T>(items: readonly T[], fault?: Error): AsyncGenerator<T> {
  yield* items;
  if (fault) throw fault;
}

describe('inOrder', () => {
  it('keeps the order of the items whatever finishes first, and never holds more than it may', async () => {
    const gates = [0, 1, 2, 3].map(() => withResolvers<void>());
    let held = 0;
    let most = 0;
    const results = inOrder(from([0, 1, 2, 3]), { count: 2 }, async i => {
      most = Math.max(most, ++held);
      await gates[i]?.promise;
      held--;
      return i;
    });
    const seen: number[] = [];
    const reading = (async () => {
      for await (const i of results) seen.push(i);
    })();
    await vi.waitFor(() => expect(held).toBe(2));
    for (const gate of gates.toReversed()) gate.resolve();
    await reading;
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(most).toBe(2);
  });

  it('takes no further item once those held weigh enough', async () => {
    let most = 0;
    let held = 0;
    const limits = { count: 10, weight: 5, weightOf: (item: number) => item };
    const results = inOrder(from([3, 3, 3, 3, 9, 1]), limits, async item => {
      held += item;
      most = Math.max(most, held);
      return item;
    });
    for await (const item of results) held -= item;
    expect(held).toBe(0);
    // Two of 3 pass the limit; the one of 9 is let in because a third of 3 alone does not.
    expect(most).toBe(12);
  });

  it("throws the source's fault after everything read before it", async () => {
    const seen: number[] = [];
    const run = async (): Promise<void> => {
      for await (const i of inOrder(from([1, 2, 3], new Error('cut')), { count: 8 }, async i => i)) seen.push(i);
    };
    await expect(run()).rejects.toThrow('cut');
    expect(seen).toEqual([1, 2, 3]);
  });
});
