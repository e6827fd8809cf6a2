/** Threads with who waits for whom since when, and their mails. */
import type { BusinessClock, BusinessClocks } from '../../lib/business-time.ts';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import type { ConversationRow } from '../conversation-row.ts';
import type { EmailRow } from '../rows.ts';
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
  readonly clocks: BusinessClocks;
  readonly now_ms: number;
}

/** As stored; how long somebody has waited until now is worked out here. */
type StoredRow = Omit<ConversationRow, 'waiting_seconds' | 'waiting_business_seconds'>;

export const conversation_columns = `
  conversation_id AS id, conversation_id, organization_id, mailbox, owner_id, team_id, subject, customer, category,
  participants, mails_in, mails_out, first_at, last_at, waiting, waiting_since, waiting_email_id, asked_at,
  first_response_at, first_response_seconds, first_response_business_seconds, sla_target_minutes, sla_due_at,
  sla_breached, resolved, resolved_at, resolves_at, resolution_seconds, resolution_business_seconds, reopened, sentiment_score,
  importance, updated_at`;

/** In the order of waiting_since those alone in which somebody waits. */
export async function listConversations(
  clickhouse: ClickHouse,
  filter: ConversationFilter,
  order: ConversationOrder,
  limit: number,
  now: Now,
): Promise<ConversationRow[]> {
  const { sql, params } = where([
    ...conversationConditions(filter, now),
    awaited(order),
    beyond(conversationSorts, order),
  ]);
  const rows = await clickhouse.rows<StoredRow>(
    `SELECT ${conversation_columns} FROM conversations ${sql} ${orderBy(conversationSorts, order)}
    LIMIT {limit:UInt32} ${iso_times}`,
    { ...params, limit },
  );
  return rows.map(row => withWait(row, now));
}

const awaited = ({ sort }: ConversationOrder): Clause | null =>
  sort === 'waiting_since' || sort === '-waiting_since' ? { sql: "waiting != 'nobody'", params: {} } : null;

export function conversationConditions(filter: ConversationFilter, now: Now): (Clause | null)[] {
  return [
    equals('organization_id', filter.organization_id),
    equals('waiting', filter.waiting),
    equals('mailbox', filter.mailbox),
    equals('owner_id', filter.owner_id),
    equals('team_id', filter.team_id),
    equals('category', filter.category),
    equals('customer', filter.customer),
    when('sla_breached', filter.sla_breached, 'sla_breached = {sla_breached:Bool}'),
    waitedFor(filter, now),
    contains("concat(subject, ' ', customer)", filter.words),
  ];
}

/** Those that wait since the moment at latest between which and now so much working time lies, by the hours of their organisation. */
function waitedFor({ waited_minutes, organization_id }: ConversationFilter, { clocks, now_ms }: Now): Clause | null {
  if (waited_minutes === undefined) return null;
  // 0 where that is longer ago than anybody waits.
  const since = (clock: BusinessClock): number => clock.before(now_ms, waited_minutes * 60_000) ?? 0;
  if (organization_id !== undefined || clocks.names.length === 0) {
    const clock = organization_id === undefined ? clocks.usual : clocks.of(organization_id);
    return { sql: `waiting_since <= ${instant('waited_since_ms')}`, params: { waited_since_ms: since(clock) } };
  }
  return {
    sql: `waiting_since IS NOT NULL AND toUnixTimestamp64Milli(assumeNotNull(waiting_since)) <= transform(
      toString(organization_id), {waited_of:Array(String)}, {waited_since_of:Array(Int64)}, {waited_since_ms:Int64})`,
    params: {
      waited_of: clocks.names,
      waited_since_of: clocks.names.map(name => since(clocks.of(name))),
      waited_since_ms: since(clocks.usual),
    },
  };
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

function withWait<R extends StoredRow>(row: R, { clocks, now_ms }: Now): R & ConversationRow {
  const since_ms = row.waiting_since === null ? null : Date.parse(row.waiting_since);
  return {
    ...row,
    waiting_seconds: since_ms === null ? null : Math.max(0, now_ms - since_ms) / 1000,
    waiting_business_seconds:
      since_ms === null ? null : clocks.of(row.organization_id).between(since_ms, now_ms) / 1000,
  };
}
