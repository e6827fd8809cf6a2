import { describe, expect, it } from 'vitest';
import { type Asking, answersTo, batchRecordsOf, limited } from './asking.ts';
import { messageOf } from './errors.ts';
import { pause } from './lifecycle.ts';

const never = new AbortController().signal;
const ignore = (): void => undefined;
const numbered = (count: number): Map<string, unknown> =>
  new Map(Array.from({ length: count }, (_, i) => [`key ${i}`, i]));

function asking(ask: Asking['ask'], more: Partial<Asking> = {}): Asking {
  return { in_flight_max: 3, timeout_ms: 1_000, ask, failed: (_, error) => messageOf(error), ...more };
}

describe('answersTo', () => {
  it('answers each by its key, never more than so many at a time', async () => {
    let now = 0;
    let most = 0;
    let beats = 0;
    const ask = async (record: unknown) => {
      most = Math.max(most, ++now);
      await pause(1);
      now--;
      return (record as number) * 10;
    };
    const answers = await answersTo(asking(ask), numbered(20), never, () => beats++);
    expect(answers?.size).toBe(20);
    expect(answers?.get('key 7')).toBe(70);
    expect(most).toBe(3);
    expect(beats).toBe(20);
  });

  it('has an answer for one that throws, and for one that neither answers nor heeds its signal', async () => {
    const ask = async (record: unknown) => {
      if (record === 0) throw new Error('broken');
      return record === 1 ? new Promise(ignore) : 'fine';
    };
    const answers = await answersTo(asking(ask, { timeout_ms: 20 }), numbered(3), never, ignore);
    expect([...(answers?.values() ?? [])]).toEqual(
      expect.arrayContaining(['broken', 'no answer within 20 ms', 'fine']),
    );
  });

  it('ends at once when it is to stop, without answers that nobody gave', async () => {
    const stop = new AbortController();
    const failed: unknown[] = [];
    const ask = (_: unknown, signal: AbortSignal) => {
      setImmediate(() => stop.abort());
      return new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const waiting = asking(ask, { timeout_ms: 60_000, failed: record => failed.push(record) });
    expect(await answersTo(waiting, numbered(5), stop.signal, ignore)).toBeNull();
    // Whoever was being asked then; the others were never begun.
    expect(failed.length).toBeLessThanOrEqual(3);
  });
});

it('a batch is of four rounds, and of fewer where they could take more than a minute', () => {
  const ask = async () => null;
  expect(batchRecordsOf(asking(ask, { in_flight_max: 8, timeout_ms: 10_000 }))).toBe(32);
  expect(batchRecordsOf(asking(ask, { in_flight_max: 8, timeout_ms: 25_000 }))).toBe(16);
  expect(batchRecordsOf(asking(ask, { in_flight_max: 8, timeout_ms: 60_000 }))).toBe(8);
});

it('limited leaves nothing behind at the outer signal', async () => {
  const outer = new AbortController();
  let listening = 0;
  const { signal } = outer;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = ((...args: Parameters<typeof add>) => {
    listening++;
    add(...args);
  }) as typeof add;
  signal.removeEventListener = ((...args: Parameters<typeof remove>) => {
    listening--;
    remove(...args);
  }) as typeof remove;
  for (let i = 0; i < 10; i++) expect(await limited(1_000, signal, async () => i)).toBe(i);
  expect(listening).toBe(0);
});
