/** Conversations: those that wait longest, by whom, and one with its mails. */
import { z } from 'zod';
import type { BusinessClocks } from '../../lib/business-time.ts';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { type HttpRequest, json, Problem, type Reply } from '../../lib/http.ts';
import { type DescribedRoute, describe, pageAnswer } from '../contract.ts';
import { conversationSchema } from '../conversation-row.ts';
import { pageParameters, pageReply } from '../page.ts';
import { name, words } from '../parameters.ts';
import { conversationSorts, findConversation, listConversations, mailsOf, type Now } from '../queries/conversations.ts';
import { emailSchema } from '../rows.ts';
import { sayingSchema, whatIsSaid } from '../thread-summary.ts';

/** `clocks` say the working hours by which the waits of each organisation are told. */
export function conversationRoutes(clocks: BusinessClocks): DescribedRoute[] {
  const tag = 'Conversations';
  const now = (): Now => ({ clocks, now_ms: Date.now() });
  return [
    describe({
      method: 'GET',
      path: '/api/conversations',
      access: 'read',
      tag,
      summary: 'Threads, those that wait longest first or as `sort` says',
      query: conversationQuery,
      answers: { 200: pageAnswer(conversationSchema) },
      // No answer is kept: what waits waits longer.
      fresh: true,
      handle: async ({ request, query, tables }) => list(request, query, await tables(), now()),
    }),
    describe({
      method: 'GET',
      path: '/api/conversations/:id',
      access: 'read',
      tag,
      summary: 'A thread with its newest mails, and what is said in those that the caller may read',
      query: z.strictObject({ organization_id: name.optional() }),
      answers: { 200: { description: 'The conversation', schema: conversationInFull } },
      fresh: true,
      handle: async ({ request, query, tables }) =>
        read(request.parameters.id ?? '', query.organization_id, await tables(), now()),
    }),
  ];
}

const conversationInFull = conversationSchema
  .extend({
    summary: z
      .array(sayingSchema)
      .describe('Its most telling sentences, in their order; none of a mail whose words the caller may not read'),
    mails: z.array(emailSchema.omit({ excerpt: true }).meta({ id: 'ConversationMail' })),
  })
  .meta({ id: 'ConversationInFull' });

const minutes_max = 1_000_000;

export const conversationFilters = {
  organization_id: name.optional(),
  waiting: z.enum(['us', 'them', 'nobody']).optional(),
  mailbox: name.toLowerCase().optional(),
  owner_id: name.optional(),
  team_id: name.optional(),
  category: name.optional(),
  customer: name.toLowerCase().optional().describe('An address'),
  sla_breached: z
    .enum(['true', 'false'])
    .transform(text => text === 'true')
    .optional(),
  waited_minutes: z
    .string()
    .regex(/^\d{1,7}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().max(minutes_max))
    .optional()
    .describe('Those in which somebody has waited for so many minutes of the organisation’s working hours, until now'),
  q: words.optional(),
};

const conversationQuery = z.strictObject({
  ...conversationFilters,
  ...pageParameters(conversationSorts, 'waiting_since', conversationSchema),
});

/** Throws Problem 400 where those in which nobody waits are to come in the order of their waits. */
async function list(
  request: HttpRequest,
  query: z.output<typeof conversationQuery>,
  clickhouse: ClickHouse,
  now: Now,
): Promise<Reply> {
  const { q, ...filter } = query;
  if (filter.waiting === 'nobody' && filter.sort.endsWith('waiting_since')) {
    const message = 'must be another one where nobody waits, such as -last_at';
    throw new Problem(400, `the query parameters do not fit: sort: ${message}`, {
      members: { faults: [{ field: 'sort', message }] },
    });
  }
  return pageReply(request, conversationSorts, query, (order, rows_max) =>
    listConversations(clickhouse, { ...filter, words: q }, order, rows_max, now),
  );
}

async function read(id: string, organization_id: string | undefined, clickhouse: ClickHouse, now: Now): Promise<Reply> {
  const found = await findConversation(clickhouse, id, organization_id, now);
  if (found === null) throw new Problem(404, 'there is no such conversation');
  const { email_ids, ...conversation } = found;
  const mails = await mailsOf(clickhouse, conversation, email_ids);
  return json(200, {
    ...conversation,
    summary: whatIsSaid(mails.filter(({ automatic }) => automatic === '')),
    mails: mails.map(({ summary: _, automatic: __, ...mail }) => mail),
  });
}
