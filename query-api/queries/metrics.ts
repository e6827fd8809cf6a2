/** What mail there is: from when, of which categories, from how many customers. */
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { type Clause, equals, instant, where } from './select.ts';

/** Of the mails' times, in milliseconds since 1970; null where there is no mail. */
export interface DataRange {
  readonly first_ms: number;
  readonly last_ms: number;
  /** The 5th and 95th percentile. */
  readonly p5_ms: number;
  readonly p95_ms: number;
}

export async function dataRange(
  clickhouse: ClickHouse,
  organization_id: string | undefined,
): Promise<DataRange | null> {
  const { sql, params } = where([equals('organization_id', organization_id)]);
  const [row] = await clickhouse.rows<DataRange & { emails: number }>(
    `SELECT
      count() AS emails,
      min(toUnixTimestamp64Milli(received_at)) AS first_ms, max(toUnixTimestamp64Milli(received_at)) AS last_ms,
      floor(quantile(0.05)(toUnixTimestamp64Milli(received_at))) AS p5_ms,
      floor(quantile(0.95)(toUnixTimestamp64Milli(received_at))) AS p95_ms
    FROM messages ${sql}`,
    params,
  );
  return row === undefined || row.emails === 0 ? null : row;
}

export interface Span {
  readonly organization_id: string | undefined;
  readonly from_ms: number;
  readonly to_ms: number;
}

function within({ organization_id, from_ms, to_ms }: Span): Clause {
  return where([
    equals('organization_id', organization_id),
    { sql: `received_at >= ${instant('from_ms')} AND received_at < ${instant('to_ms')}`, params: { from_ms, to_ms } },
  ]);
}

const categories_max = 50;

/** Most mails first. */
export function mailCategories(clickhouse: ClickHouse, span: Span): Promise<{ category: string; emails: number }[]> {
  const { sql, params } = within(span);
  return clickhouse.rows(
    `SELECT category, count() AS emails FROM messages ${sql}
    GROUP BY category ORDER BY emails DESC, category LIMIT ${categories_max}`,
    params,
  );
}

export async function countCustomers(clickhouse: ClickHouse, organization_id: string | undefined): Promise<number> {
  const { sql, params } = where([equals('organization_id', organization_id)]);
  const [row] = await clickhouse.rows<{ customers: number }>(
    `SELECT count() AS customers FROM customers ${sql}`,
    params,
  );
  return row?.customers ?? 0;
}
