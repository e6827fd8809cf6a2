/** Customers with their live score, and their timelines. */
import type { ClickHouse } from '../../lib/clickhouse.ts';
import type { CustomerRow, InteractionRow } from '../rows.ts';
import { type Clause, contains, equals, iso_times, where } from './select.ts';
import { beyond, type Order, orderBy, type Sortable } from './sort.ts';

export interface CustomerFilter {
  readonly organization_id?: string | undefined;
  readonly grade?: string | undefined;
  readonly outcome?: string | undefined;
  readonly words?: readonly string[] | undefined;
}

export const customerSorts = {
  columns: { score: 'number', last_seen_at: 'instant', first_seen_at: 'instant', mails_in: 'number' },
  ids: ['organization_id', 'person_id'],
} as const satisfies Sortable<string>;
type CustomerOrder = Order<keyof typeof customerSorts.columns>;

export const customer_columns = `
  person_id AS id, person_id, organization_id, name, account, title, phone,
  signed_name, signed_company, score, grade, fit, engagement, fit_log_odds, engagement_log_odds, confidence, stage,
  outcome, amount, sentiment_mean, mails_in, mails_out, events, crm_changes, first_seen_at, last_seen_at, reasons, bias, log_odds,
  model_version, updated_at, decayed_to`;

export function listCustomers(
  clickhouse: ClickHouse,
  filter: CustomerFilter,
  order: CustomerOrder,
  limit: number,
): Promise<CustomerRow[]> {
  const { sql, params } = where([...customerConditions(filter), beyond(customerSorts, order)]);
  return clickhouse.rows<CustomerRow>(
    `SELECT ${customer_columns} FROM customers ${sql} ${orderBy(customerSorts, order)} LIMIT {limit:UInt32} ${iso_times}`,
    { ...params, limit },
  );
}

export const customerConditions = (filter: CustomerFilter): (Clause | null)[] => [
  equals('organization_id', filter.organization_id),
  equals('grade', filter.grade),
  filter.outcome === 'open' ? { sql: 'outcome IS NULL', params: {} } : equals('outcome', filter.outcome),
  contains("concat(name, ' ', person_id, ' ', account)", filter.words),
];

/** Without an organisation, the one that saw the person last. */
export async function findCustomer(
  clickhouse: ClickHouse,
  person_id: string,
  organization_id: string | undefined,
): Promise<CustomerRow | null> {
  const { sql, params } = where([equals('person_id', person_id), equals('organization_id', organization_id)]);
  const rows = await clickhouse.rows<CustomerRow>(
    `SELECT ${customer_columns} FROM customers ${sql} ORDER BY last_seen_at DESC LIMIT 1 ${iso_times}`,
    params,
  );
  return rows[0] ?? null;
}

export const interaction_columns = `
  interaction_id AS id, interaction_id, organization_id, mailbox, person_id, person_name, account, title, phone,
  signed_name, signed_company, kind, name,
  record_id, occurred_at, sentiment_score, importance, category, stage, amount, outcome, data`;

const timeline_rows_max = 200;

/** Newest first, at most 200. */
export function timelineOf(clickhouse: ClickHouse, customer: CustomerRow): Promise<InteractionRow[]> {
  return clickhouse.rows<InteractionRow>(
    `SELECT ${interaction_columns} FROM interactions
    WHERE organization_id = {organization_id:String} AND person_id = {person_id:String}
    ORDER BY occurred_at DESC, interaction_id DESC LIMIT ${timeline_rows_max} ${iso_times}`,
    { organization_id: customer.organization_id, person_id: customer.person_id },
  );
}
