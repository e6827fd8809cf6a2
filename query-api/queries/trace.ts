/** The way of one record: its arrivals, the hops of each, the rows it left. */
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { end_columns, type RecordEnd } from './ends.ts';
import { type Clause, iso_times } from './select.ts';

const records_max = 20;
const arrivals_max = 200;
const trace_rows_max = 1_000;

/** The records that an id names: an email, change, event or interaction id, a Message-ID, a dead letter's id. */
export async function recordsNamed(clickhouse: ClickHouse, id: string): Promise<string[]> {
  const rows = await clickhouse.rows<{ record_id: string }>(
    `SELECT DISTINCT record_id FROM (
      SELECT email_id AS record_id FROM messages WHERE email_id = {id:String}
      UNION ALL SELECT email_id FROM messages WHERE message_id = {id:String}
      UNION ALL SELECT record_id FROM interactions WHERE record_id = {id:String} OR interaction_id = {id:String}
      UNION ALL SELECT record_id FROM duplicates WHERE record_id = {id:String}
      UNION ALL SELECT dead_letter_id FROM dead_letters WHERE dead_letter_id = {id:String}
    ) ORDER BY record_id LIMIT ${records_max}`,
    { id },
  );
  return rows.map(row => row.record_id);
}

/** The ends of every arrival of these records, the first arrival first. */
export function endsOf(clickhouse: ClickHouse, record_ids: readonly string[]): Promise<RecordEnd[]> {
  return clickhouse.rows<RecordEnd>(
    `SELECT ${end_columns} FROM record_ends WHERE record_id IN {record_ids:Array(String)}
    ORDER BY ingested_at, organization_id, source, sequence LIMIT ${arrivals_max}`,
    { record_ids },
  );
}

export interface Place {
  readonly organization_id: string;
  readonly source: string;
  readonly sequence: number;
}

export interface HopRow extends Place {
  readonly stage: string;
  readonly version: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly at: string;
}

/** In the order of time. */
export function hopsOf(clickhouse: ClickHouse, places: readonly Place[]): Promise<HopRow[]> {
  const { sql, params } = inPlaces(places);
  return clickhouse.rows<HopRow>(
    `SELECT organization_id, source, sequence, stage, version, topic, partition, offset, at FROM trace FINAL
    WHERE ${sql} ORDER BY at, offset LIMIT ${trace_rows_max} ${iso_times}`,
    params,
  );
}

export type TracedRow = Place & { readonly table: string } & Readonly<Record<string, unknown>>;

/** Each table that an arrival leaves rows in, and what tells them apart. Never a mail's words: a trace is no mail. */
const traced: Readonly<Record<string, string>> = {
  messages: 'email_id, message_id, mailbox, received_at, models, stored_at',
  deliveries: 'email_id, mailbox, received_at',
  interactions: 'interaction_id, person_id, kind, record_id, occurred_at, stored_at',
  lead_scores: 'person_id, score, grade, fit, engagement, decayed_to, version, model_version, caused_by, scored_at',
  duplicates: 'record_id, kind, first_source, first_sequence, seen_at',
  dead_letters: 'dead_letter_id, stage, cause, message, failed_at',
};

/** The rows that these arrivals left behind, by table. */
export async function rowsOf(clickhouse: ClickHouse, places: readonly Place[]): Promise<TracedRow[]> {
  const { sql, params } = inPlaces(places);
  const found = await Promise.all(
    Object.entries(traced).map(([table, columns]) =>
      clickhouse.rows<TracedRow>(
        `SELECT '${table}' AS table, organization_id, source, sequence, ${columns}, ingested_at, kafka_partition, kafka_offset
        FROM ${table} WHERE ${sql} LIMIT ${trace_rows_max} ${iso_times}`,
        params,
      ),
    ),
  );
  return found.flat();
}

function inPlaces(places: readonly Place[]): Clause {
  return {
    sql: `(organization_id, source, sequence) IN
      arrayZip({organizations:Array(String)}, {sources:Array(String)}, {sequences:Array(Int64)})`,
    params: {
      organizations: places.map(place => place.organization_id),
      sources: places.map(place => place.source),
      sequences: places.map(place => place.sequence),
    },
  };
}
