/**
 * Lands topics in ClickHouse exactly once. One record range is one INSERT is one block with one token:
 *
 *   1. collect   records of each partition, until there are enough or the oldest has waited long enough; the next ones are
 *                collected while these are stored
 *   2. plan      one Kafka transaction: the planned range of each partition, and the offsets before it as committed
 *   3. insert    each range into each of its tables, under the token topic id/partition/from-to
 *
 * A crash before 2 leaves nothing. After 2 the range is fixed: whoever reads the partition next finds a plan that
 * begins at the committed offset and stores exactly that range again (sink-insert.ts says how without storing it twice).
 * A crash after 3 is the same. The plan is fenced like any transaction: a former owner's fails, and what was not
 * planned is never inserted. The records are not decoded: Kafka's Avro bytes become an Avro container. One that is no
 * record of its topic becomes a dead letter, in the transaction that commits the end of its range.
 */
import type { ClickHouse } from './clickhouse.ts';
import type { DeadLetterOffice } from './dead-letter.ts';
import { MillraceError } from './errors.ts';
import {
  type Batch,
  type KafkaConfig,
  openGroupConsumer,
  openTransactionalProducer,
  type Position,
  type TopicPartition,
} from './kafka.ts';
import { topicIds } from './kafka-admin.ts';
import { readLatest } from './latest.ts';
import type { Logger } from './log.ts';
import type { Registry as Metrics } from './metrics.ts';
import { createPace } from './pace.ts';
import { RecordRange, type Unreadable } from './record-range.ts';
import { type Registry, type Serde, serdeOf } from './registry.ts';
import type { Sink } from './sink.ts';
import { type StoredRange, storeRange } from './sink-insert.ts';
import { sinkMetrics } from './sink-metrics.ts';
import { stageMetrics } from './stage-metrics.ts';
import { defineTopic, type Topic } from './topic.ts';
import { placeAttributes, type Span, type Tracer, traceparentAtEnd } from './traces.ts';
import { createWatchdog, stall_ms_max } from './watchdog.ts';

export interface SinkRuntimeOptions {
  readonly kafka: KafkaConfig;
  readonly clickhouse: ClickHouse;
  readonly registry: Registry;
  readonly deadLetterOffice: DeadLetterOffice;
  readonly instance: string;
  /** How long a record may wait for others to share its INSERT. */
  readonly linger_ms: number;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracer?: Tracer | null;
  onFatal(error: Error): void;
}

export interface RunningSink {
  ready(): boolean;
  stop(): Promise<void>;
}

interface Plan {
  topic: string;
  partition: number;
  from: number;
  to: number;
}

/** The planned ranges: the newest of each partition is all that counts. */
export const sinkPlanTopic: Topic<Plan> = defineTopic<Plan>({
  name: 'millrace.sink.plan.v1',
  schema: {
    type: 'record',
    name: 'SinkPlan',
    namespace: 'millrace',
    fields: [
      { name: 'topic', type: 'string' },
      { name: 'partition', type: 'int' },
      { name: 'from', type: 'long' },
      { name: 'to', type: 'long' },
    ],
  },
  partitions: 1,
  compact_after_ms: 0,
  key: plan => keyOf(plan),
});

export const group_id = 'millrace.sink';
const stage = 'sink';
const batch_records_max = 10_000;
/** Of all partitions together. As much may be on its way into the tables at the same time. */
const range_records_max = 100_000;
const range_bytes_max = 32 * 1024 * 1024;
const idle_wait_ms = 250;
/** Of flushes: every table's part costs the engine some milliseconds, and a merge later. */
const flush_pace = { times_delay: 1, interval_ms_max: 500 };
/** So many records in each linger are a flood: a range may then grow so many times older, since large INSERTs are cheap ones. */
const flood_records_min = 2_000;
const flood_lingers = 5;
/** Of different topics: more of them would only make each other, and what people wait for, late. */
const inserts_at_once_max = 2;

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/** What of one partition is collected for the next INSERT. */
interface Range extends TopicPartition {
  records: RecordRange;
  /** Where the range begins: not its first record's offset, since control records lie between. */
  from: number;
  /** Fixed by a plan that a crash left behind; null while records are still collected. */
  planned_to: number | null;
  /** The partition's end, met after the last of the records; null where there are more. */
  end: number | null;
  /** Those of the records that are traced. */
  traced: Traced[];
}

