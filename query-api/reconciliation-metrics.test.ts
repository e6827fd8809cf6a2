import { describe, expect, it } from 'vitest';
import { createMetrics } from '../lib/metrics.ts';
import type { SourceAccount } from './queries/reconciliation.ts';
import { watchReconciliation } from './reconciliation-metrics.ts';

const account: SourceAccount = {
  organization_id: 'acme',
  source: 'mail',
  connector: 'mbox',
  done: true,
  error: null,
  read_at: '2026-01-01T00:00:00.000Z',
  read: 10,
  stored: 8,
  duplicate: 1,
  dead_letter: 1,
  filtered: 0,
  erased: 0,
  expired: 0,
  in_flight: 0,
  repeated: 0,
  unread: 0,
  late: 0,
};

async function told(accounts: () => Promise<SourceAccount[]>): Promise<Record<string, number>> {
  const metrics = createMetrics('api');
  watchReconciliation(accounts, metrics);
  const all = await metrics.getMetricsAsJSON();
  const ours = all.filter(({ name }) => name.startsWith('millrace_reconciliation'));
  return Object.fromEntries(
    ours.flatMap(({ name, values }) =>
      values.map(({ labels, value }) => [labels.end === undefined ? name : String(labels.end), value]),
    ),
  );
}

describe('watchReconciliation', () => {
  it('sums over the sources and counts those that do not add up', async () => {
    const stuck = { ...account, source: 'events', stored: 6, in_flight: 2, repeated: 1 };
    expect(await told(async () => [account, stuck])).toEqual({
      ...{ read: 20, stored: 14, duplicate: 2, dead_letter: 2, filtered: 0, erased: 0, expired: 0, in_flight: 2 },
      ...{ repeated: 1, unread: 0 },
      millrace_reconciliation_unbalanced_sources: 1,
    });
  });

  it('says nothing where ClickHouse does not answer', async () => {
    expect(await told(() => Promise.reject(new Error('away')))).toEqual({});
  });
});
