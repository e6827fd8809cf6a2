import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type EndsWatch, watchEnds } from './ends-watch.ts';
import type { EndRange, RecordEnd } from './queries/ends.ts';

const log = pino({ level: 'silent' });
const record = (sequence: number, source = 'api') => ({ organization_id: 'default', source, sequence });
const ended = (sequence: number, end: RecordEnd['end'] = 'stored', source = 'api'): RecordEnd => ({
  ...record(sequence, source),
  end,
  record_id: `r${sequence}`,
});
const { signal } = new AbortController();

let watch: EndsWatch;
let asked: EndRange[];
let known: RecordEnd[];

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  known = [];
  watch = watchEnds({
    endsBetween: async range => {
      asked.push(range);
      return known.filter(
        end => end.source === range.source && end.sequence >= range.first && end.sequence <= range.last,
      );
    },
    log,
    poll_ms: 10,
    waiters_max: 3,
  });
});
afterEach(() => {
  watch.close();
  vi.useRealTimers();
});

describe('waiting for the end of a record', () => {
  it('resolves once the end is there', async () => {
    const end = watch.wait(record(7), 1_000, signal);
    await vi.advanceTimersByTimeAsync(25);
    known.push(ended(7, 'duplicate'));
    await vi.advanceTimersByTimeAsync(10);
    expect(await end).toMatchObject({ end: 'duplicate', record_id: 'r7' });
  });

  it('asks once a turn and source for all who wait, and nothing once nobody does', async () => {
    const all = Promise.all([
      watch.wait(record(5), 35, signal),
      watch.wait(record(9), 35, signal),
      watch.wait(record(2, 'b'), 35, signal),
    ]);
    await vi.advanceTimersByTimeAsync(12);
    expect(asked.slice(-2)).toMatchObject([
      { source: 'api', first: 5, last: 9 },
      { source: 'b', first: 2, last: 2 },
    ]);
    await vi.advanceTimersByTimeAsync(100);
    expect(await all).toEqual([null, null, null]);
    const turns = asked.length;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toHaveLength(turns);
  });

  it("does not take another organisation's or source's end for its own", async () => {
    known.push({ ...ended(7), organization_id: 'other' }, ended(7, 'stored', 'b'));
    const end = watch.wait(record(7), 50, signal);
    await vi.advanceTimersByTimeAsync(60);
    expect(await end).toBeNull();
  });

  it('ends when the client is gone, at the limit, and when closed', async () => {
    const client = new AbortController();
    const gone = watch.wait(record(1), 1_000, client.signal);
    client.abort();
    expect(await gone).toBeNull();
    const waiting = [1, 2, 3].map(sequence => watch.wait(record(sequence), 1_000, signal));
    expect(await watch.wait(record(4), 1_000, signal)).toBeNull();
    watch.close();
    expect(await Promise.all(waiting)).toEqual([null, null, null]);
    expect(await watch.wait(record(5), 1_000, signal)).toBeNull();
  });

  it('outlives a failing engine', async () => {
    let failures = 2;
    const shaky = watchEnds({
      endsBetween: async () => {
        if (failures-- > 0) throw new Error('away');
        return [ended(1)];
      },
      log,
      poll_ms: 10,
    });
    const end = shaky.wait(record(1), 5_000, signal);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await end).toMatchObject({ end: 'stored' });
    shaky.close();
  });
});
