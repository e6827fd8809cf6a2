import { afterEach, beforeEach, expect, describe as group, it, vi } from 'vitest';
import { type HttpRequest, json } from '../lib/http.ts';
import type { Logger } from '../lib/log.ts';
import { describe } from './contract.ts';
import { type FreshnessWatch, freshness, freshnessOf, watchFreshness } from './freshness.ts';

/** Where each group reads on, and where its topic ends. */
const broker = { committed: new Map<string, number>(), ends: new Map<string, number>(), asked: 0, is_away: false };
const of = (map: ReadonlyMap<string, number>, topics: readonly string[]): Map<string, number> =>
  new Map([...map].filter(([place]) => topics.some(topic => place.startsWith(`${topic}/`))));
vi.mock('../lib/kafka-admin.ts', () => ({
  openOffsetReader: async () => ({
    async committed(group_id: string, topics: readonly string[]) {
      if (broker.is_away) throw new Error('no broker');
      if (group_id === 'sink') broker.asked++;
      return of(broker.committed, topics);
    },
    ends: async (topics: readonly string[]) => of(broker.ends, topics),
    close: async () => undefined,
  }),
}));

const log = { warn: () => undefined, debug: () => undefined, error: () => undefined } as unknown as Logger;
const groups = [
  { stage: 'enrich-mail', group_id: 'enrich-mail', topics: ['email.accepted.v1'] },
  { stage: 'sink', group_id: 'sink', topics: ['email.enriched.v1'] },
];
let watch: FreshnessWatch;
beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  Object.assign(broker, { asked: 0, is_away: false });
  broker.committed = new Map([
    ['email.accepted.v1/0', 7],
    ['email.enriched.v1/0', 5],
  ]);
  broker.ends = new Map(broker.committed);
  watch = watchFreshness({ kafka: {} as never, groups, log });
});
afterEach(async () => {
  const closed = watch.close();
  await vi.advanceTimersByTimeAsync(5_000);
  await closed;
  vi.useRealTimers();
});

group('freshness', () => {
  it('is a time before which all is stored, told when kept answers have it too', async () => {
    await vi.advanceTimersByTimeAsync(400);
    expect((await watch.now()).watermark_ms).toBeNull();
    await vi.advanceTimersByTimeAsync(200);
    expect(await watch.now()).toMatchObject({
      watermark_ms: 1_000_000,
      backlog: { to_process: 0, to_enrich: 0, to_store: 0 },
    });
  });

  it('stands while something is not stored, and says how much', async () => {
    await vi.advanceTimersByTimeAsync(600);
    broker.ends.set('email.enriched.v1/0', 9).set('email.accepted.v1/0', 10);
    await vi.advanceTimersByTimeAsync(10_000);
    const { watermark_ms, backlog } = await watch.now();
    expect(backlog).toEqual({ to_process: 3, to_enrich: 3, to_store: 4 });
    expect(watermark_ms).toBeLessThanOrEqual(1_001_100);
    broker.committed = new Map(broker.ends);
    await vi.advanceTimersByTimeAsync(3_000);
    expect((await watch.now()).watermark_ms).toBeGreaterThan(1_010_000);
  });

  it('is asked once a second, however many want it, and waits for no broker that is away', async () => {
    await watch.now();
    const { asked } = broker;
    await Promise.all(Array.from({ length: 50 }, () => watch.now()));
    expect(broker.asked).toBe(asked);
    broker.is_away = true;
    await vi.advanceTimersByTimeAsync(20_000);
    expect((await watch.now()).backlog).toBeNull();
  });

  it('is in headers, where the contract says so, and leaves the tag as it is', async () => {
    const route = (fresh: boolean) =>
      describe({
        ...{ method: 'GET', path: '/api/things', access: 'read', tag: 'Things', summary: 'Things', answers: {}, fresh },
        handle: async () => json(200, {}),
      });
    await vi.advanceTimersByTimeAsync(600);
    const request = { method: 'GET', query: new URLSearchParams(), headers: new Map() } as unknown as HttpRequest;
    const [fresh, plain] = [
      await watch.told(route(true)).handler(request, null),
      await watch.told(route(false)).handler(request, null),
    ];
    expect(fresh.headers).toMatchObject({
      'millrace-watermark': '1970-01-01T00:16:40.000Z',
      'millrace-backlog': 'to_process=0, to_enrich=0, to_store=0',
      etag: plain.headers?.etag,
    });
    expect(plain.headers).not.toHaveProperty('millrace-watermark');
  });

  it('is complete of a frame that ends before the watermark', () => {
    const fresh = { watermark_ms: 2_000, backlog: null, as_of_ms: 3_000 };
    expect([1_999, 2_000, 2_001].map(end_ms => freshnessOf(fresh, end_ms).complete)).toEqual([true, true, false]);
    expect(freshness.safeParse(freshnessOf(fresh, 1)).success).toBe(true);
    expect(freshnessOf({ ...fresh, watermark_ms: null }, 0)).toMatchObject({ watermark: null, complete: false });
  });
});
