/** How far each source has been read. */
import { z } from 'zod';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { instant as time } from '../rows.ts';
import { equals, iso_times, where } from './select.ts';

export const importPosition = z
  .object({
    organization_id: z.string(),
    source: z.string(),
    connector: z.string(),
    done: z.boolean(),
    error: z.string().nullable(),
    read: z.int().describe('Records'),
    offset: z.int().nullable().describe('In the unpacked bytes of a file that is read in order; null elsewhere'),
    read_at: time,
  })
  .meta({ id: 'Import' });
export type ImportPosition = Readonly<z.infer<typeof importPosition>>;

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
