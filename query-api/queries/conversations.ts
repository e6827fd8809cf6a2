/** Threads with who waits for whom since when, and their mails. */
import type { BusinessClock } from '../../lib/business-time.ts';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import type { ConversationRow, EmailRow } from '../rows.ts';
import { type Clause, contains, equals, instant, iso_times, when, where } from './select.ts';
import { beyond, type Order, orderBy, type Sortable } from './sort.ts';

export interface ConversationFilter {
  readonly organization_id?: string | undefined;
  readonly waiting?: string | undefined;
  readonly mailbox?: string | undefined;
  readonly owner_id?: string | undefined;
  readonly team_id?: string | undefined;
  readonly category?: string | undefined;
  readonly customer?: string | undefined;
  readonly sla_breached?: boolean | undefined;
  /** Those that somebody has waited in for so long, by working hours. */
  readonly waited_minutes?: number | undefined;
  readonly words?: readonly string[] | undefined;
}

export const conversationSorts = {
  columns: { waiting_since: 'instant', last_at: 'instant', importance: 'number' },
  ids: ['organization_id', 'conversation_id'],
} as const satisfies Sortable<string>;
export type ConversationOrder = Order<keyof typeof conversationSorts.columns>;

/** What is asked by, and when. */
export interface Now {
  readonly clock: BusinessClock;
  readonly now_ms: number;
}

/** As stored; how long somebody has waited until now is worked out here. */
type StoredRow = Omit<ConversationRow, 'waiting_seconds' | 'waiting_business_seconds'>;

const conversation_columns = `
  conversation_id AS id, conversation_id, organization_id, mailbox, owner_id, team_id, subject, customer, category,
  participants, mails_in, mails_out, first_at, last_at, waiting, waiting_since, waiting_email_id, asked_at,
  first_response_at, first_response_seconds, first_response_business_seconds, sla_target_minutes, sla_due_at,
  sla_breached, resolved, resolved_at, resolution_seconds, resolution_business_seconds, reopened, sentiment_score,
  importance, updated_at`;

/** In the order of waiting_since those alone in which somebody waits. */
export async function listConversations(
  clickhouse: ClickHouse,
  filter: ConversationFilter,
  order: ConversationOrder,
  limit: number,
  now: Now,
): Promise<ConversationRow[]> {
  const { sql, params } = where([...conditions(filter, order, now), beyond(conversationSorts, order)]);
  const rows = await clickhouse.rows<StoredRow>(
    `SELECT ${conversation_columns} FROM conversations ${sql} ${orderBy(conversationSorts, order)}
    LIMIT {limit:UInt32} ${iso_times}`,
    { ...params, limit },
  );
  return rows.map(row => withWait(row, now));
}

function conditions(
  filter: ConversationFilter,
  { sort }: ConversationOrder,
  { clock, now_ms }: Now,
): (Clause | null)[] {
  const { waited_minutes } = filter;
  // So much working time lies between this moment and now; null where that is longer ago than anybody waits.
  const waited_since_ms =
    waited_minutes === undefined ? undefined : (clock.before(now_ms, waited_minutes * 60_000) ?? 0);
  return [
    sort === 'waiting_since' || sort === '-waiting_since' ? { sql: "waiting != 'nobody'", params: {} } : null,
    equals('organization_id', filter.organization_id),
    equals('waiting', filter.waiting),
    equals('mailbox', filter.mailbox),
    equals('owner_id', filter.owner_id),
    equals('team_id', filter.team_id),
    equals('category', filter.category),
    equals('customer', filter.customer),
    when('sla_breached', filter.sla_breached, 'sla_breached = {sla_breached:Bool}'),
    when('waited_since_ms', waited_since_ms, `waiting_since <= ${instant('waited_since_ms')}`),
    contains("concat(subject, ' ', customer)", filter.words),
  ];
}

/** Without an organisation, the one whose last mail is the newest. */
export async function findConversation(
  clickhouse: ClickHouse,
  conversation_id: string,
  organization_id: string | undefined,
  now: Now,
): Promise<(ConversationRow & { readonly email_ids: readonly string[] }) | null> {
  const { sql, params } = where([
    equals('conversation_id', conversation_id),
    equals('organization_id', organization_id),
  ]);
  const [row] = await clickhouse.rows<StoredRow & { email_ids: string[] }>(
    `SELECT ${conversation_columns}, email_ids FROM conversations ${sql} ORDER BY last_at DESC LIMIT 1 ${iso_times}`,
    params,
  );
  return row === undefined ? null : { ...withWait(row, now), email_ids: row.email_ids };
}

/** A mail without any of its words but its summary, which is empty where the caller may not read the mail. */
export interface MailRow extends Omit<EmailRow, 'excerpt'> {
  readonly summary: string;
  /** What kind of program wrote it; empty for a person. */
  readonly automatic: string;
}

/** Those of its mails that are seen, in the order they were received. */
export function mailsOf(
  clickhouse: ClickHouse,
  { organization_id }: ConversationRow,
  email_ids: readonly string[],
): Promise<MailRow[]> {
  return clickhouse.rows<MailRow>(
    `SELECT
      email_id AS id, email_id, organization_id, mailbox, message_id, thread_id, sender, sender_name, recipients, subject,
      direction, sentiment, sentiment_score, category, importance, received_at, stored_at AS created_at, summary, automatic
    FROM messages WHERE organization_id = {organization_id:String} AND email_id IN {email_ids:Array(String)}
    ORDER BY received_at, email_id ${iso_times}`,
    { organization_id, email_ids },
  );
}

function withWait<R extends StoredRow>(row: R, { clock, now_ms }: Now): R & ConversationRow {
  const since_ms = row.waiting_since === null ? null : Date.parse(row.waiting_since);
  return {
    ...row,
    waiting_seconds: since_ms === null ? null : Math.max(0, now_ms - since_ms) / 1000,
    waiting_business_seconds: since_ms === null ? null : clock.between(since_ms, now_ms) / 1000,
  };
}
