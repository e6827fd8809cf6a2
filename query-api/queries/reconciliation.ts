/** What each source read, and how its records ended. */
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { equals, iso_times, where } from './select.ts';

export interface SourceAccount {
  readonly organization_id: string;
  readonly source: string;
  readonly connector: string;
  readonly done: boolean;
  readonly error: string | null;
  readonly read_at: string;
  readonly read: number;
  readonly stored: number;
  readonly duplicate: number;
  readonly dead_letter: number;
  readonly filtered: number;
  readonly erased: number;
  readonly expired: number;
  readonly in_flight: number;
  /** Sequence numbers that ended more than once: 0 unless something is wrong. */
  readonly repeated: number;
  /** By how much an end is ahead of what the source says it read: 0 unless something is wrong or late. */
  readonly unread: number;
  /** Stored, but after the minute it belongs to had closed. */
  readonly late: number;
}

const sources_max = 10_000;

export function sourceAccounts(clickhouse: ClickHouse, organization_id: string | undefined): Promise<SourceAccount[]> {
  const { sql, params } = where([equals('organization_id', organization_id)]);
  return clickhouse.rows<SourceAccount>(
    `SELECT
      organization_id, source, connector, done, error, read_at, read, stored, duplicate, dead_letter, filtered, erased,
      expired, in_flight, repeated, unread, late
    FROM reconciliation ${sql} ORDER BY organization_id, source LIMIT ${sources_max} ${iso_times}`,
    params,
  );
}
