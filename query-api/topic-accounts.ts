/**
 * Whether every record that lies committed in a topic has its one row: counted at both ends, in what the broker delivers and in
 * the tables, and never taken from what a stage says of itself. Records are read, not reckoned from offsets: markers of
 * transactions and aborted records leave gaps there.
 */
import { z } from 'zod';
import type { ClickHouse } from '../lib/clickhouse.ts';
import { type KafkaConfig, readToEnd, type TopicPartition } from '../lib/kafka.ts';
import { openOffsetReader, topicIds } from '../lib/kafka-admin.ts';

/** A topic each of whose records becomes one row, which keeps its offset. The records' keys begin with `organization_id/`. */
export interface Landing {
  readonly topic: string;
  readonly table: string;
  /** Whoever stores it: what it has committed is stored. */
  readonly group_id: string;
}

export const topicAccount = z
  .object({
    topic: z.string(),
    table: z.string(),
    records: z
      .int()
      .describe('Of organisations that are not removed, from the topic’s present start to what the sink has committed'),
    rows: z.int(),
    dead_letter: z.int().describe('Refused by the sink: these have a dead letter instead of a row'),
    missing: z
      .int()
      .nullable()
      .describe('Records with neither. Null where somebody was erased: their rows are left out on purpose'),
    repeated: z.int().describe('Rows beyond one for a record: 0 unless something is wrong'),
    balanced: z.boolean(),
  })
  .meta({ id: 'TopicAccount' });
export type TopicAccount = Readonly<z.infer<typeof topicAccount>>;

export interface TopicAccountParts {
  readonly kafka: KafkaConfig;
  readonly clickhouse: ClickHouse;
  readonly landings: readonly Landing[];
}

/** What was found in one partition. */
interface Stretch extends TopicPartition {
  /** The offset of the first record, and the one after the last that counts. */
  from: number;
  readonly to: number;
  /** By organisation. */
  readonly records: Map<string, number>;
}

export async function topicAccounts({ kafka, clickhouse, landings }: TopicAccountParts): Promise<TopicAccount[]> {
  const ids = await topicIds(kafka);
  const present = await presentOrganizations(clickhouse);
  const someoneErased = (await clickhouse.rows('SELECT 1 FROM erasures LIMIT 1')).length > 0;
  const all = await readStretches(kafka, landings);
  return Promise.all(
    landings.map(async ({ topic, table }) => {
      const stretches = all.filter(stretch => stretch.topic === topic);
      const counts = stretches.flatMap(stretch => [...stretch.records]);
      const records = sumOf(counts.map(([id, count]) => (present.has(id) ? count : 0)));
      const rows = await rowsOf(clickhouse, table, ids.get(topic) ?? '', stretches, present);
      const dead_letter = await lettersOf(clickhouse, topic, stretches, present);
      const missing = records - rows.distinct - dead_letter;
      const repeated = rows.rows - rows.distinct;
      return {
        ...{ topic, table, records, rows: rows.rows, dead_letter, repeated },
        missing: someoneErased ? null : missing,
        balanced: repeated === 0 && (someoneErased ? missing >= 0 : missing === 0),
      };
    }),
  );
}

/** A removed one's records stay in the topics until their time is over, and its rows are gone. */
async function presentOrganizations(clickhouse: ClickHouse): Promise<Set<string>> {
  const rows = await clickhouse.rows<{ id: string }>('SELECT DISTINCT organization_id AS id FROM source_positions');
  return new Set(rows.map(({ id }) => id));
}

async function readStretches(kafka: KafkaConfig, landings: readonly Landing[]): Promise<Stretch[]> {
  const stretches = new Map<string, Stretch>();
  const offsets = await openOffsetReader(kafka);
  try {
    for (const { topic, group_id } of landings) {
      for (const [place, to] of await offsets.committed(group_id, [topic])) {
        const partition = Number(place.slice(place.lastIndexOf('/') + 1));
        if (to > 0) stretches.set(place, { topic, partition, from: to, to, records: new Map() });
      }
    }
  } finally {
    await offsets.close();
  }
  await readToEnd(kafka, [...stretches.values()], (batch, i) => {
    const stretch = stretches.get(`${batch.topic(i)}/${batch.partition(i)}`) as Stretch;
    const offset = batch.offset(i);
    if (offset >= stretch.to) return;
    stretch.from = Math.min(stretch.from, offset);
    if (batch.isTombstone(i)) return;
    const organization_id = organizationOf(batch.key(i));
    stretch.records.set(organization_id, (stretch.records.get(organization_id) ?? 0) + 1);
  });
  return [...stretches.values()];
}

const organizationOf = (key: string): string => key.slice(0, Math.max(0, key.indexOf('/')));

async function rowsOf(
  clickhouse: ClickHouse,
  table: string,
  topic_id: string,
  stretches: readonly Stretch[],
  present: ReadonlySet<string>,
): Promise<{ rows: number; distinct: number }> {
  const found = await clickhouse.rows<{ organization_id: string; rows: number; distinct: number }>(
    `SELECT organization_id, count() AS rows, uniqExact(kafka_partition, kafka_offset) AS distinct FROM ${table}
    WHERE kafka_topic_id = {topic_id:String} AND ${within(stretches, 'kafka_partition', 'kafka_offset')}
    GROUP BY organization_id`,
    { topic_id },
  );
  const theirs = found.filter(({ organization_id }) => present.has(organization_id));
  return { rows: sumOf(theirs.map(({ rows }) => rows)), distinct: sumOf(theirs.map(({ distinct }) => distinct)) };
}

async function lettersOf(
  clickhouse: ClickHouse,
  topic: string,
  stretches: readonly Stretch[],
  present: ReadonlySet<string>,
): Promise<number> {
  const found = await clickhouse.rows<{ original_key: string }>(
    `SELECT original_key FROM dead_letters
    WHERE stage = 'sink' AND topic = {topic:String} AND ${within(stretches, 'partition', 'offset')}`,
    { topic },
  );
  return found.filter(({ original_key }) => present.has(organizationOf(original_key))).length;
}

/** SQL: whether a position lies in one of the stretches. */
function within(stretches: readonly Stretch[], partition: string, offset: string): string {
  const each = stretches.map(
    one => `(${partition} = ${one.partition} AND ${offset} >= ${one.from} AND ${offset} < ${one.to})`,
  );
  return each.length === 0 ? '0' : `(${each.join(' OR ')})`;
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);
