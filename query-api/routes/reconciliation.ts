/** Whether every record that was read is accounted for, and those that were refused. */
import { z } from 'zod';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { type HttpRequest, json, type Reply } from '../../lib/http.ts';
import type { ApiRoute } from '../auth/access.ts';
import { name, parseQuery } from '../parameters.ts';
import { type SourceAccount, sourceAccounts } from '../queries/reconciliation.ts';

export function reconciliationRoutes(clickhouse: ClickHouse): ApiRoute[] {
  return [
    { method: 'GET', path: '/api/reconciliation', access: 'read', handler: request => reconcile(request, clickhouse) },
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
