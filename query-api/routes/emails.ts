/** Mails: hand one in, list them, read one. */
import { z } from 'zod';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { type HttpRequest, json, jsonOf, Problem, type Reply } from '../../lib/http.ts';
import { pause } from '../../lib/lifecycle.ts';
import type { Owner } from '../../schemas/generated.ts';
import { type Caller, may } from '../auth/access.ts';
import { type DescribedRoute, describe, pageAnswer } from '../contract.ts';
import type { EndsWatch } from '../ends-watch.ts';
import { type Accepted, type IngestClient, withMember } from '../ingest-client.ts';
import { pageParameters, pageReply } from '../page.ts';
import { instant_ms, name, words } from '../parameters.ts';
import type { Sight } from '../permission/sight.ts';
import { findDeadLetter } from '../queries/dead-letters.ts';
import { emailInFull, emailInFullSchema, emailSorts, findEmail, listEmails, originalOf } from '../queries/emails.ts';
import type { RecordEnd } from '../queries/ends.ts';
import { type EmailRow, emailSchema } from '../rows.ts';

export interface EmailRoutes {
  readonly clickhouse: ClickHouse;
  readonly ingest: IngestClient;
  readonly ends: EndsWatch;
  readonly wait_ms_max: number;
  /** A mail that was handed in can be found. */
  onStored(): void;
}

/** What ingest takes; it holds each mail against it. */
const submission = z
  .looseObject({
    sender: z.email(),
    subject: z.string().max(200),
    content: z.string(),
    recipients: z.array(z.email()).optional(),
    date: z.iso.datetime({ offset: true }).optional(),
    message_id: z.string().optional(),
    organization_id: z.string().optional(),
    mailbox: z.string().optional(),
    owner_id: z.string().optional(),
    team_id: z.string().optional(),
  })
  .meta({ id: 'NewEmail' });

const enriched = emailSchema
  .pick({ id: true, email_id: true, sender: true, subject: true, sentiment_score: true, sentiment: true })
  .extend(emailSchema.pick({ importance: true, category: true, created_at: true }).shape)
  .meta({ id: 'EnrichedEmail' });

export function emailRoutes(parts: EmailRoutes): DescribedRoute[] {
  const tag = 'Mails';
  return [
    describe({
      method: 'POST',
      path: '/api/emails',
      access: 'write_own',
      tag,
      summary: 'Hand a mail in; answered once it is enriched and can be found',
      headers: {
        Prefer: '`respond-async` does not wait, `wait=N` waits at most N seconds (RFC 7240)',
        'Idempotency-Key': 'What is sent again with it is the same mail; 422 where it says something else',
      },
      passed_body: submission,
      answers: {
        200: { description: 'It was there already', schema: enriched },
        201: { description: 'Enriched and stored', schema: enriched },
        202: { description: 'Durable, and on its way', schema: enriched.pick({ id: true, email_id: true }) },
      },
      problems: [422, 502, 504],
      handle: ({ request, caller }) => submit(request, caller, parts),
    }),
    describe({
      method: 'GET',
      path: '/api/emails',
      access: 'read',
      tag,
      summary: 'Mails, the newest first or as `sort` says',
      query: emailQuery,
      answers: { 200: pageAnswer(emailSchema) },
      cached: true,
      fresh: true,
      handle: async ({ request, query, tables }) => list(request, query, await tables()),
    }),
    describe({
      method: 'GET',
      path: '/api/emails/:id',
      access: 'read',
      tag,
      summary: 'A mail with all that is known of it',
      answers: { 200: { description: 'The mail', schema: emailInFullSchema } },
      cached: true,
      handle: async ({ request, tables }) => read(request, await tables()),
    }),
  ];
}

// ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const emailFilters = {
  organization_id: name.optional(),
  mailbox: name.toLowerCase().optional(),
  category: name.optional(),
  sentiment: z.enum(['negative', 'neutral', 'positive', 'unscored']).optional(),
  direction: z.enum(['inbound', 'outbound', 'internal']).optional(),
  sender: name.toLowerCase().optional(),
  person: name.toLowerCase().optional().describe('An address: whoever wrote the mail, or whom it was written to'),
  thread_id: name.optional(),
  from: instant_ms.optional(),
  to: instant_ms.optional(),
};
export const emailQuery = z.strictObject({
  ...emailFilters,
  q: words.optional(),
  ...pageParameters(emailSorts, '-received_at', emailSchema),
});

function list(request: HttpRequest, query: z.output<typeof emailQuery>, clickhouse: ClickHouse): Promise<Reply> {
  const { q, from, to, ...filter } = query;
  return pageReply(request, emailSorts, query, (order, rows_max) =>
    listEmails(clickhouse, { ...filter, words: q, from_ms: from, to_ms: to }, order, rows_max),
  );
}

async function read(request: HttpRequest, clickhouse: ClickHouse): Promise<Reply> {
  const mail = await emailInFull(clickhouse, request.parameters.id ?? '');
  if (mail === null) throw new Problem(404, 'there is no such mail');
  return json(200, mail);
}

