/** Customers: by score or by when they were last seen, and one with its timeline. */
import { z } from 'zod';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { type HttpRequest, json, Problem, type Reply } from '../../lib/http.ts';
import type { ApiRoute } from '../auth/access.ts';
import { pageOf, readCursor, timeKey } from '../page.ts';
import { limit, name, parseQuery, words } from '../parameters.ts';
import { type CustomerKey, customerKey, findCustomer, listCustomers, timelineOf } from '../queries/customers.ts';

export function customerRoutes(clickhouse: ClickHouse): ApiRoute[] {
  return [
    { method: 'GET', path: '/api/customers', access: 'read', handler: request => list(request, clickhouse) },
    { method: 'GET', path: '/api/customers/:id', access: 'read', handler: request => read(request, clickhouse) },
  ];
}

export const customerQuery = z.strictObject({
  organization_id: name.optional(),
  grade: z.enum(['A', 'B', 'C', 'D', 'E']).optional(),
  outcome: z.enum(['won', 'lost', 'open']).optional(),
  q: words.optional(),
  order: z.enum(['score', 'last_seen']).default('score'),
  limit,
  cursor: z.string().optional(),
});
const cursorKey = timeKey(2) as z.ZodType<CustomerKey>;

async function list(request: HttpRequest, clickhouse: ClickHouse): Promise<Reply> {
  const { q, order, limit, cursor, ...filter } = parseQuery(customerQuery, request);
  const after = readCursor(cursorKey, cursor);
  const rows = await listCustomers(clickhouse, { ...filter, words: q, after }, order, limit + 1);
  return json(
    200,
    pageOf(rows, limit, row => customerKey(order, row)),
  );
}

async function read(request: HttpRequest, clickhouse: ClickHouse): Promise<Reply> {
  const { organization_id } = parseQuery(z.strictObject({ organization_id: name.optional() }), request);
  const customer = await findCustomer(clickhouse, request.parameters.id ?? '', organization_id);
  if (customer === null) throw new Problem(404, 'there is no such customer');
  return json(200, { ...customer, timeline: await timelineOf(clickhouse, customer) });
}
