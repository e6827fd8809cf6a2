/**
 * From a topic to a MergeTree: Millrace's sink, exactly once, beside ClickHouse's own Kafka engine, at least once, into the
 * same engine. And what the sink's insert stage costs beside inserting the same rows, prepared, in RowBinary.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startClickHouse } from '../embedded/clickhouse/index.ts';
import { type ClickHouse, createClickHouse } from '../lib/clickhouse.ts';
import type { KafkaConfig } from '../lib/kafka.ts';
import { createTopics } from '../lib/kafka-admin.ts';
import { createLog } from '../lib/log.ts';
import { RecordRange } from '../lib/record-range.ts';
import { type Serde, serdeOf } from '../lib/registry.ts';
import { openRegistry, registerSchemas } from '../lib/registry-open.ts';
import { storeRange } from '../lib/sink-insert.ts';
import { sinkPlanTopic } from '../lib/sink-runtime.ts';
import type { Topic } from '../lib/topic.ts';
import { openArena, seed, writeEvents } from './eos/contest.ts';
import { events, usual_persons } from './eos/input.ts';
import { type Event, eventTopic } from './eos/topology.ts';
import { median } from './quantiles.ts';
import { columns, eventSink, tableOf } from './sink/table.ts';
import type { SinkTask } from './sink/worker.ts';

export interface SinkBenchOptions {
  readonly dir: string;
  readonly records: number;
  readonly repetitions: number;
  progress(line: string): void;
}

export interface SinkResult {
  readonly name: 'sink';
  /** Rows a second against the Kafka engine's: medians of each repetition's ratio. */
  readonly ratio: number;
  /** Of the insert stage alone, against inserting prepared rows. */
  readonly insert_ratio: number;
  /** Rows a second. */
  readonly medians: Readonly<Record<Contestant, number>>;
  readonly runs: readonly (Readonly<Record<Contestant, number>> & { readonly repeated_by_kafka_engine: number })[];
}

type Contestant = 'millrace' | 'kafka-engine' | 'insert-stage' | 'raw-insert';

interface Bench {
  readonly kafka: KafkaConfig;
  readonly clickhouse: ClickHouse;
  readonly registry_url: string;
  readonly records: number;
}

const linger_ms = 100;
const range_records = 10_000;
const batch_records = 1_000;
const stall_ms_max = 60_000;

export async function benchSink({ dir, records, repetitions, progress }: SinkBenchOptions): Promise<SinkResult> {
  const engine = await startClickHouse({
    data_dir: join(dir, 'clickhouse'),
    user: 'bench',
    password: 'bench',
    onExit(error) {
      throw error;
    },
  });
  const clickhouse = createClickHouse({ url: engine.url, user: 'bench', password: 'bench', database: 'default' });
  const registry = await serveSchemas();
  const registry_url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
  const runs: SinkResult['runs'][number][] = [];
  try {
    for (let i = 0; i < repetitions; i++) {
      // A broker each: a group would wait for the sink that read before until its session ends, since it may come back.
      const arena = await openArena(join(dir, String(i)), { records: 1, persons: 1 });
      const { kafka } = arena;
      await createTopics(kafka, [sinkPlanTopic] as unknown as Topic<never>[]);
      await registerSchemas({ kafka }, [sinkPlanTopic] as unknown as Topic<never>[]);
      const bench: Bench = { kafka, clickhouse, registry_url, records };
      const topic = 'bench.sink';
      await writeEvents(kafka, topic, { records, persons: usual_persons });
      const ours = await ofMillrace(bench, topic, `millrace_${i}`);
      const theirs = await ofKafkaEngine(bench, topic, `engine_${i}`);
      const stage = await ofInsertStage(bench, topic, `stage_${i}`);
      const raw = await ofRawInsert(bench, `raw_${i}`);
      await arena.stop();
      const rates = { millrace: ours, 'kafka-engine': theirs.rate, 'insert-stage': stage, 'raw-insert': raw };
      runs.push({ ...rates, repeated_by_kafka_engine: theirs.repeated });
      const told = Object.entries(rates).map(([name, rate]) => `${name} ${Math.round(rate)}`);
      progress(`rows/s: ${told.join(', ')}`);
    }
  } finally {
    registry.close();
    await clickhouse.close();
    await engine.stop();
  }
  const ratio = (a: Contestant, b: Contestant): number => median(runs.map(run => run[a] / run[b]));
  const names = ['millrace', 'kafka-engine', 'insert-stage', 'raw-insert'] as const;
  return {
    name: 'sink',
    ratio: ratio('millrace', 'kafka-engine'),
    insert_ratio: ratio('insert-stage', 'raw-insert'),
    medians: Object.fromEntries(names.map(name => [name, median(runs.map(run => run[name]))])) as SinkResult['medians'],
    runs,
  };
}

