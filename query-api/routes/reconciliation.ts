/** Whether every record that was read is accounted for, and those that were refused. */
import { z } from 'zod';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { type HttpRequest, json, type Reply } from '../../lib/http.ts';
import { shared } from '../../lib/shared.ts';
import type { ApiRoute } from '../auth/access.ts';
import { name, parseQuery } from '../parameters.ts';
import { type SourceAccount, sourceAccounts } from '../queries/reconciliation.ts';
import { type TopicAccountParts, topicAccounts } from '../topic-accounts.ts';

export function reconciliationRoutes(parts: TopicAccountParts): ApiRoute[] {
  // It reads every record of every topic: callers who ask at the same time share one answer.
  const ofTopics = shared(async () => {
    const topics = await topicAccounts(parts);
    return json(200, { balanced: topics.every(topic => topic.balanced), topics });
  });
  const path = '/api/reconciliation';
  return [
    { method: 'GET', path, access: 'read', handler: request => reconcile(request, parts.clickhouse) },
    { method: 'GET', path: `${path}/topics`, access: 'admin', handler: ofTopics },
  ];
}

async function reconcile(request: HttpRequest, clickhouse: ClickHouse): Promise<Reply> {
  const { organization_id } = parseQuery(z.strictObject({ organization_id: name.optional() }), request);
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
