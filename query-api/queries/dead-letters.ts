/** Records that could not be processed. */
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { type Clause, equals, instant, iso_times, where } from './select.ts';

export interface DeadLetterFilter {
  readonly organization_id?: string | undefined;
  readonly cause?: string | undefined;
  readonly source?: string | undefined;
  /** The dead letter after which the answer begins: its time and id. */
  readonly after?: readonly [number, string] | null;
}

export interface DeadLetterCause {
  readonly cause: string;
  readonly stages: readonly string[];
  readonly organizations: readonly string[];
  readonly sources: readonly string[];
  readonly count: number;
  readonly first: string;
  readonly last: string;
  /** The newest one. */
  readonly example: { readonly id: string; readonly message: string };
}

export interface DeadLetterRow {
  readonly id: string;
  readonly dead_letter_id: string;
  readonly cause: string;
  readonly message: string;
  readonly original_sha256: string;
  readonly failed_at: string;
}

const dead_letter_columns = `
  dead_letter_id AS id, dead_letter_id, organization_id, mailbox, stage, cause, message, original_sha256,
  original_size_bytes, topic, partition, offset, failed_at, source, sequence`;

const names_max = 20;

/** What goes wrong, the most frequent first. */
export function deadLetterCauses(
  clickhouse: ClickHouse,
  filter: Omit<DeadLetterFilter, 'after'>,
  limit: number,
): Promise<DeadLetterCause[]> {
  const { sql, params } = where(conditions(filter));
  return clickhouse.rows<DeadLetterCause>(
    `SELECT
      cause, groupUniqArray(${names_max})(stage) AS stages, groupUniqArray(${names_max})(organization_id) AS organizations,
      groupUniqArray(${names_max})(source) AS sources, count() AS count, min(failed_at) AS first, max(failed_at) AS last,
      CAST((argMax(dead_letter_id, failed_at), argMax(message, failed_at)), 'Tuple(id String, message String)') AS example
    FROM dead_letters ${sql} GROUP BY cause ORDER BY count DESC, cause LIMIT {limit:UInt32} ${iso_times}`,
    { ...params, limit },
  );
}

const conditions = (filter: DeadLetterFilter): (Clause | null)[] => [
  equals('organization_id', filter.organization_id),
  equals('cause', filter.cause),
  equals('source', filter.source),
];

/** Newest first. */
export function listDeadLetters(
  clickhouse: ClickHouse,
  filter: DeadLetterFilter,
  limit: number,
): Promise<DeadLetterRow[]> {
  const { sql, params } = where([...conditions(filter), deadLettersAfter(filter.after ?? null)]);
  return clickhouse.rows<DeadLetterRow>(
    `SELECT ${dead_letter_columns} FROM dead_letters ${sql}
    ORDER BY failed_at DESC, dead_letter_id DESC LIMIT {limit:UInt32} ${iso_times}`,
    { ...params, limit },
  );
}

function deadLettersAfter(key: readonly [number, string] | null): Clause | null {
  if (key === null) return null;
  const [after_ms, after_id] = key;
  return {
    sql: `(failed_at, dead_letter_id) < (${instant('after_ms')}, {after_id:String})`,
    params: { after_ms, after_id },
  };
}

export async function findDeadLetter(clickhouse: ClickHouse, dead_letter_id: string): Promise<DeadLetterRow | null> {
  const rows = await clickhouse.rows<DeadLetterRow>(
    `SELECT ${dead_letter_columns} FROM dead_letters WHERE dead_letter_id = {id:String} LIMIT 1 ${iso_times}`,
    { id: dead_letter_id },
  );
  return rows[0] ?? null;
}
