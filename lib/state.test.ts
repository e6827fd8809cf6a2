import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPartitionState, type PartitionState, type StateCodec } from './state.ts';
import { type LocalPartition, openStateFile, type StateFile } from './state-file.ts';

/** Values are numbers, and each is the time at which its key is to be woken; one below 0 never is. */
const codec: StateCodec = {
  encode: value => Buffer.from(String(value)),
  decode: bytes => Number(bytes.toString()),
  due_ms: value => ((value as number) < 0 ? null : (value as number)),
};
const at = (next_offset: number) => ({ topic_id: 'id', next_offset, layout: 'timed', at_ms: 0 });

let dir: string;
let file: StateFile;
let state: PartitionState;

const reopen = async (): Promise<void> => {
  await file?.close();
  file = openStateFile(dir);
  state = createPartitionState(file.partition('changelog', 0, true), codec);
};

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-state-'));
  await reopen();
});
afterEach(async () => {
  await file.close();
  rmSync(dir, { recursive: true });
});

function commit(changes: Record<string, number | null>): void {
  for (const [key, value] of Object.entries(changes)) state.set(key, value);
  state.apply();
}

describe('partition state', () => {
  it('reads through the open transaction and forgets it when it is aborted', () => {
    commit({ a: 1 });
    state.set('a', null);
    state.set('b', 2);
    expect([state.get('a'), state.get('b')]).toEqual([null, 2]);
    state.discard();
    expect([state.get('a'), state.get('b')]).toEqual([1, null]);
  });

  it('hands on each changed key once, and keeps it when committed', () => {
    state.set('a', 1);
    state.set('a', 2);
    expect(state.changes()).toMatchObject([{ key: 'a', value: 2 }]);
    state.apply();
    expect(state.changes()).toEqual([]);
    expect(state.get('a')).toBe(2);
  });

  it.each([
    ['kept in memory', () => undefined],
    ['saved', () => state.save(at(1), 1)],
    ['saved and opened again', () => [state.save(at(1), 1), reopen()][1]],
  ])('wakes each due key once, with its value in the open transaction, when %s', async (_, between) => {
    commit({ a: 10, b: 20, c: 30, never: -1, gone: 5 });
    commit({ gone: null });
    await between();
    state.set('b', 40);
    state.set('d', 15);
    state.set('c', null);
    const seen: [string, unknown][] = [];
    for (const entry of state.due(30)) {
      seen.push(entry);
      state.set(entry[0], 12);
    }
    expect(seen.sort()).toEqual([
      ['a', 10],
      ['d', 15],
    ]);
  });

  it('moves a key in the order of time when its value changes', async () => {
    commit({ a: 10 });
    state.save(at(1), 1);
    commit({ a: 50 });
    state.save(at(2), 1);
    await reopen();
    expect([...state.due(49)]).toEqual([]);
    expect([...state.due(50)]).toEqual([['a', 50]]);
  });

  it('has the saved values when it is opened again, and not those committed since', async () => {
    commit({ a: 1, b: 2 });
    state.save(at(7), 3);
    commit({ a: 5 });
    await reopen();
    expect([state.get('a'), state.get('b'), state.size()]).toEqual([1, 2, 2]);
    expect(file.partition('changelog', 0, true).checkpoint()).toMatchObject({ next_offset: 7, schema_ids: [3] });
  });

  it('reads more keys than its memory may hold', () => {
    const count = 100_000;
    for (let i = 0; i < count; i++) state.set(`key ${i}`, i);
    state.apply();
    state.save(at(1), 1);
    for (let i = 0; i < count; i += 7) if (state.get(`key ${i}`) !== i) throw new Error(`key ${i} is lost`);
    expect(state.size()).toBe(count);
  });

  it('keeps no more of what was saved in memory than it may', () => {
    const values = { ...codec, encode: (value: unknown) => Buffer.alloc(1_000, String(value)) };
    const saved = new Map<string, Buffer>();
    let reads = 0;
    const local: LocalPartition = {
      checkpoint: () => null,
      get(key) {
        reads++;
        return saved.get(key) ?? null;
      },
      due: () => [],
      write(changes) {
        for (const { key, value } of changes) saved.set(key, value as Buffer);
      },
      clear: () => undefined,
      size: () => saved.size,
    };
    const small = createPartitionState(local, values);
    const keys = Array.from({ length: 20_000 }, (_, i) => `key ${i}`);
    for (const key of keys) small.set(key, 7);
    small.apply();
    small.save(at(1), 1);
    // Twice: what is used again counts as much as at first.
    for (const round of [1, 2]) {
      reads = 0;
      for (const key of keys) small.get(key);
      expect(reads, `round ${round}`).toBeGreaterThan(keys.length - 4_200);
    }
  });

  it.each(['', 'x'.repeat(5_000), 'ü'.repeat(1_500), 'a#b/c"d'])('takes any key', key => {
    commit({ [key]: 9 });
    state.save(at(1), 1);
    expect([...state.due(9)]).toEqual([[key, 9]]);
    commit({ [key]: null });
    state.save(at(2), 1);
    expect([state.get(key), state.size(), [...state.due(9)]]).toEqual([null, 0, []]);
  });
});

it('lets only the process write that opened the file last', () => {
  commit({ a: 1 });
  const before = file;
  const after = openStateFile(dir);
  commit({ a: 2 });
  expect(() => state.save(at(1), 1)).toThrow('another process has taken the state over');
  file = after;
  return before.close();
});
