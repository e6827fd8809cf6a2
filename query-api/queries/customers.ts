/** Customers with their live score, and their timelines. */
import type { ClickHouse } from '../../lib/clickhouse.ts';
import type { CustomerRow, InteractionRow } from '../rows.ts';
import { type Clause, contains, equals, instant, iso_times, where } from './select.ts';

export type CustomerOrder = 'score' | 'last_seen';
/** The sort column's value (a score, or milliseconds since 1970), the organisation, the person. */
export type CustomerKey = readonly [number, string, string];

export interface CustomerFilter {
  readonly organization_id?: string | undefined;
  readonly grade?: string | undefined;
  readonly outcome?: string | undefined;
  readonly words?: readonly string[] | undefined;
  readonly after?: CustomerKey | null;
}

const columns = `
  person_id AS id, person_id, organization_id, name, account, score, grade, confidence, stage, outcome, amount,
  sentiment_mean, mails_in, mails_out, events, crm_changes, first_seen_at, last_seen_at, reasons, bias, log_odds,
  model_version, updated_at`;

const sort: Readonly<Record<CustomerOrder, { column: string; after: string }>> = {
  score: { column: 'score', after: '{after_value:Int64}' },
  last_seen: { column: 'last_seen_at', after: instant('after_value') },
};

/** Highest first. */
export function listCustomers(
  clickhouse: ClickHouse,
  filter: CustomerFilter,
  order: CustomerOrder,
  limit: number,
): Promise<CustomerRow[]> {
  const { column } = sort[order];
  const { sql, params } = where([
    equals('organization_id', filter.organization_id),
    equals('grade', filter.grade),
    filter.outcome === 'open' ? { sql: 'outcome IS NULL', params: {} } : equals('outcome', filter.outcome),
    contains("concat(name, ' ', person_id, ' ', account)", filter.words),
    after(order, filter.after ?? null),
  ]);
  return clickhouse.rows<CustomerRow>(
    `SELECT ${columns} FROM customers ${sql}
    ORDER BY ${column} DESC, organization_id DESC, person_id DESC LIMIT {limit:UInt32} ${iso_times}`,
    { ...params, limit },
  );
}

function after(order: CustomerOrder, key: CustomerKey | null): Clause | null {
  if (key === null) return null;
  const [after_value, after_organization, after_person] = key;
  return {
    sql: `(${sort[order].column}, organization_id, person_id) <
      (${sort[order].after}, {after_organization:String}, {after_person:String})`,
    params: { after_value, after_organization, after_person },
  };
}

export function customerKey(order: CustomerOrder, row: CustomerRow): CustomerKey {
  return [order === 'score' ? row.score : Date.parse(row.last_seen_at), row.organization_id, row.person_id];
}

/** Without an organisation, the one that saw the person last. */
export async function findCustomer(
  clickhouse: ClickHouse,
  person_id: string,
  organization_id: string | undefined,
): Promise<CustomerRow | null> {
  const { sql, params } = where([equals('person_id', person_id), equals('organization_id', organization_id)]);
  const rows = await clickhouse.rows<CustomerRow>(
    `SELECT ${columns} FROM customers ${sql} ORDER BY last_seen_at DESC LIMIT 1 ${iso_times}`,
    params,
  );
  return rows[0] ?? null;
}

const timeline_rows_max = 200;

/** Newest first, at most 200. */
export function timelineOf(clickhouse: ClickHouse, customer: CustomerRow): Promise<InteractionRow[]> {
  return clickhouse.rows<InteractionRow>(
    `SELECT
      interaction_id AS id, interaction_id, organization_id, mailbox, person_id, person_name, account, kind, name,
      record_id, occurred_at, sentiment_score, importance, category, stage, amount, outcome, data
    FROM interactions
    WHERE organization_id = {organization_id:String} AND person_id = {person_id:String}
    ORDER BY occurred_at DESC, interaction_id DESC LIMIT ${timeline_rows_max} ${iso_times}`,
    { organization_id: customer.organization_id, person_id: customer.person_id },
  );
}
