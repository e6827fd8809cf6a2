/** Whether every record that was read is accounted for, and those that were refused. */
import { z } from 'zod';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { json, type Reply } from '../../lib/http.ts';
import { shared } from '../../lib/shared.ts';
import { type DescribedRoute, describe } from '../contract.ts';
import { name } from '../parameters.ts';
import { type SourceAccount, sourceAccounts } from '../queries/reconciliation.ts';
import { instant as time } from '../rows.ts';
import { type TopicAccountParts, topicAccount, topicAccounts } from '../topic-accounts.ts';

export function reconciliationRoutes(parts: TopicAccountParts): DescribedRoute[] {
  // It reads every record of every topic: callers who ask at the same time share one answer.
  const ofTopics = shared(async () => {
    const topics = await topicAccounts(parts);
    return json(200, { balanced: topics.every(topic => topic.balanced), topics });
  });
  const path = '/api/reconciliation';
  const tag = 'Trust';
  return [
    describe({
      method: 'GET',
      path,
      access: 'read',
      tag,
      summary: 'How what each source read has ended',
      query: z.strictObject({ organization_id: name.optional() }),
      answers: { 200: { description: 'By source, and altogether', schema: reconciliation } },
      handle: ({ query }) => reconcile(query.organization_id, parts.clickhouse),
    }),
    describe({
      method: 'GET',
      path: `${path}/topics`,
      access: 'admin',
      tag,
      summary: 'Every record that lies committed in a topic, held against the rows of its table',
      answers: { 200: { description: 'By topic', schema: topicReconciliation } },
      handle: ofTopics,
    }),
  ];
}

const ends = {
  read: z.int(),
  stored: z.int(),
  duplicate: z.int(),
  dead_letter: z.int(),
  filtered: z.int(),
  erased: z.int(),
  expired: z.int(),
  in_flight: z.int().describe('Below 0 while a position lands after the records it covers'),
};
const reconciliation = z
  .object({
    balanced: z.boolean(),
    total: z.object(ends),
    sources: z.array(
      z.object({
        organization_id: z.string(),
        source: z.string(),
        connector: z.string(),
        done: z.boolean(),
        error: z.string().nullable(),
        read_at: time,
        ...ends,
        repeated: z.int(),
        late: z.int(),
        balanced: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'Reconciliation' });
const topicReconciliation = z
  .object({ balanced: z.boolean(), topics: z.array(topicAccount) })
  .meta({ id: 'TopicReconciliation' });

async function reconcile(organization_id: string | undefined, clickhouse: ClickHouse): Promise<Reply> {
  return json(200, reconciliationOf(await sourceAccounts(clickhouse, organization_id)));
}

const counted = ['read', 'stored', 'duplicate', 'dead_letter', 'filtered', 'erased', 'expired', 'in_flight'] as const;

export function reconciliationOf(accounts: readonly SourceAccount[]) {
  const sources = accounts.map(({ unread, ...account }) => ({
    ...account,
    balanced: isBalanced({ ...account, unread }),
  }));
  const total = Object.fromEntries(
    counted.map(column => [column, accounts.reduce((sum, account) => sum + account[column], 0)]),
  );
  return { balanced: sources.every(source => source.balanced), total, sources };
}

/** Nothing ended twice, nothing ended that was not read; and of a source read to its end, nothing is still under way. */
function isBalanced({ done, in_flight, repeated, unread }: SourceAccount): boolean {
  return repeated === 0 && unread === 0 && (done ? in_flight === 0 : in_flight >= 0);
}
