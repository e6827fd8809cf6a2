import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { OffsetReader } from './kafka-admin.ts';
import { watchLag } from './lag.ts';
import { createMetrics } from './metrics.ts';

const log = pino({ level: 'silent' });
const groups = [{ stage: 'sink', group_id: 'millrace.sink', topics: ['a.v1', 'b.v1'] }];

function readerOf(committed: Record<string, number>, ends: Record<string, number>) {
  let asked = 0;
  let closed = 0;
  const reader: OffsetReader = {
    committed: async () => new Map(Object.entries(committed)),
    ends: async () => {
      asked++;
      return new Map(Object.entries(ends));
    },
    partitions: async () => [],
    close: async () => void closed++,
  };
  return { reader, asked: () => asked, closed: () => closed };
}

async function lagIn(metrics: ReturnType<typeof createMetrics>): Promise<Record<string, number>> {
  const metric = await metrics.getSingleMetric('millrace_consumer_lag_records')?.get();
  return Object.fromEntries(
    (metric?.values ?? []).map(({ labels, value }) => [`${labels.stage} ${labels.topic}`, value]),
  );
}

describe('watchLag', () => {
  it('sums a topic over its partitions; where a group has not committed it has everything before it', async () => {
    const metrics = createMetrics('test');
    const { reader } = readerOf(
      { 'a.v1/0': 7, 'a.v1/1': 10 },
      { 'a.v1/0': 10, 'a.v1/1': 10, 'a.v1/2': 5, 'b.v1/0': 0 },
    );
    watchLag({ groups, open: async () => reader, metrics, log });
    expect(await lagIn(metrics)).toEqual({ 'sink a.v1': 8, 'sink b.v1': 0 });
  });

  it('does not ask again for every scrape', async () => {
    const metrics = createMetrics('test');
    const { reader, asked } = readerOf({}, {});
    watchLag({ groups, open: async () => reader, metrics, log });
    await Promise.all([lagIn(metrics), lagIn(metrics)]);
    await lagIn(metrics);
    expect(asked()).toBe(1);
  });

  it('says nothing while the broker is away, and lets go of the connection', async () => {
    const metrics = createMetrics('test');
    const { reader, closed } = readerOf({}, {});
    const away = { ...reader, committed: () => Promise.reject(new Error('away')) };
    watchLag({ groups, open: async () => away, metrics, log });
    expect(await lagIn(metrics)).toEqual({});
    expect(closed()).toBe(1);
  });
});
