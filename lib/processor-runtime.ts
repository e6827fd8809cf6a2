/**
 * Runs a processor exactly once. The whole protocol is in this file:
 *
 *   1. poll      records of the assigned partitions; a rebalance happens here and aborts what is open
 *   2. begin     a transaction, if none is open
 *   3. step      each record: outputs are produced, state changes go to an overlay
 *   4. commit    changelog (each changed key once) + the inputs' next offsets + the transaction
 *   5. apply     the overlay becomes the state
 *
 * A crash before 4 leaves an open transaction: the next initialisation under the same transactional id aborts it, and
 * reading resumes at the last committed offsets with the state restored from the changelog, so the records are stepped
 * again with the same outcome. A crash between 4 and 5 loses nothing: the changelog has the change. A rebalance aborts
 * before the partitions are given up. Whatever else goes wrong ends the process: its supervisor starts it again, and
 * that is the same as a crash.
 */
import type { DeadLetterOffice, Rejection } from './dead-letter.ts';
import { MillraceError, messageOf } from './errors.ts';
import {
  type Batch,
  type GroupConsumer,
  type KafkaConfig,
  openGroupConsumer,
  openTransactionalProducer,
  type Position,
  type TopicPartition,
  type TransactionalProducer,
} from './kafka.ts';
import { type Lineage, lineageOf } from './lineage.ts';
import type { Logger } from './log.ts';
import { Counter, Gauge, type Registry as Metrics } from './metrics.ts';
import { commit_pace, createPace } from './pace.ts';
import { groupOf, type Processor, type StepResult, type Timer, type Topics } from './processor.ts';
import { type Registry, type Serde, serdeOf } from './registry.ts';
import { type PartitionState, restoreState } from './state.ts';

export interface ProcessorRuntimeOptions {
  readonly kafka: KafkaConfig;
  readonly registry: Registry;
  readonly deadLetterOffice: DeadLetterOffice;
  /** Names this instance's transactional ids: stable, so that a restart aborts what it left open. */
  readonly instance: string;
  readonly commit_interval_ms: number;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Called once, when the processor cannot go on; the process should end. */
  onFatal(error: Error): void;
}

export interface RunningProcessor {
  /** Partitions are assigned and their state is restored. */
  ready(): boolean;
  stop(): Promise<void>;
}

const batch_records_max = 2_000;
const transaction_records_max = 20_000;
const idle_wait_ms = 250;
/** With more to read, a transaction may grow this many times older: large ones are cheap, and nobody is waiting for the first. */
const backlog_intervals = 10;

