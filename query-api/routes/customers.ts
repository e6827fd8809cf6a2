/** Customers: by score or by when they were last seen, and one with its timeline. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { type HttpRequest, json, Problem, type Reply } from '../../lib/http.ts';
import { type DescribedRoute, describe, pageAnswer } from '../contract.ts';
import type { IngestClient } from '../ingest-client.ts';
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

/** What became of a lead, as a change of the CRM: it is on the timeline, and the score learns from it. */
export function leadRoutes(ingest: Pick<IngestClient, 'change'>): DescribedRoute[] {
  return [
    describe({
      method: 'POST',
      path: '/api/leads/:id/outcome',
      access: 'write_own',
      tag: 'Customers',
      summary: 'Say that a lead was won or lost; the scores learn from it',
      query: z.strictObject({ organization_id: name.optional() }),
      body: outcome,
      answers: { 202: { description: 'Durable, and on its way to the score', schema: outcomeTaken } },
      problems: [502, 503, 504],
      audited: 'lead.outcome',
      async handle({ request, query, body, tables }) {
        const person_id = (request.parameters.id ?? '').toLowerCase();
        const customer = await findCustomer(await tables(), person_id, query.organization_id);
        if (customer === null) throw new Problem(404, 'there is no such customer');
        const { organization_id } = customer;
        const { outcome, amount, occurred_at = new Date().toISOString() } = body;
        // Named by its content, an outcome told again after it was taken back would be a duplicate of the first.
        const change = {
          ...{ crm: 'lead', id: person_id, change_id: randomUUID(), changed_at: occurred_at, email: person_id },
          ...{ stage: outcome, outcome, amount, fields: { said_by: 'api' } },
        };
        const owner = { organization_id, mailbox: '', owner_id: '', team_id: '' };
        const { record_id } = await ingest.change(change, owner);
        return json(202, { person_id, outcome, occurred_at, record_id });
      },
    }),
  ];
}

const outcome = z
  .strictObject({
    outcome: z.enum(['won', 'lost']),
    amount: z.number().min(-1e15).max(1e15).optional().describe('In the CRM’s currency'),
    occurred_at: z.iso.datetime({ offset: true }).optional().describe('Now where it is absent'),
  })
  .meta({ id: 'LeadOutcome' });
const outcomeTaken = z
  .object({ person_id: z.string(), outcome: z.string(), occurred_at: z.string(), record_id: z.string() })
  .meta({ id: 'LeadOutcomeTaken' });

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
