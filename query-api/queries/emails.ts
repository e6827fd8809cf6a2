/** Mails as stored. */

import { z } from 'zod';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import type { Address, Email, Owner } from '../../schemas/generated.ts';
import { unsaid } from '../../schemas/signals.ts';
import { type EmailRow, emailSchema, reason, instant as time } from '../rows.ts';
import { type Clause, contains, equals, instant, iso_times, when, where } from './select.ts';
import { beyond, type Order, orderBy, type Sortable } from './sort.ts';

export interface EmailFilter {
  readonly organization_id?: string | undefined;
  /** Mails that reached it, whichever mailbox came first. */
  readonly mailbox?: string | undefined;
  readonly category?: string | undefined;
  readonly sentiment?: string | undefined;
  readonly direction?: string | undefined;
  readonly sender?: string | undefined;
  readonly thread_id?: string | undefined;
  /** An address: whoever wrote the mail, or whom it was written to. */
  readonly person?: string | undefined;
  readonly words?: readonly string[] | undefined;
  readonly from_ms?: number | undefined;
  readonly to_ms?: number | undefined;
}

export const emailSorts = {
  columns: { received_at: 'instant', importance: 'number', sentiment_score: 'number' },
  ids: ['email_id'],
} as const satisfies Sortable<string>;
type EmailOrder = Order<keyof typeof emailSorts.columns>;

const excerpt_chars = 300;

/** As `emailSchema` (rows.ts) has them. */
export const email_columns = `
  email_id AS id, email_id, organization_id, mailbox, message_id, thread_id, sender, sender_name, recipients, subject,
  substringUTF8(content, 1, ${excerpt_chars}) AS excerpt, direction, sentiment, sentiment_score, category, importance,
  received_at, stored_at AS created_at`;

export function listEmails(
  clickhouse: ClickHouse,
  filter: EmailFilter,
  order: EmailOrder,
  limit: number,
): Promise<EmailRow[]> {
  const { sql, params } = where([...emailConditions(filter), hasWords(filter), beyond(emailSorts, order)]);
  return clickhouse.rows<EmailRow>(
    `SELECT ${email_columns} FROM messages ${sql} ${orderBy(emailSorts, order)} LIMIT {limit:UInt32} ${iso_times}`,
    { ...params, limit },
  );
}

export const hasWords = ({ words }: EmailFilter): Clause | null =>
  contains("concat(subject, '\\n', sender_name, ' ', sender, '\\n', content)", words);

export const emailConditions = (filter: EmailFilter): (Clause | null)[] => [
  equals('organization_id', filter.organization_id),
  when('reached', filter.mailbox, 'email_id IN (SELECT email_id FROM deliveries WHERE mailbox = {reached:String})'),
  equals('category', filter.category),
  equals('sentiment', filter.sentiment),
  equals('direction', filter.direction),
  equals('sender', filter.sender),
  equals('thread_id', filter.thread_id),
  when(
    'person',
    filter.person,
    'sender = {person:String} OR has(recipients, {person:String}) OR has(cc, {person:String})',
  ),
  when('from_ms', filter.from_ms, `received_at >= ${instant('from_ms')}`),
  when('to_ms', filter.to_ms, `received_at < ${instant('to_ms')}`),
];

export async function findEmail(clickhouse: ClickHouse, email_id: string): Promise<EmailRow | null> {
  const rows = await clickhouse.rows<EmailRow>(
    `SELECT ${email_columns} FROM messages WHERE email_id = {email_id:String} LIMIT 1 ${iso_times}`,
    { email_id },
  );
  return rows[0] ?? null;
}

/** Of what was handed in when the mail was stored. */
export async function originalOf(clickhouse: ClickHouse, email_id: string): Promise<string | null> {
  const rows = await clickhouse.rows<{ original_sha256: string }>(
    'SELECT original_sha256 FROM messages WHERE email_id = {email_id:String} LIMIT 1',
    { email_id },
  );
  return rows[0]?.original_sha256 ?? null;
}

const details = `
  owner_id, team_id, in_reply_to, references, cc, sent_at, content, quoted, attachments, original_sha256,
  original_size_bytes, category_scores, importance_reasons, sentiment_confidence, asks, spam, language, automatic,
  unsubscribes, summary, entities, signature, models, source, sequence, origin, ingested_at`;

const delivery = z.object({
  mailbox: z.string(),
  owner_id: z.string(),
  team_id: z.string(),
  received_at: time,
  source: z.string(),
  sequence: z.int(),
});

