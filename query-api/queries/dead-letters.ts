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

export interface DeadLetterRow {
  readonly id: string;
  readonly dead_letter_id: string;
  readonly cause: string;
  readonly message: string;
  readonly failed_at: string;
}

const dead_letter_columns = `
  dead_letter_id AS id, dead_letter_id, organization_id, mailbox, stage, cause, message, original_sha256,
  original_size_bytes, topic, partition, offset, failed_at, source, sequence`;

/** Newest first. */
export function listDeadLetters(
  clickhouse: ClickHouse,
  filter: DeadLetterFilter,
  limit: number,
): Promise<DeadLetterRow[]> {
  const { sql, params } = where([
    equals('organization_id', filter.organization_id),
    equals('cause', filter.cause),
    equals('source', filter.source),
    deadLettersAfter(filter.after ?? null),
  ]);
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
