import { describe, expect, it } from 'vitest';
import { createPartitionState } from './state.ts';

describe('partition state', () => {
  it('reads through the open transaction and forgets it when it is aborted', () => {
    const state = createPartitionState(new Map([['a', 1]]));
    state.set('a', null);
    state.set('b', 2);
    expect([state.get('a'), state.get('b')]).toEqual([null, 2]);
    state.discard();
    expect([state.get('a'), state.get('b')]).toEqual([1, null]);
  });

  it('walks through each key once, with its value in the open transaction, while keys change on the way', () => {
    const state = createPartitionState(
      new Map([
        ['a', 1],
        ['b', 1],
        ['c', 1],
      ]),
    );
    state.set('b', 2);
    state.set('c', null);
    const seen: [string, unknown][] = [];
    for (const entry of state.entries()) {
      seen.push(entry);
      state.set(entry[0], 3);
    }
    expect(seen).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });

  it('hands on each changed key once, and keeps it when committed', () => {
    const state = createPartitionState(new Map());
    state.set('a', 1);
    state.set('a', 2);
    expect([...state.changes()]).toEqual([['a', 2]]);
    state.apply();
    expect([...state.changes()]).toEqual([]);
    expect(state.get('a')).toBe(2);
    expect(state.size).toBe(1);
  });
});
