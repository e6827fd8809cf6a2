/** Customers: by score or by when they were last seen, and one with its timeline. */
import { z } from 'zod';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { type HttpRequest, json, Problem, type Reply } from '../../lib/http.ts';
import { type DescribedRoute, describe, pageAnswer } from '../contract.ts';
import { pageParameters, pageReply } from '../page.ts';
import { name, words } from '../parameters.ts';
import { customerSorts, findCustomer, listCustomers, timelineOf } from '../queries/customers.ts';
import { customerSchema, interactionSchema } from '../rows.ts';

export function customerRoutes(): DescribedRoute[] {
  const tag = 'Customers';
  return [
    describe({
      method: 'GET',
      path: '/api/customers',
      access: 'read',
      tag,
      summary: 'Customers, the highest score first or as `sort` says',
      query: customerQuery,
      answers: { 200: pageAnswer(customerSchema) },
      cached: true,
      fresh: true,
      handle: async ({ request, query, tables }) => list(request, query, await tables()),
    }),
    describe({
      method: 'GET',
      path: '/api/customers/:id',
      access: 'read',
      tag,
      summary: 'A customer with the newest of the timeline',
      query: z.strictObject({ organization_id: name.optional() }),
      answers: { 200: { description: 'The customer', schema: customerInFull } },
      cached: true,
      fresh: true,
      handle: async ({ request, query, tables }) =>
        read(request.parameters.id ?? '', query.organization_id, await tables()),
    }),
  ];
}

const customerInFull = customerSchema.extend({ timeline: z.array(interactionSchema) }).meta({ id: 'CustomerInFull' });

export const customerFilters = {
  organization_id: name.optional(),
  grade: z.enum(['A', 'B', 'C', 'D', 'E']).optional(),
  outcome: z.enum(['won', 'lost', 'open']).optional(),
  q: words.optional(),
};
export const customerQuery = z.strictObject({
  ...customerFilters,
  ...pageParameters(customerSorts, '-score', customerSchema),
});

function list(request: HttpRequest, query: z.output<typeof customerQuery>, clickhouse: ClickHouse): Promise<Reply> {
  const { q, ...filter } = query;
  return pageReply(request, customerSorts, query, (order, rows_max) =>
    listCustomers(clickhouse, { ...filter, words: q }, order, rows_max),
  );
}

async function read(id: string, organization_id: string | undefined, clickhouse: ClickHouse): Promise<Reply> {
  const customer = await findCustomer(clickhouse, id, organization_id);
  if (customer === null) throw new Problem(404, 'there is no such customer');
  return json(200, { ...customer, timeline: await timelineOf(clickhouse, customer) });
}