// ── Handing in ───────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * 1. Ingest makes the mail durable and numbers it. From here on it is safe whatever happens to this request.
 * 2. Its number ends in ClickHouse as stored, duplicate or dead letter.
 * 3. The answer is the stored row: what a GET finds from now on.
 */
async function submit(request: HttpRequest, caller: Caller, parts: EmailRoutes): Promise<Reply> {
  const wait_ms = waitOf(request.headers.get('prefer') ?? '', parts.wait_ms_max);
  const end_ms = Date.now() + wait_ms;
  const key = idempotencyKeyOf(request.headers.get('idempotency-key'));
  const body = owned(await request.body(), caller);
  const mail = key === null ? body : withMember(body, 'idempotency_key', key);
  const accepted = await parts.ingest.submit(mail, request.traceparent);
  const end = wait_ms === 0 ? null : await parts.ends.wait(accepted, wait_ms, request.signal);
  if (end === null) return pending(accepted);
  if (end.end === 'dead_letter') throw await refusedBy(parts.clickhouse, end);
  // What was stored is what he handed in; the first of its kind may be somebody else's.
  const seen = end.end === 'stored' ? parts.clickhouse : await caller.tables();
  const row = await rowUntil(seen, end.record_id, end_ms, request.signal);
  if (row === null) return pending(accepted);
  if (
    key !== null &&
    end.end === 'duplicate' &&
    (await originalOf(parts.clickhouse, row.id)) !== accepted.original_sha256
  )
    throw new Problem(422, 'another mail was handed in with this Idempotency-Key');
  if (end.end === 'stored') parts.onStored();
  return json(end.end === 'stored' ? 201 : 200, answerOf(row), { location: locationOf(row.id) });
}

/** RFC 7240: `respond-async` does not wait, `wait=N` waits at most N seconds. */
export function waitOf(prefer: string, wait_ms_max: number): number {
  if (/(^|,)\s*respond-async\s*(,|;|$)/i.test(prefer)) return 0;
  const wait = /(?:^|,)\s*wait\s*=\s*(\d{1,6})\s*(?:,|;|$)/i.exec(prefer);
  return wait === null ? wait_ms_max : Math.min(wait_ms_max, Number(wait[1]) * 1_000);
}

const key_chars_max = 255;

/** A structured string, or one that somebody left the quotes off. Throws Problem 400. */
export function idempotencyKeyOf(header: string | undefined): string | null {
  if (header === undefined) return null;
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header;
  if (/^[\x20-\x7e]+$/.test(key) && key.length <= key_chars_max) return key;
  throw new Problem(400, `Idempotency-Key must be 1 to ${key_chars_max} printable ASCII characters`);
}

/**
 * Who may write what is his own hands mails in for himself, for a mailbox or a team that was granted to him, or for nobody.
 * Throws Problem 403.
 */
function owned(body: Buffer, caller: Caller): Buffer {
  if (may(caller, 'write')) return body;
  const { subject, role, sight } = caller;
  const mail = jsonOf(body);
  if (typeof mail !== 'object' || mail === null || Array.isArray(mail)) return body;
  const { owner_id = subject, mailbox = '', team_id = '', organization_id } = mail as Record<string, unknown>;
  const isMine =
    owner_id === subject &&
    organization_id === undefined &&
    (mailbox === '' || sees(sight, { mailbox: String(mailbox).toLowerCase() })) &&
    (team_id === '' || sees(sight, { team_id: String(team_id) }));
  if (isMine) return Buffer.from(JSON.stringify({ ...mail, owner_id }));
  throw new Problem(
    403,
    `the role ${role} may write what is its own: leave owner_id and organization_id out, and name a mailbox or team that was granted`,
  );
}

/** Whether he sees it for this alone. */
const sees = ({ seesRow }: Sight, of: Partial<Owner>): boolean =>
  seesRow({ organization_id: '', mailbox: '\0', owner_id: '\0', team_id: '\0', ...of });

const row_poll_ms = 50;

/** A duplicate can end before the first of its kind, which may still be on its way. */
async function rowUntil(
  clickhouse: ClickHouse,
  id: string,
  end_ms: number,
  signal: AbortSignal,
): Promise<EmailRow | null> {
  for (;;) {
    const row = await findEmail(clickhouse, id);
    if (row !== null || Date.now() >= end_ms || signal.aborted) return row;
    await pause(row_poll_ms, signal);
  }
}

const locationOf = (id: string): string => `/api/emails/${encodeURIComponent(id)}`;

const pending = ({ record_id }: Accepted): Reply =>
  json(202, { id: record_id, email_id: record_id }, { location: locationOf(record_id) });

const answerOf = ({
  id,
  email_id,
  sender,
  subject,
  sentiment_score,
  sentiment,
  importance,
  category,
  created_at,
}: EmailRow) => ({
  id,
  email_id,
  sender,
  subject,
  sentiment_score,
  sentiment,
  importance,
  category,
  created_at,
});

async function refusedBy(clickhouse: ClickHouse, end: RecordEnd): Promise<Problem> {
  const letter = await findDeadLetter(clickhouse, end.record_id, end.organization_id);
  return new Problem(422, letter?.message ?? 'the mail could not be processed', {
    members: { dead_letter_id: end.record_id, cause: letter?.cause },
  });
}
