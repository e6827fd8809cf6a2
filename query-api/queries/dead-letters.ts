/** Records that could not be processed. */
import { z } from 'zod';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { instant as time } from '../rows.ts';
import { type Clause, equals, iso_times, where } from './select.ts';
import { beyond, type Order, orderBy, type Sortable } from './sort.ts';

export interface DeadLetterFilter {
  readonly organization_id?: string | undefined;
  readonly cause?: string | undefined;
  readonly source?: string | undefined;
}

export const deadLetterSorts = {
  columns: { failed_at: 'instant', original_size_bytes: 'number' },
  ids: ['organization_id', 'dead_letter_id'],
} as const satisfies Sortable<string>;
type DeadLetterOrder = Order<keyof typeof deadLetterSorts.columns>;

export const deadLetterCause = z
  .object({
    cause: z.string(),
    stages: z.array(z.string()),
    organizations: z.array(z.string()),
    sources: z.array(z.string()),
    count: z.int(),
    replayed: z.int().describe('Of these, how many were replayed'),
    first: time,
    last: time,
    example: z.object({ id: z.string(), message: z.string() }).describe('The newest one'),
  })
  .meta({ id: 'DeadLetterCause' });
export type DeadLetterCause = Readonly<z.infer<typeof deadLetterCause>>;

export const deadLetter = z
  .object({
    id: z.string(),
    dead_letter_id: z.string(),
    organization_id: z.string(),
    mailbox: z.string(),
    stage: z.string(),
    cause: z.string(),
    message: z.string(),
    original_sha256: z.string(),
    original_size_bytes: z.int(),
    topic: z.string().nullable(),
    partition: z.int().nullable(),
    offset: z.int().nullable(),
    original_key: z.string(),
    failed_at: time,
    source: z.string(),
    sequence: z.int(),
  })
  .meta({ id: 'DeadLetter' });
export type DeadLetterRow = Readonly<z.infer<typeof deadLetter>>;

export const dead_letter_columns = `
  dead_letter_id AS id, dead_letter_id, organization_id, mailbox, stage, cause, message, original_sha256,
  original_size_bytes, topic, partition, offset, original_key, failed_at, source, sequence`;

const names_max = 20;

/** What goes wrong, the most frequent first. */
export function deadLetterCauses(
  clickhouse: ClickHouse,
  filter: DeadLetterFilter,
  limit: number,
): Promise<DeadLetterCause[]> {
  const { sql, params } = where(deadLetterConditions(filter));
  return clickhouse.rows<DeadLetterCause>(
    `SELECT
      cause, groupUniqArray(${names_max})(stage) AS stages, groupUniqArray(${names_max})(organization_id) AS organizations,
      groupUniqArray(${names_max})(source) AS sources, count() AS count,
      countIf((organization_id, dead_letter_id) IN (SELECT organization_id, dead_letter_id FROM replays)) AS replayed,
      min(failed_at) AS first, max(failed_at) AS last,
      CAST((argMax(dead_letter_id, failed_at), argMax(message, failed_at)), 'Tuple(id String, message String)') AS example
    FROM dead_letters ${sql} GROUP BY cause ORDER BY count DESC, cause LIMIT {limit:UInt32} ${iso_times}`,
    { ...params, limit },
  );
}

export const deadLetterConditions = (filter: DeadLetterFilter): (Clause | null)[] => [
  equals('organization_id', filter.organization_id),
  equals('cause', filter.cause),
  equals('source', filter.source),
];

export function listDeadLetters(
  clickhouse: ClickHouse,
  filter: DeadLetterFilter,
  order: DeadLetterOrder,
  limit: number,
): Promise<DeadLetterRow[]> {
  const { sql, params } = where([...deadLetterConditions(filter), beyond(deadLetterSorts, order)]);
  return clickhouse.rows<DeadLetterRow>(
    `SELECT ${dead_letter_columns} FROM dead_letters ${sql} ${orderBy(deadLetterSorts, order)}
    LIMIT {limit:UInt32} ${iso_times}`,
    { ...params, limit },
  );
}

export async function findDeadLetter(
  clickhouse: ClickHouse,
  dead_letter_id: string,
  organization_id?: string,
): Promise<DeadLetterRow | null> {
  const { sql, params } = where([equals('dead_letter_id', dead_letter_id), equals('organization_id', organization_id)]);
  const rows = await clickhouse.rows<DeadLetterRow>(
    `SELECT ${dead_letter_columns} FROM dead_letters ${sql} ORDER BY failed_at DESC LIMIT 1 ${iso_times}`,
    params,
  );
  return rows[0] ?? null;
}

/** A dead letter as its replay needs it. What could not be read from a topic is one for each stage that reads it. */
export interface LetterDetails {
  readonly organization_id: string;
  readonly mailbox: string;
  readonly owner_id: string;
  readonly team_id: string;
  readonly dead_letter_id: string;
  readonly stage: string;
  readonly stages: readonly string[];
  readonly cause: string;
  readonly source: string;
  readonly topic: string | null;
  readonly original_sha256: string;
  readonly original_size_bytes: number;
}

export function lettersNamed(clickhouse: ClickHouse, ids: readonly string[]): Promise<LetterDetails[]> {
  return clickhouse.rows<LetterDetails>(
    `SELECT
      organization_id, dead_letter_id, any(l.mailbox) AS mailbox, any(l.owner_id) AS owner_id, any(l.team_id) AS team_id,
      min(l.stage) AS stage, groupUniqArray(l.stage) AS stages, argMin(l.cause, l.stage) AS cause, any(l.source) AS source,
      any(l.topic) AS topic, any(l.original_sha256) AS original_sha256, any(l.original_size_bytes) AS original_size_bytes
    FROM dead_letters AS l WHERE dead_letter_id IN {ids:Array(String)} GROUP BY organization_id, dead_letter_id`,
    { ids },
  );
}

export const replay = z
  .object({
    organization_id: z.string(),
    dead_letter_id: z.string(),
    replayed_at: time,
    replayed_sha256: z.string(),
    replay_organization_id: z.string(),
    replay_sequence: z.int(),
    end: z.string().describe('How its record ended, or `in_flight`'),
    record_id: z.string(),
  })
  .meta({ id: 'Replay' });
export type ReplayRow = Readonly<z.infer<typeof replay>>;

const replay_columns = `
  organization_id, dead_letter_id, replayed_at, replayed_sha256, replay_organization_id, replay_sequence, \`end\`, record_id`;

/** The replays of an organisation's source `replay` from one number to another, and how each has ended. */
export function replaysBetween(
  clickhouse: ClickHouse,
  range: { readonly organization_id: string; readonly first: number; readonly last: number },
): Promise<ReplayRow[]> {
  return clickhouse.rows<ReplayRow>(
    `SELECT ${replay_columns} FROM replayed_letters
    WHERE replay_organization_id = {organization_id:String} AND replay_sequence BETWEEN {first:Int64} AND {last:Int64}
    ORDER BY replay_sequence ${iso_times}`,
    { ...range },
  );
}

export async function replayOf(
  clickhouse: ClickHouse,
  letter: { readonly organization_id: string; readonly dead_letter_id: string },
): Promise<ReplayRow | null> {
  const rows = await clickhouse.rows<ReplayRow>(
    `SELECT ${replay_columns} FROM replayed_letters
    WHERE organization_id = {organization_id:String} AND dead_letter_id = {dead_letter_id:String} LIMIT 1 ${iso_times}`,
    { organization_id: letter.organization_id, dead_letter_id: letter.dead_letter_id },
  );
  return rows[0] ?? null;
}
