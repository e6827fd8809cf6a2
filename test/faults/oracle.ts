/**
 * What is in Kafka and in ClickHouse, read without any code that is under test: node-rdkafka, avsc and plain HTTP.
 */
import { createHash } from 'node:crypto';
import avsc from 'avsc';
import rdkafka from 'node-rdkafka';
import type { KafkaConfig } from '../../lib/kafka.ts';
import { group_id as sink_group_id } from '../../lib/sink-runtime.ts';
import { topics } from '../../schemas/topics.ts';
import { corrupt_key, expectedTotals, type Input, type Total } from './input.ts';
import { eventTopic, table, totals, totalTopic } from './pipeline.ts';

const header_bytes = 5;
const typeOf = (schema: object): avsc.Type => avsc.Type.forSchema(schema as avsc.Schema);
const promised = <T>(start: (done: (error: unknown, value?: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => start((error, value) => (error ? reject(error) : resolve(value as T))));

interface Message {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: Buffer | null;
}

/** A consumer outside any group that reads what is committed. */
export interface Follower {
  readonly messages: Message[];
  /** Reads on until nothing more comes for so long. */
  drain(quiet_ms: number): Promise<void>;
  /** Reads on until every partition's end has been met. */
  toEnds(): Promise<void>;
  close(): Promise<void>;
}

export async function follow(kafka: KafkaConfig, topic: string, partitions: number): Promise<Follower> {
  const consumer = new rdkafka.KafkaConsumer(
    {
      'metadata.broker.list': kafka.brokers,
      'group.id': 'faults-oracle',
      'enable.auto.commit': false,
      'isolation.level': 'read_committed',
      'enable.partition.eof': true,
      'fetch.wait.max.ms': 50,
    },
    { 'auto.offset.reset': 'earliest' },
  );
  await promised(done => consumer.connect({}, done as never));
  consumer.setDefaultConsumeTimeout(50);
  consumer.assign(Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: 0 })));
  const messages: Message[] = [];
  const ended = new Set<number>();
  consumer.on('partition.eof', ({ partition }) => void ended.add(partition));
  let closing = false;
  let last_at_ms = Date.now();
  let read = (): void => undefined;
  const reading = (async () => {
    while (!closing) {
      const got = await promised<rdkafka.Message[]>(done => consumer.consume(1_000, done as never)).catch(() => []);
      if (got.length > 0) last_at_ms = Date.now();
      for (const { topic, partition, offset, key, value } of got) {
        messages.push({ topic, partition, offset, key: String(key ?? ''), value });
      }
      // What lies before an end comes with it, or came before.
      if (ended.size === partitions) read();
    }
  })();
  return {
    messages,
    async drain(quiet_ms) {
      last_at_ms = Date.now();
      while (Date.now() - last_at_ms < quiet_ms) await new Promise(done => setTimeout(done, 50));
    },
    toEnds: () =>
      new Promise(done => {
        read = done;
      }),
    async close() {
      closing = true;
      await reading;
      await promised(done => consumer.disconnect(done as never)).catch(() => undefined);
    },
  };
}

/** One record of the topic as it lies there. */
export async function soundRecord(kafka: KafkaConfig, topic: string): Promise<Buffer> {
  const follower = await follow(kafka, topic, kafka.partitions as number);
  try {
    for (;;) {
      const found = follower.messages.find(isSound);
      if (found?.value) return found.value;
      await new Promise(done => setTimeout(done, 20));
    }
  } finally {
    await follower.close();
  }
}

/** The partition that has the only source's position. */
export async function sourcePartition(kafka: KafkaConfig): Promise<number> {
  const [position] = await wholeMessages(kafka, topics.sourcePosition.name);
  if (!position) throw new Error('no source has committed anything');
  return position.partition;
}