export const emailInFullSchema = emailSchema
  .extend({
    owner_id: z.string(),
    team_id: z.string(),
    in_reply_to: z.string().nullable(),
    references: z.array(z.string()),
    cc: z.array(z.string()),
    sent_at: time.nullable().describe('The Date header: data the sender chose'),
    content: z.string().describe('The writer’s own words'),
    quoted: z.string(),
    attachments: z.array(
      z.object({ filename: z.string(), content_type: z.string(), size_bytes: z.int(), sha256: z.string() }),
    ),
    original_sha256: z.string(),
    original_size_bytes: z.int(),
    category_scores: z.record(z.string(), z.number()),
    importance_reasons: z.array(reason),
    sentiment_confidence: z.number().min(0).max(1),
    asks: z.number().min(0).max(1).describe('The probability that it asks its reader for something'),
    spam: z.number().min(0).max(1).describe('The probability that it is spam'),
    language: z.string().describe('ISO 639-1; empty where it cannot be told'),
    automatic: z
      .string()
      .describe('What kind of mail no person wrote it is: bounce, auto_reply, newsletter or notification; or empty'),
    unsubscribes: z.boolean().describe('It asks to be taken off a list'),
    summary: z.string().describe('Its most telling sentences'),
    entities: z.array(z.object({ text: z.string(), type: z.string(), start: z.int(), end: z.int() })),
    signature: z.object({ name: z.string(), title: z.string(), phone: z.string(), company: z.string() }),
    models: z.record(z.string(), z.string()),
    source: z.string(),
    sequence: z.int(),
    origin: z.string(),
    ingested_at: time,
    deliveries: z.array(delivery),
  })
  .meta({ id: 'EmailInFull' });
export type EmailInFull = Readonly<z.infer<typeof emailInFullSchema>>;

/** The columns of `messages` that `emailOf` reads. */
export const email_fields = `
  email_id, organization_id, mailbox, owner_id, team_id, message_id, thread_id, in_reply_to, references, sender, sender_name,
  recipients, cc, toUnixTimestamp64Milli(sent_at) AS sent_at_ms, toUnixTimestamp64Milli(received_at) AS received_at_ms,
  subject, content, quoted, headers, attachments, original_sha256, original_size_bytes`;

export type EmailFields = Owner &
  Omit<Email, 'signals' | 'owner' | 'from' | 'reply_to' | 'to' | 'cc' | 'text' | 'quoted_text' | 'text_truncated'> & {
    readonly sender: string;
    readonly sender_name: string;
    readonly recipients: string[];
    readonly cc: string[];
    readonly content: string;
    readonly quoted: string;
  };

/** A mail as the enrichment had it, but for the names of its recipients and what was done with it, which are not kept. */
export function emailOf(row: EmailFields): Email {
  const { organization_id, mailbox, owner_id, team_id, sender, sender_name, recipients, cc, content, quoted } = row;
  return {
    ...row,
    owner: { organization_id, mailbox, owner_id, team_id },
    from: { name: sender_name, address: sender },
    reply_to: [],
    to: recipients.map(unnamed),
    cc: cc.map(unnamed),
    text: content,
    quoted_text: quoted,
    text_truncated: false,
    signals: { ...unsaid },
  };
}

const unnamed = (address: string): Address => ({ name: '', address });

/** The mail as it was enriched; null where there is none. */
export async function emailRecord(clickhouse: ClickHouse, email_id: string): Promise<Email | null> {
  const [row] = await clickhouse.rows<EmailFields>(
    `SELECT ${email_fields} FROM messages WHERE email_id = {email_id:String} LIMIT 1`,
    { email_id },
  );
  return row === undefined ? null : emailOf(row);
}

/** One mail with all that is known of it and the mailboxes it reached; null where there is none. */
export async function emailInFull(clickhouse: ClickHouse, email_id: string): Promise<EmailInFull | null> {
  const [mail] = await clickhouse.rows<Omit<EmailInFull, 'deliveries'>>(
    `SELECT ${email_columns}, ${details} FROM messages WHERE email_id = {email_id:String} LIMIT 1 ${iso_times}`,
    { email_id },
  );
  if (mail === undefined) return null;
  const deliveries = await clickhouse.rows<z.infer<typeof delivery>>(
    `SELECT mailbox, owner_id, team_id, received_at, source, sequence FROM deliveries
    WHERE organization_id = {organization_id:String} AND email_id = {email_id:String}
    ORDER BY received_at, mailbox LIMIT 1000 ${iso_times}`,
    { organization_id: mail.organization_id, email_id },
  );
  return { ...mail, deliveries };
}