export async function runProcessor(processor: Processor, options: ProcessorRuntimeOptions): Promise<RunningProcessor> {
  const { definition, changelog } = processor;
  const { kafka, registry, log } = options;
  const meters = metersOf(options.metrics);
  const labels = { stage: definition.name };

  const inputs = new Map(
    Object.entries(definition.inputs).map(([name, topic]) => [topic.name, { name, serde: serdeOf(registry, topic) }]),
  );
  const outputs = new Map(Object.entries(definition.outputs).map(([name, topic]) => [name, serdeOf(registry, topic)]));
  const journal = changelog ? serdeOf(registry, changelog) : null;
  const states = new Map<number, PartitionState>();
  const pace = createPace({ interval_ms: options.commit_interval_ms, ...commit_pace });

  let open: { began_at_ms: number; records: number; next: Map<string, Position> } | null = null;
  /** The partitions' next offsets as last committed, and ends met since. */
  const reached = new Map<string, number>();
  const ends = new Map<string, Position>();
  let assigned = false;
  let stopping = false;

  // Before the consumer: initialisation aborts the transaction that a predecessor left open, and only then are the
  // committed offsets final.
  const producer: TransactionalProducer = await openTransactionalProducer(
    kafka,
    `${groupOf(processor)}.${options.instance}`,
  );
  const consumer: GroupConsumer = await openGroupConsumer({
    kafka,
    group_id: groupOf(processor),
    instance: options.instance,
    topics: [...inputs.keys()],
    onAssign: assign,
    onRevoke: revoke,
    onError: fail,
  });

  async function assign(partitions: readonly TopicPartition[]): Promise<void> {
    const numbers = new Set(partitions.map(({ partition }) => partition));
    const started_at_ms = Date.now();
    if (journal) {
      for (const partition of numbers) states.set(partition, await restoreState(kafka, journal, partition));
    }
    assigned = true;
    const keys = [...states.values()].reduce((sum, state) => sum + state.size, 0);
    meters.keys.set(labels, keys);
    log.info({ ...labels, partitions: [...numbers], keys, restore_ms: Date.now() - started_at_ms }, 'assigned');
  }

  async function revoke(): Promise<void> {
    await abort();
    states.clear();
    reached.clear();
    ends.clear();
    assigned = false;
  }

  async function abort(): Promise<void> {
    if (!open) return;
    open = null;
    for (const state of states.values()) state.discard();
    meters.transactions.inc({ ...labels, outcome: 'abort' });
    await producer.abort();
  }

  async function commit(): Promise<void> {
    if (!open) return;
    if (journal) {
      for (const [partition, state] of states) {
        for (const [key, value] of state.changes()) {
          await producer.produce(journal.topic.name, partition, key, value === null ? null : journal.serialize(value));
        }
      }
    }
    const began_at_ms = performance.now();
    await producer.sendOffsets([...open.next.values()], consumer);
    await producer.commit();
    pace.took(performance.now() - began_at_ms);
    for (const state of states.values()) state.apply();
    for (const [place, { offset }] of open.next) reached.set(place, offset);
    meters.records.inc(labels, open.records);
    meters.transactions.inc({ ...labels, outcome: 'commit' });
    open = null;
  }

  async function step(batch: Batch, i: number): Promise<void> {
    const topic = batch.topic(i);
    const partition = batch.partition(i);
    const input = inputs.get(topic);
    if (!input) throw new Error(`${definition.name}: a record of ${topic}, which it does not read`);
    const record = await read(input.serde, batch.value(i));
    if (record instanceof MillraceError) {
      return reject(batch, i, null, { cause: record.code, message: record.message });
    }
    const state = states.get(partition);
    const now_ms = definition.timer?.clock(record as never) ?? null;
    if (now_ms !== null && state) return fire(state, now_ms);
    const key = batch.key(i);
    const run = definition.on[input.name] as (
      record: unknown,
      state: unknown,
      context: object,
    ) => StepResult<unknown, Topics>;
    const result = run(record, state?.get(key) ?? null, { at_ms: batch.timestamp_ms(i) });
    if (result.reject) return reject(batch, i, record, result.reject);
    if (result.state !== undefined) state?.set(key, result.state);
    return emit(result.emit, lineageAfter(record, batch, i));
  }

  /** Every key is asked when it is due, so there is nothing to keep, restore or undo beside the state itself. */
  async function fire(state: PartitionState, now_ms: number): Promise<void> {
    const timer = definition.timer as Timer<never, unknown, Topics>;
    for (const [key, value] of state.entries()) {
      const due_ms = timer.due_ms(value);
      if (due_ms === null || due_ms > now_ms) continue;
      const result = timer.fire(value, now_ms);
      if (result.state !== undefined) state.set(key, result.state);
      await emit(result.emit, null);
    }
  }

  async function emit(emitted: StepResult<unknown, Topics>['emit'], lineage: Lineage | null): Promise<void> {
    for (const [name, drafts] of Object.entries(emitted ?? {})) {
      const serde = outputs.get(name) as Serde<unknown>;
      for (const draft of Array.isArray(drafts) ? drafts : [drafts]) {
        const output: unknown = lineage ? { ...draft, lineage } : draft;
        await producer.produce(serde.topic.name, null, serde.topic.key(output), serde.serialize(output));
      }
    }
  }

  function lineageAfter(record: unknown, batch: Batch, i: number): Lineage | null {
    const before = lineageOf(record);
    if (!before) return null;
    const hop = {
      stage: definition.name,
      version: definition.version,
      topic: batch.topic(i),
      partition: batch.partition(i),
      offset: batch.offset(i),
      at_ms: Date.now(),
    };
    return { ...before, hops: [...before.hops, hop] };
  }

  async function reject(batch: Batch, i: number, record: unknown, rejection: Rejection): Promise<void> {
    const letter = await options.deadLetterOffice({
      ...rejection,
      stage: definition.name,
      original: batch.value(i) ?? Buffer.alloc(0),
      record,
      lineage: record === null ? null : lineageAfter(record, batch, i),
      position: { topic: batch.topic(i), partition: batch.partition(i), offset: batch.offset(i) },
      failed_at_ms: Date.now(),
    });
    meters.rejected.inc({ ...labels, cause: rejection.cause });
    await producer.produce(letter.topic, null, letter.key, letter.value);
  }

  async function begin(): Promise<void> {
    await producer.begin();
    open = { began_at_ms: Date.now(), records: 0, next: new Map() };
  }

  async function work(batch: Batch): Promise<void> {
    if (batch.count > 0 && !open) await begin();
    for (let i = 0; i < batch.count && open; i++) {
      await step(batch, i);
      const next = { topic: batch.topic(i), partition: batch.partition(i), offset: batch.offset(i) + 1 };
      open.next.set(placeOf(next), next);
      open.records++;
    }
    await moveToEnds(batch);
    if (open && (isDue(open.began_at_ms, batch) || open.records >= transaction_records_max)) await commit();
  }

  function isDue(began_at_ms: number, batch: Batch): boolean {
    const caughtUp = batch.count === 0 || batch.ends.length > 0;
    const backlog_ms = caughtUp ? 0 : options.commit_interval_ms * backlog_intervals;
    return Date.now() - began_at_ms >= Math.max(pace.interval_ms(), backlog_ms);
  }

  /**
   * At a partition's end the next offset lies behind the marker of the last transaction, which is never delivered.
   * Committing it there makes a lag of nothing 0, as the watermark (watermark.ts) and whoever watches the group expect.
   */
  async function moveToEnds(batch: Batch): Promise<void> {
    for (const end of batch.ends) ends.set(placeOf(end), end);
    // An end goes with the records before it; one that is left alone waits for a quiet moment.
    if (!open && batch.count === 0 && [...ends.values()].some(isAhead)) await begin();
    if (!open) return;
    for (const end of ends.values()) if (isAhead(end)) open.next.set(placeOf(end), end);
    ends.clear();
  }

  function isAhead(end: Position): boolean {
    const place = placeOf(end);
    return end.offset > (open?.next.get(place)?.offset ?? reached.get(place) ?? 0);
  }

  async function loop(): Promise<void> {
    while (!stopping) {
      const wait_ms = open ? Math.max(1, open.began_at_ms + pace.interval_ms() - Date.now()) : idle_wait_ms;
      const batch = await consumer.poll(batch_records_max, wait_ms);
      await work(batch);
    }
    await commit();
  }

  function fail(error: Error): void {
    if (stopping) return;
    stopping = true;
    log.fatal({ ...labels, error: messageOf(error) }, 'the processor cannot go on');
    options.onFatal(error);
  }

  const running = loop().catch(fail);
  return {
    ready: () => assigned && !stopping,
    async stop() {
      stopping = true;
      await running;
      await consumer.close();
      await producer.close();
    },
  };
}

const placeOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

async function read(serde: Serde<unknown>, bytes: Buffer | null): Promise<unknown | MillraceError> {
  try {
    return await serde.deserialize(bytes);
  } catch (error) {
    if (error instanceof MillraceError && error.code.startsWith('avro.')) return error;
    throw error;
  }
}

interface Meters {
  records: Counter;
  rejected: Counter;
  transactions: Counter;
  keys: Gauge;
}
const known = new WeakMap<Metrics, Meters>();

/** One set of meters a registry, however many processors share it. */
function metersOf(registry: Metrics): Meters {
  const present = known.get(registry);
  if (present) return present;
  const registers = [registry];
  const meters: Meters = {
    records: new Counter({
      name: 'millrace_records_processed_total',
      help: 'Records whose transaction was committed',
      labelNames: ['stage'],
      registers,
    }),
    rejected: new Counter({
      name: 'millrace_dead_letters_total',
      help: 'Records that became dead letters',
      labelNames: ['stage', 'cause'],
      registers,
    }),
    transactions: new Counter({
      name: 'millrace_transactions_total',
      help: 'Transactions by outcome',
      labelNames: ['stage', 'outcome'],
      registers,
    }),
    keys: new Gauge({
      name: 'millrace_state_keys',
      help: 'Keys in the restored state',
      labelNames: ['stage'],
      registers,
    }),
  };
  known.set(registry, meters);
  return meters;
}