async function ofMillrace({ kafka, clickhouse, records }: Bench, topic: string, table: string): Promise<number> {
  await clickhouse.command(tableOf(table));
  const began_at_ms = performance.now();
  const child = spawnSink({ kafka, clickhouse: clickhouse.config, topic, table, linger_ms });
  const rate = await rateOf(clickhouse, table, records, began_at_ms).finally(() => ended(child));
  const [found] = await clickhouse.rows<{ rows: number; distinct: number }>(
    `SELECT count() AS rows, uniqExact(event_id) AS distinct FROM ${table}`,
  );
  if (found?.rows !== records || found.distinct !== records) {
    throw new Error(`${table}: ${found?.rows} rows of ${found?.distinct} events for ${records}`);
  }
  await clickhouse.command(`DROP TABLE ${table}`);
  return rate;
}

function spawnSink(task: SinkTask): ChildProcess {
  const script = fileURLToPath(new URL('sink/worker.js', import.meta.url));
  return spawn(process.execPath, [script], {
    env: { ...process.env, TASK: JSON.stringify(task) },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = new Promise(done => child.once('exit', done));
  child.kill('SIGTERM');
  await exit;
}

async function ofKafkaEngine(
  { kafka, clickhouse, records, registry_url }: Bench,
  topic: string,
  table: string,
): Promise<{ rate: number; repeated: number }> {
  const { sasl } = kafka;
  const types = { at_ms: 'Int64', amount: 'Float64' } as Record<string, string>;
  await clickhouse.command(tableOf(table));
  await clickhouse.command(`
    CREATE TABLE ${table}_queue (${columns.map(column => `${column} ${types[column] ?? 'String'}`).join(', ')})
    ENGINE = Kafka SETTINGS
      kafka_broker_list = '${kafka.brokers}', kafka_topic_list = '${topic}', kafka_group_name = '${table}',
      kafka_format = 'AvroConfluent', format_avro_schema_registry_url = '${registry_url}',
      kafka_security_protocol = 'sasl_plaintext', kafka_sasl_mechanism = 'PLAIN',
      kafka_sasl_username = '${sasl?.username}', kafka_sasl_password = '${sasl?.password}',
      kafka_num_consumers = 2, kafka_thread_per_consumer = 1`);
  const began_at_ms = performance.now();
  await clickhouse.command(`
    CREATE MATERIALIZED VIEW ${table}_view TO ${table} AS
    SELECT ${columns.join(', ')}, _topic AS kafka_topic_id, _partition AS kafka_partition, _offset AS kafka_offset
    FROM ${table}_queue`);
  const rate = await rateOf(clickhouse, table, records, began_at_ms);
  const [found] = await clickhouse.rows<{ rows: number }>(`SELECT count() AS rows FROM ${table}`);
  for (const name of [`${table}_view`, `${table}_queue`, table]) await clickhouse.command(`DROP TABLE ${name} SYNC`);
  return { rate, repeated: (found?.rows ?? 0) - records };
}

/**
 * Rows a second from the start, of our process or of the view that makes the engine read: the engine's first rows appear with
 * nearly all the others, in one large block, so there is nothing to count between.
 */
async function rateOf(clickhouse: ClickHouse, table: string, records: number, began_at_ms: number): Promise<number> {
  let last = { at_ms: began_at_ms, rows: 0 };
  while (last.rows < records) {
    const [found] = await clickhouse.rows<{ rows: number }>(`SELECT count() AS rows FROM ${table}`);
    const now = { at_ms: performance.now(), rows: found?.rows ?? 0 };
    if (now.rows > last.rows) last = now;
    else if (now.at_ms - last.at_ms > stall_ms_max) throw new Error(`${table} stands still at ${last.rows} rows`);
    await sleep(20);
  }
  return (last.rows / (last.at_ms - began_at_ms)) * 1000;
}

/** Records as they come from Kafka, in memory; what is counted is from there to the table. */
async function ofInsertStage({ kafka, clickhouse, records }: Bench, name: string, table: string): Promise<number> {
  await clickhouse.command(tableOf(table));
  const topic = eventTopic(name);
  const serde = serdeOf(await openRegistry({ kafka }, [topic]), topic);
  const values = [...events({ records, persons: usual_persons }, seed)].map(event => serde.serialize(event));
  const sink = eventSink(name, table);
  const options = {
    clickhouse,
    log: createLog('bench', 'warn'),
    signal: new AbortController().signal,
    onRetry: () => undefined,
  };
  const began_at_ms = performance.now();
  let storing = Promise.resolve();
  for (let from = 0; from < records; from += range_records) {
    const to = Math.min(from + range_records, records);
    const collected = new RecordRange(0, serde as unknown as Serde<unknown>);
    for (let i = from; i < to; i++) {
      collected.add(i, '', values[i] as Buffer);
      // In batches, as they arrive: between them the range before goes out.
      if (i % batch_records === 0) await setImmediate();
    }
    const place = { topic: name, topic_id: name, partition: 0, from, to };
    // As the sink does: the next range is collected while this one is stored.
    await storing;
    storing = storeRange(sink, { ...place, records: collected, repeated: false }, options);
  }
  await storing;
  const rate = (records / (performance.now() - began_at_ms)) * 1000;
  await clickhouse.command(`DROP TABLE ${table}`);
  return rate;
}

async function ofRawInsert({ clickhouse, records }: Bench, table: string): Promise<number> {
  await clickhouse.command(tableOf(table));
  const blocks = [...blocksOf(records)];
  const names = [...columns, 'kafka_topic_id', 'kafka_partition', 'kafka_offset'].join(', ');
  const began_at_ms = performance.now();
  for (const block of blocks) {
    await clickhouse.insert(`INSERT INTO ${table} (${names}) FORMAT RowBinary`, Readable.from([block]), {
      async_insert: 0,
    });
  }
  const rate = (records / (performance.now() - began_at_ms)) * 1000;
  await clickhouse.command(`DROP TABLE ${table}`);
  return rate;
}

function* blocksOf(records: number): Generator<Buffer> {
  let rows: Buffer[] = [];
  let offset = 0;
  for (const event of events({ records, persons: usual_persons }, seed)) {
    rows.push(rowBinary(event, offset++));
    if (rows.length < range_records && offset < records) continue;
    yield Buffer.concat(rows);
    rows = [];
  }
}

function rowBinary({ event_id, person, at_ms, kind, amount, text }: Event, offset: number): Buffer {
  const numbers = Buffer.alloc(8 + 8);
  numbers.writeBigInt64LE(BigInt(at_ms), 0);
  numbers.writeDoubleLE(amount, 8);
  const place = Buffer.alloc(4 + 8);
  place.writeBigInt64LE(BigInt(offset), 4);
  return Buffer.concat([
    ...sized(event_id),
    ...sized(person),
    numbers.subarray(0, 8),
    ...sized(kind),
    numbers.subarray(8),
    ...sized(text),
    ...sized('bench'),
    place,
  ]);
}

function sized(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const length: number[] = [];
  let rest = bytes.length;
  for (; rest > 0x7f; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return [Buffer.from([...length, rest]), bytes];
}

/** What of a schema registry the Kafka engine asks for. */
async function serveSchemas(): Promise<Server> {
  const topic = eventTopic('bench.event');
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/vnd.schemaregistry.v1+json');
    response.end(JSON.stringify({ schema: JSON.stringify(topic.schema) }));
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  return server;
}
