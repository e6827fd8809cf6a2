import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { gather } from './gather.ts';

const lengths = { items_max: 3, bytes_max: 10, bytesOf: (item: string) => item.length };

function gatherer(ms: number) {
  const calls: string[][] = [];
  const ask = gather<string, string>({
    ...lengths,
    ms,
    call: async items => {
      calls.push([...items]);
      if (items.includes('bad')) throw new Error('no');
      return items.map(item => item.toUpperCase());
    },
  });
  return { calls, ask };
}

it('sends the first at once, those that come soon after together, and gives each its own answer', async () => {
  const { calls, ask } = gatherer(20);
  const answers = ['a', 'b', 'c'].map(ask);
  expect(calls).toEqual([['a']]);
  expect(await Promise.all(answers)).toEqual(['A', 'B', 'C']);
  expect(calls).toEqual([['a'], ['b', 'c']]);
});

it('does not wait with a call that is full, by count or by bytes', () => {
  const { calls, ask } = gatherer(60_000);
  for (const item of ['a', '1', '2', '3', '123456789', 'xy', 'left']) void ask(item);
  expect(calls).toEqual([['a'], ['1', '2', '3'], ['123456789']]);
});

it('takes an item that is larger than a call may be', () => {
  const { calls, ask } = gatherer(60_000);
  for (const item of ['a', 'far too long for one', 'b']) void ask(item);
  expect(calls).toEqual([['a'], ['far too long for one']]);
});

it('lets a failed call fail those that were in it, and goes on', async () => {
  const { ask } = gatherer(5);
  await ask('first');
  const failed = await Promise.allSettled([ask('bad'), ask('b')]);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await sleep(10);
  expect(await ask('c')).toBe('C');
});
