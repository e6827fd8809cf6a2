/** How single records ended. */
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { instant } from './select.ts';

export type End = 'stored' | 'duplicate' | 'dead_letter' | 'filtered' | 'erased' | 'expired';

export interface RecordEnd {
  readonly organization_id: string;
  readonly source: string;
  readonly sequence: number;
  readonly end: End;
  /** The mail, change or event; of a dead letter, its own id. */
  readonly record_id: string;
}

export const end_columns = 'organization_id, source, sequence, `end`, record_id';

export interface EndRange {
  readonly source: string;
  readonly first: number;
  readonly last: number;
  /** Records ingested earlier are not looked at: the engine leaves their parts out. */
  readonly since_ms: number;
}

/** The ends of a source's records from `first` to `last`. */
export function endsBetween(clickhouse: ClickHouse, range: EndRange): Promise<RecordEnd[]> {
  return clickhouse.rows<RecordEnd>(
    `SELECT ${end_columns} FROM record_ends
    WHERE source = {source:String} AND sequence BETWEEN {first:Int64} AND {last:Int64}
      AND ingested_at >= ${instant('since_ms')}`,
    { ...range },
  );
}