/** Whether something lies in the topic whose transaction is neither committed nor aborted. */
export async function hasOpenTransaction(kafka: KafkaConfig, topic: string, partitions: number): Promise<boolean> {
  const [stable, high] = await Promise.all(
    ['read_committed', 'read_uncommitted'].map(async level => {
      const settings = { 'metadata.broker.list': kafka.brokers, 'group.id': 'faults-oracle', 'isolation.level': level };
      const client = new rdkafka.KafkaConsumer(settings as never, {});
      await promised(done => client.connect({}, done as never));
      const ends = await Promise.all(
        Array.from({ length: partitions }, (_, partition) =>
          promised<{ highOffset: number }>(done =>
            client.queryWatermarkOffsets(topic, partition, 5_000, done as never),
          ),
        ),
      );
      await promised(done => client.disconnect(done as never));
      return ends.reduce((sum, { highOffset }) => sum + highOffset, 0);
    }),
  );
  return (high as number) > (stable as number);
}

/** By partition, the offset that the group has committed in the topic, and the one after the last of its rows. */
export async function sinkPositions(
  kafka: KafkaConfig,
  clickhouse_url: string,
): Promise<{ readonly committed: number; readonly stored: number }[]> {
  const client = new rdkafka.KafkaConsumer({ 'metadata.broker.list': kafka.brokers, 'group.id': sink_group_id }, {});
  await promised(done => client.connect({}, done as never));
  const partitions = Array.from({ length: kafka.partitions as number }, (_, partition) => partition);
  const places = partitions.map(partition => ({ topic: totalTopic.name, partition }));
  const committed = await promised<{ partition: number; offset?: number }[]>(done =>
    client.committed(places, 5_000, done as never),
  );
  await promised(done => client.disconnect(done as never));
  const ends = await sql(
    clickhouse_url,
    `SELECT kafka_partition, max(kafka_offset) + 1 FROM ${table} GROUP BY kafka_partition FORMAT TSV`,
  );
  const stored = new Map(ends.split('\n').map(line => line.split('\t').map(Number) as [number, number]));
  return committed.map(({ partition, offset = 0 }) => ({ committed: offset, stored: stored.get(partition) ?? 0 }));
}

export interface Findings {
  /** Differences, in words; none where everything is as it must be. */
  readonly faults: string[];
  readonly events: number;
  readonly totals: number;
  readonly rows: number;
  /** Records that were no records, each of which is a dead letter. */
  readonly corrupt: number;
}

const shown_max = 5;

/** Everything that was committed, held against a recomputation of the input. `live` was read while it happened. */
export async function findings(
  kafka: KafkaConfig,
  clickhouse_url: string,
  input: Input,
  live: Follower | null,
): Promise<Findings> {
  const expected = expectedTotals(input);
  const faults: string[] = [];
  const note = (kind: string, problems: string[]): void => {
    const more = problems.length > shown_max ? ` … ${problems.length} in all` : '';
    if (problems.length > 0) faults.push(`${kind}: ${problems.slice(0, shown_max).join('; ')}${more}`);
  };

  const eventType = typeOf(eventTopic.schema);
  const sequences: number[] = [];
  const [eventMessages, totalMessages, changes, letters] = await Promise.all([
    wholeMessages(kafka, eventTopic.name),
    wholeMessages(kafka, totalTopic.name),
    wholeMessages(kafka, totals.changelog?.name as string),
    wholeMessages(kafka, topics.deadLetter.name, 1),
    live?.drain(1_000),
  ] as const);
  const events = eventMessages.filter(isSound).map(message => {
    const { event_id, lineage } = eventType.fromBuffer(bodyOf(message)) as {
      event_id: string;
      lineage: { sequence: number };
    };
    sequences.push(lineage.sequence);
    return event_id;
  });
  note('events', differences(events, [...expected.keys()]));
  note(
    'sequence',
    differences(
      sequences.map(String),
      Array.from({ length: input.count }, (_, i) => String(i + 1)),
    ),
  );

  const totalType = typeOf(totalTopic.schema);
  const totalOf = (message: Message): string => {
    const { event_id, key, count, sum } = totalType.fromBuffer(bodyOf(message)) as Total;
    return textOf({ event_id, key, count, sum });
  };
  const wanted = [...expected.values()].map(textOf);
  const outputs = totalMessages.filter(isSound).map(totalOf);
  note('totals', differences(outputs, wanted));
  if (live) {
    note('totals read live', differences(live.messages.filter(isSound).map(totalOf), wanted));
  }

  const last = new Map<string, string>();
  const stateType = typeOf(totals.changelog?.schema as object);
  for (const message of changes) {
    const { count, sum } = stateType.fromBuffer(bodyOf(message)) as { count: number; sum: number };
    last.set(message.key, `${message.key} ${count} ${sum}`);
  }
  const final = new Map([...expected.values()].map(({ key, count, sum }) => [key, `${key} ${count} ${sum}`]));
  note('state', differences([...last.values()], [...final.values()]));

  const rows = await rowsOf(clickhouse_url);
  note('rows', differences(rows.map(textOf), wanted));

  const corrupt = [...eventMessages, ...totalMessages].filter(message => !isSound(message));
  const letterType = typeOf(topics.deadLetter.schema);
  note(
    'dead letters',
    differences(
      letters.map(message => originOf(letterType.fromBuffer(bodyOf(message)) as Origin)),
      corrupt.map(({ topic, partition, offset, value }) =>
        originOf({ topic, partition, offset, original_sha256: sha256(value ?? Buffer.alloc(0)) }),
      ),
    ),
  );
  return { faults, events: events.length, totals: outputs.length, rows: rows.length, corrupt: corrupt.length };
}

