/** How far each source has been read. */
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { equals, iso_times, where } from './select.ts';

export interface ImportPosition {
  readonly organization_id: string;
  readonly source: string;
  readonly connector: string;
  readonly done: boolean;
  readonly error: string | null;
  /** Records. */
  readonly read: number;
  /** In the unpacked bytes, of a file that is read in order; null elsewhere. */
  readonly offset: number | null;
  readonly read_at: string;
}

const sources_max = 10_000;

export function importPositions(
  clickhouse: ClickHouse,
  organization_id: string | undefined,
): Promise<ImportPosition[]> {
  const { sql, params } = where([equals('organization_id', organization_id)]);
  return clickhouse.rows<ImportPosition>(
    `SELECT
      organization_id, source, connector, done, error, sequence AS read,
      JSONExtract(position, 'offset', 'Nullable(Int64)') AS offset, read_at
    FROM source_positions FINAL ${sql} ORDER BY organization_id, source LIMIT ${sources_max} ${iso_times}`,
    params,
  );
}