interface TracedRange extends StoredRange {
  readonly traced: readonly Traced[];
}

interface Traced {
  readonly offset: number;
  /** Of the span that wrote the record. */
  readonly traceparent: string;
}

export async function runSinks(sinks: readonly Sink[], options: SinkRuntimeOptions): Promise<RunningSink> {
  const { kafka, clickhouse, registry, log, tracer = null } = options;
  const meters = { ...stageMetrics(options.metrics), ...sinkMetrics(options.metrics) };
  const ids = await topicIds(kafka);
  const byTopic = new Map<string, Sink[]>();
  const serdes = new Map<string, Serde<unknown>>();
  for (const sink of sinks) {
    byTopic.set(sink.input.name, [...(byTopic.get(sink.input.name) ?? []), sink]);
    serdes.set(sink.input.name, serdeOf(registry, sink.input as unknown as Topic<unknown>));
  }
  const place = new Map([...byTopic.keys()].map((topic, i) => [topic, i]));
  const planSerde = serdeOf(registry, sinkPlanTopic);
  const pace = createPace({ interval_ms: options.linger_ms, ...flush_pace });

  const ranges = new Map<string, Range>();
  let bytes = 0;
  let records = 0;
  /** When the first of them came. */
  let first_ms = 0;
  /** The same, or, where that is later, when the last flush ended: the machine is left to others as long. */
  let since_ms = 0;
  /** Whether the last poll brought records: there may be more. */
  let flowing = false;
  /** One at a time: a plan begins where the one before it ends. */
  let flushing: Promise<void> | null = null;
  /** Inserted up to here, and not yet told to Kafka. */
  const settled = new Map<string, Position>();
  /** Of the settled ranges. */
  let letters: Awaited<ReturnType<DeadLetterOffice>>[] = [];
  let assigned = false;
  const stopping = new AbortController();
  const watchdog = createWatchdog(stage, stall_ms_max, fail);

  // Partitions are assigned in a poll, and nobody polls before the producer is initialised: what it aborts was open before.
  const [producer, consumer] = await Promise.all([
    openTransactionalProducer(kafka, `${group_id}.${options.instance}`),
    openGroupConsumer({
      kafka,
      group_id,
      instance: options.instance,
      topics: [...byTopic.keys()],
      batch_records_max,
      fetch_linger_ms: Math.ceil(options.linger_ms / 2),
      onAssign: assign,
      onRevoke: revoke,
      onError: fail,
    }),
  ]);
  meters.watchTransaction(stage, producer);

  /** What is being stored is waited for; what was only collected is read again by its next owner. */
  async function revoke(): Promise<void> {
    assigned = false;
    // Whether it failed is told elsewhere.
    await flushing?.catch(() => undefined);
    ranges.clear();
    settled.clear();
    letters = [];
    bytes = 0;
    records = 0;
    meters.partitions.set({ stage }, 0);
  }

  async function assign(partitions: readonly TopicPartition[]): Promise<void> {
    const [{ latest: plans }, positions] = await Promise.all([
      readLatest(kafka, planSerde, 0),
      consumer.committed(partitions),
    ]);
    for (const position of positions) {
      const plan = plans.get(keyOf(position));
      const from = Math.max(position.offset, 0);
      const unfinished = plan && plan.from === from && plan.to > from;
      ranges.set(keyOf(position), {
        topic: position.topic,
        partition: position.partition,
        records: new RecordRange(position.partition, serdeAt(position.topic)),
        from,
        planned_to: unfinished ? plan.to : null,
        end: null,
        traced: [],
      });
      if (unfinished) log.info({ ...plan }, 'a planned range is inserted again');
    }
    assigned = true;
    meters.rebalances.inc({ stage });
    meters.partitions.set({ stage }, partitions.length);
    log.info({ partitions: partitions.length }, 'assigned');
  }

  const serdeAt = (topic: string): Serde<unknown> => serdes.get(topic) as Serde<unknown>;

  function collect(batch: Batch): void {
    flowing = batch.count > 0;
    let range: Range | undefined;
    for (let i = 0; i < batch.count; i++) {
      // Records of a partition come together.
      if (i === 0 || batch.topicAt(i) !== batch.topicAt(i - 1) || batch.partition(i) !== batch.partition(i - 1)) {
        range = ranges.get(`${batch.topic(i)}/${batch.partition(i)}`);
      }
      if (!range || batch.offset(i) < range.from) continue;
      range.end = null;
      if (records === 0) since_ms = first_ms = Date.now();
      records++;
      bytes -= range.records.bytes;
      range.records.append(batch, i);
      bytes += range.records.bytes;
      if (tracer) noteTraced(range, batch, i);
    }
  }

  function noteTraced({ traced }: Range, batch: Batch, i: number): void {
    const traceparent = traceparentAtEnd(batch.bytes, batch.valueStart(i), batch.valueEnd(i));
    if (traceparent !== null) traced.push({ offset: batch.offset(i), traceparent });
  }

  /**
   * At a partition's end the next offset lies behind the marker of the last transaction, which is never delivered: committed
   * there, a lag of nothing is 0. An end goes with a commit that is due anyway, or waits for a quiet moment.
   */
  function moveToEnds(batch: Batch): void {
    for (const end of batch.ends) {
      const range = ranges.get(keyOf(end));
      if (range) range.end = end.offset;
    }
    if (flushing) return;
    const quiet = batch.count === 0 && records === 0;
    for (const [key, range] of ranges) {
      const { topic, partition, from, end } = range;
      // A range that a plan has fixed begins where it does.
      if (end === null || range.records.count > 0 || range.planned_to !== null) continue;
      if (!quiet && !settled.has(key)) continue;
      range.end = null;
      if (end <= from) continue;
      range.from = end;
      settled.set(key, { topic, partition, offset: end });
    }
  }

  const isFull = (): boolean => records >= range_records_max || bytes >= range_bytes_max;

  function due(): boolean {
    if (records === 0) return settled.size > 0;
    return isFull() || Date.now() - since_ms >= linger_ms();
  }

  function linger_ms(): number {
    const lingers = Math.max(1, (Date.now() - first_ms) / options.linger_ms);
    const isFlood = flowing && records >= flood_records_min * lingers;
    return Math.max(pace.interval_ms(), isFlood ? options.linger_ms * flood_lingers : 0);
  }

  /** While one flush is under way its end decides about the next; a rest no longer than a linger sees that in time. */
  function untilDue_ms(): number {
    if (flushing) return Math.max(1, options.linger_ms);
    return records > 0 ? Math.max(1, since_ms + linger_ms() - Date.now()) : idle_wait_ms;
  }

  function flushIfDue(): void {
    if (flushing || !assigned || !due() || stopping.signal.aborted) return;
    flushing = flush();
    flushing.then(() => {
      flushing = null;
      // What is stored is told with the next plan, or in a quiet moment.
      if (records > 0) flushIfDue();
    }, fail);
  }

  async function flush(): Promise<void> {
    const full = [...ranges.values()].filter(range => range.records.count > 0 || range.planned_to !== null);
    // In the sinks' order: their list begins with what is waited for.
    const planned = full.filter(ready).sort(bySink).map(take);
    const began_at_ms = performance.now();
    await plan(planned);
    const left = [...planned];
    const insertLeft = async (): Promise<void> => {
      for (let range = left.shift(); range; range = left.shift()) {
        await insert(range);
        settled.set(keyOf(range), { topic: range.topic, partition: range.partition, offset: range.to });
      }
    };
    await Promise.all(Array.from({ length: inserts_at_once_max }, insertLeft));
    pace.took(performance.now() - began_at_ms);
    since_ms = Date.now();
  }

  function bySink(a: TopicPartition, b: TopicPartition): number {
    return place.get(a.topic)! - place.get(b.topic)!;
  }

  /** A range that a crash left planned waits until every record of it is here again. */
  function ready(range: Range): boolean {
    return range.planned_to === null || range.records.lastOffset >= range.planned_to - 1;
  }

  /** Takes the records of the next range out of what was collected. */
  function take(range: Range): TracedRange {
    const { topic, partition, from, planned_to, records: taken } = range;
    const to = planned_to ?? taken.lastOffset + 1;
    const rest = taken.lastOffset < to ? new RecordRange(partition, serdeAt(topic), taken.bytes) : taken.split(to);
    records -= taken.count;
    bytes -= taken.bytes;
    const traced = range.traced.filter(({ offset }) => offset < to);
    const later = range.traced.filter(({ offset }) => offset >= to);
    Object.assign(range, { records: rest, from: to, planned_to: null, traced: later });
    const topic_id = ids.get(topic) ?? '';
    return { topic, topic_id, partition, from, to, records: taken, repeated: planned_to !== null, traced };
  }

  async function plan(planned: readonly StoredRange[]): Promise<void> {
    if (planned.length === 0 && settled.size === 0) return;
    // The plan counts only where it begins at the committed offset, so every planned partition's is committed with it.
    const positions = new Map(settled);
    for (const { topic, partition, from } of planned)
      positions.set(keyOf({ topic, partition }), { topic, partition, offset: from });
    const told = letters;
    settled.clear();
    letters = [];
    await producer.begin();
    for (const range of planned) {
      const { topic, partition, from, to } = range;
      producer.produce(sinkPlanTopic.name, 0, keyOf(range), planSerde.serialize({ topic, partition, from, to }));
    }
    for (const { topic, key, value, headers } of told) producer.produce(topic, null, key, value, headers);
    await producer.sendOffsets([...positions.values()], consumer);
    await producer.commit();
    meters.transactions.inc({ stage, outcome: 'commit' });
  }

  async function insert(range: TracedRange): Promise<void> {
    await setAside(range, await range.records.mend());
    try {
      await store(range);
    } catch (error) {
      const isRefused = error instanceof MillraceError && !error.retryable;
      const unreadable = isRefused ? await range.records.examine() : [];
      if (unreadable.length === 0) throw error;
      await setAside(range, unreadable);
      await store({ ...range, repeated: true });
    }
    meters.freshness.set(Date.now() / 1000);
  }

  async function store(range: TracedRange): Promise<void> {
    for (const sink of byTopic.get(range.topic) ?? []) {
      const stop = meters.insert_seconds.startTimer({ table: sink.table });
      const spans = range.traced.length > 0 ? insertSpans(sink.table, range) : [];
      await storeRange(sink, range, {
        clickhouse,
        log,
        signal: stopping.signal,
        onRetry(table) {
          watchdog.beat();
          meters.retries.inc({ table });
        },
      });
      watchdog.beat();
      stop();
      for (const span of spans) span.end();
      meters.rows.inc({ table: sink.table }, range.records.count);
    }
  }

  function insertSpans(table: string, { topic, partition, traced }: TracedRange): Span[] {
    const begun = traced.map(({ offset, traceparent }) =>
      tracer?.begin(`insert ${table}`, 'client', traceparent, {
        'db.system.name': 'clickhouse',
        'db.collection.name': table,
        ...placeAttributes(topic, partition, offset),
      }),
    );
    return begun.filter(span => span !== undefined && span !== null);
  }

  /** What is left of them in the range is their offsets, as of tombstones. */
  async function setAside({ topic, partition }: TopicPartition, found: readonly Unreadable[]): Promise<void> {
    for (const { offset, key, original, error } of found) {
      const letter = await options.deadLetterOffice({
        cause: error.code,
        message: error.message,
        stage,
        original,
        record: null,
        lineage: null,
        position: { topic, partition, offset, key },
        failed_at_ms: Date.now(),
      });
      letters.push(letter);
      meters.rejected.inc({ stage, cause: error.code });
    }
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      // A flush that stands still is noticed, whatever else goes on.
      if (!flushing) watchdog.beat();
      if (isFull()) await flushing;
      const batch = await consumer.poll(untilDue_ms());
      collect(batch);
      moveToEnds(batch);
      flushIfDue();
    }
    await flushing;
    // A clean stop leaves nothing planned and nothing to read again.
    if (assigned) await flush().then(flush);
  }

  function fail(error: Error): void {
    if (stopping.signal.aborted) return;
    stopping.abort();
    log.fatal({ error }, 'the sink cannot go on');
    options.onFatal(error);
  }

  const running = loop().catch(fail);
  return {
    ready: () => assigned && !stopping.signal.aborted,
    async stop() {
      stopping.abort();
      await running;
      watchdog.stop();
      await consumer.close();
      await producer.close();
    },
  };
}