interface Origin {
  readonly topic: string | null;
  readonly partition: number | null;
  readonly offset: number | null;
  readonly original_sha256: string;
}

const originOf = (at: Origin): string => `${at.topic}/${at.partition}/${at.offset} ${at.original_sha256}`;
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const isSound = ({ key }: Message): boolean => !key.startsWith(corrupt_key);

const textOf = ({ event_id, key, count, sum }: Total): string => `${event_id} ${key} ${count} ${sum}`;
const bodyOf = ({ value }: Message): Buffer => (value as Buffer).subarray(header_bytes);

/** What is there too often, what is missing, and what should not be there; first how much of each, where it is much. */
function differences(found: readonly string[], wanted: readonly string[]): string[] {
  const count = new Map<string, number>();
  for (const one of found) count.set(one, (count.get(one) ?? 0) + 1);
  const [missing, repeated]: [string[], string[]] = [[], []];
  for (const one of wanted) {
    const times = count.get(one) ?? 0;
    if (times === 0) missing.push(`${one} is missing`);
    if (times > 1) repeated.push(`${one} is there ${times} times`);
    count.delete(one);
  }
  const foreign = [...count.keys()].map(one => `${one} should not be there`);
  const all = [...missing, ...repeated, ...foreign];
  if (all.length <= shown_max) return all;
  return [`${missing.length} missing, ${repeated.length} repeated, ${foreign.length} foreign`, ...all];
}

async function wholeMessages(
  kafka: KafkaConfig,
  topic: string,
  partitions = kafka.partitions as number,
): Promise<Message[]> {
  const follower = await follow(kafka, topic, partitions);
  await follower.toEnds();
  await follower.close();
  return follower.messages;
}

export async function sql(url: string, query: string): Promise<string> {
  const headers = { authorization: `Basic ${Buffer.from('default:faults').toString('base64')}` };
  const ask = (): Promise<Response> => fetch(`${url}/?database=faults`, { method: 'POST', body: query, headers });
  // A connection kept for later may have been closed while the oracle reckoned. (To ask for one that is not kept would be worse:
  // there, an answer that is cut off is taken for whole.)
  const response = await ask().catch(ask);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

export async function countRows(url: string): Promise<number> {
  return Number(await sql(url, `SELECT count() FROM ${table} FORMAT TSV`));
}

async function rowsOf(url: string): Promise<Total[]> {
  const text = await sql(url, `SELECT event_id, key, count, sum FROM ${table} FORMAT TSV`);
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const [event_id = '', key = '', count, sum] = line.split('\t');
      return { event_id, key, count: Number(count), sum: Number(sum) };
    });
}
