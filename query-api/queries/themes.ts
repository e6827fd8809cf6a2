/** What customers wrote about when they began a conversation. */
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { type Clause, equals, instant, where } from './select.ts';

export interface ThemeFilter {
  readonly organization_id?: string | undefined;
  readonly category?: string | undefined;
  readonly team_id?: string | undefined;
  readonly from_ms: number;
  readonly to_ms: number;
}

export interface Beginning {
  readonly conversation_id: string;
  readonly organization_id: string;
  readonly subject: string;
  readonly customer: string;
  readonly at_ms: number;
  /** Of the first mail, as far as the caller may read it. */
  readonly words: string;
}

const words_chars_max = 1_000;

/** Of more than `limit` some that are the same each time, from the whole of the time. */
export function beginnings(clickhouse: ClickHouse, filter: ThemeFilter, limit: number): Promise<Beginning[]> {
  const time: Clause = {
    sql: `first_at >= ${instant('from_ms')} AND first_at < ${instant('to_ms')} AND asked_at IS NOT NULL`,
    params: { from_ms: filter.from_ms, to_ms: filter.to_ms },
  };
  const { sql, params } = where([
    time,
    equals('organization_id', filter.organization_id),
    equals('category', filter.category),
    equals('team_id', filter.team_id),
  ]);
  return clickhouse.rows<Beginning>(
    `SELECT c.conversation_id AS conversation_id, c.organization_id AS organization_id, c.subject AS subject,
      c.customer AS customer, toUnixTimestamp64Milli(c.first_at) AS at_ms, m.words AS words
    FROM
    (
      SELECT conversation_id, organization_id, subject, customer, first_at, email_ids[1] AS first_id
      FROM conversations ${sql}
      ORDER BY cityHash64(conversation_id), organization_id LIMIT {limit:UInt32}
    ) AS c
    LEFT JOIN
    (
      SELECT email_id, organization_id, substringUTF8(content, 1, ${words_chars_max}) AS words
      FROM messages
      WHERE direction = 'inbound' AND received_at >= ${instant('from_ms')} AND received_at < ${instant('to_ms')}
    ) AS m ON m.organization_id = c.organization_id AND m.email_id = c.first_id`,
    { ...params, limit },
  );
}
