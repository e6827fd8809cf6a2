/**
 * Runs a processor exactly once. The whole protocol is in this file:
 *
 *   1. poll      records of the assigned partitions; a rebalance happens here and aborts what is open
 *   2. ask       an enrichment alone (enrichment.ts): about those of the batch whose keys have no state; what is open is
 *                committed meanwhile, since asking may take longer than a transaction may
 *   3. begin     a transaction, if none is open; broadcast tables take up what is new before 2 (broadcast.ts), and only then
 *   4. step      each record: outputs go to the outbox, state changes to an overlay, an answer of 2 among them
 *   5. commit    changelog (each changed key once) + the inputs' next offsets + the transaction
 *   6. apply     the overlay becomes the state
 *   7. save      now and then, what was committed becomes the copy on disk (changelog.ts)
 *
 * A crash before 5 leaves an open transaction: the next initialisation under the same transactional id aborts it, and
 * reading resumes at the last committed offsets with the state restored from the changelog, so the records are stepped
 * again with the same outcome; what was asked for them is asked again, since its answer was committed with them or not at all.
 * A crash between 5 and 7 loses nothing: the changelog has the change. A rebalance aborts before the partitions are given up. Whatever else goes wrong ends the process: its supervisor starts it again, and
 * that is the same as a crash.
 */
import { type Asking, answersTo, batchRecordsOf, createHours, unknownIn } from './asking.ts';
import { type Broadcast, openBroadcast } from './broadcast.ts';
import { type Changelog, openChangelog } from './changelog.ts';
import type { DeadLetterOffice, Rejection } from './dead-letter.ts';
import { MillraceError } from './errors.ts';
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
import { checkCopartitioned } from './kafka-admin.ts';
import { pause } from './lifecycle.ts';
import { type Hop, type Lineage, lineageOf } from './lineage.ts';
import type { Logger } from './log.ts';
import type { Registry as Metrics } from './metrics.ts';
import { Offsets } from './offsets.ts';
import { commit_pace, createPace } from './pace.ts';
import { groupOf, type Processor, type StepContext, type StepResult, type Topics } from './processor.ts';
import { type Registry, type Serde, serdeOf } from './registry.ts';
import { stageMetrics } from './stage-metrics.ts';
import type { PartitionState } from './state.ts';
import type { StateFile } from './state-file.ts';
import type { ClockedTimer } from './timer.ts';
import { placeAttributes, type Span, type Tracer } from './traces.ts';
import { createWatchdog, stall_ms_max } from './watchdog.ts';

export interface ProcessorRuntimeOptions {
  readonly kafka: KafkaConfig;
  readonly registry: Registry;
  readonly deadLetterOffice: DeadLetterOffice;
  /** Where state is kept on disk. */
  readonly file: StateFile;
  /** Names this instance's transactional ids: stable, so that a restart aborts what it left open. */
  readonly instance: string;
  readonly commit_interval_ms: number;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracer?: Tracer | null;
  /** Called once, when the processor cannot go on; the process should end. */
  onFatal(error: Error): void;
}

export interface RunningProcessor {
  /** Partitions are assigned and their state is restored. */
  ready(): boolean;
  stop(): Promise<void>;
}

const batch_records_max = 4_000;
const transaction_records_max = 20_000;
const idle_wait_ms = 250;
/** With more to read, a transaction may grow this many times older: large ones are cheap, and nobody is waiting for the first. */
const backlog_intervals = 10;
/** So many at once have waited for each other: a steady flow brings fewer. */
const backlog_records_min = 500;
/** Asking that takes longer is not done inside a transaction. */
const answers_ms_quick = 20;
/** The copies are saved when so much was committed since, and each of them when so long has passed; and now and then though nothing changed. */
const unsaved_keys_max = 20_000;
const save_interval_ms = 10_000;
const idle_save_interval_ms = 60 * 60 * 1000;

export async function runProcessor(processor: Processor, options: ProcessorRuntimeOptions): Promise<RunningProcessor> {
  const { definition, changelog: changelogTopic, timer, asking } = processor;
  const { kafka, registry, log, tracer = null } = options;
  const meters = stageMetrics(options.metrics);
  const labels = { stage: definition.name };
  const keyed = [...Object.values(definition.inputs), ...(changelogTopic ? [changelogTopic] : [])];
  await checkCopartitioned(
    kafka,
    keyed.map(topic => topic.name),
  );

  // Before the consumer: initialisation aborts the transaction that a predecessor left open, and only then are the
  // committed offsets final.
  const producer: TransactionalProducer = await openTransactionalProducer(
    kafka,
    `${groupOf(processor)}.${options.instance}`,
  );
  meters.watchTransaction(definition.name, producer);
  const inputs = Object.entries(definition.inputs).map(([name, topic]) => ({
    topic: topic.name,
    serde: serdeOf<unknown>(registry, topic),
    run: definition.on[name] as Step,
    deleted: (definition.deleted?.[name] as Step | undefined) ?? null,
  }));
  const outputs = Object.entries(definition.outputs).map(([name, topic]) => ({
    name,
    topic_at: producer.topicAt(topic.name),
    serde: serdeOf<unknown>(registry, topic),
  }));
  const journal = changelogTopic && {
    topic_at: producer.topicAt(changelogTopic.name),
    serde: serdeOf<unknown>(registry, changelogTopic),
  };
  const changelog: Changelog | null =
    journal &&
    (await openChangelog({
      kafka,
      file: options.file,
      serde: journal.serde,
      version: definition.version,
      due_ms: timer ? value => timer.due_ms(value) : null,
    }));
  const broadcast: Broadcast | null = definition.tables
    ? await openBroadcast({ kafka, registry, tables: definition.tables, log })
    : null;

  let states: Map<number, PartitionState> = new Map();
  const watchdog = createWatchdog(definition.name, stall_ms_max, fail);
  const interval_ms = Math.max(options.commit_interval_ms, definition.commit_interval_ms_min ?? 0);
  const pace = createPace({ interval_ms, ...commit_pace });
  const context: Context = { at_ms: 0, tables: broadcast?.tables ?? {} };

  let open: { began_at_ms: number; records: number } | null = null;
  /** Of the open transaction's records, those that are traced. */
  let spans: Span[] = [];
  /** The inputs' next offsets, of the open transaction and as last committed; and ends met since. */
  const next = new Offsets(inputs.map(input => input.topic));
  const reached = new Offsets(inputs.map(input => input.topic));
  const ends = new Map<string, Position>();
  let saved_at_ms = Date.now();
  /** Whose turn it was last, among the partitions. */
  let saved_last = 0;
  let assigned = false;
  let stopping = false;
  /** Nobody waits for an answer any more. */
  const stop = new AbortController();
  /** Of the batch at hand, by key. */
  let answers: ReadonlyMap<string, unknown> = new Map();
  const hours = createHours();

  const consumer: GroupConsumer = await openGroupConsumer({
    kafka,
    group_id: groupOf(processor),
    instance: options.instance,
    topics: inputs.map(input => input.topic),
    batch_records_max: asking ? Math.min(batch_records_max, batchRecordsOf(asking)) : batch_records_max,
    onAssign: assign,
    onRevoke: revoke,
    onError: fail,
  });

  async function assign(partitions: readonly TopicPartition[]): Promise<void> {
    const numbers = [...new Set(partitions.map(({ partition }) => partition))];
    const started_at_ms = Date.now();
    const restored = await changelog?.restore(numbers, watchdog.beat);
    if (restored) states = restored.states;
    assigned = true;
    saved_at_ms = Date.now();
    const keys = [...states.values()].reduce((sum, state) => sum + state.size(), 0);
    meters.keys.set(labels, keys);
    meters.restore_seconds.set(labels, (Date.now() - started_at_ms) / 1000);
    meters.rebalances.inc(labels);
    meters.partitions.set(labels, partitions.length);
    const restore = { keys, replayed: restored?.replayed ?? 0, restore_ms: Date.now() - started_at_ms };
    log.info({ ...labels, partitions: numbers, ...restore }, 'assigned');
  }

  async function revoke(): Promise<void> {
    await abort();
    states.clear();
    reached.clear();
    ends.clear();
    assigned = false;
    meters.partitions.set(labels, 0);
  }

  // ── The transaction ────────────────────────────────────────────────────────────────────────────────────────────────
  async function begin(): Promise<void> {
    await producer.begin();
    open = { began_at_ms: Date.now(), records: 0 };
  }

  async function abort(): Promise<void> {
    if (!open) return;
    open = null;
    endSpans('aborted');
    next.clear();
    for (const state of states.values()) state.discard();
    meters.transactions.inc({ ...labels, outcome: 'abort' });
    log.info(labels, 'the open transaction is aborted');
    await producer.abort();
  }

  async function commit(): Promise<void> {
    if (!open) return;
    if (journal) for (const [partition, state] of states) writeChanges(journal, partition, state);
    await producer.flush();
    const began_at_ms = performance.now();
    await producer.sendOffsets(next.positions(), consumer);
    await producer.commit();
    pace.took(performance.now() - began_at_ms);
    for (const state of states.values()) state.apply();
    reached.take(next);
    next.clear();
    meters.records.inc(labels, open.records);
    meters.transactions.inc({ ...labels, outcome: 'commit' });
    open = null;
    endSpans();
    const due = dueForSaving();
    if (due.length > 0) await save(due);
  }

  function writeChanges({ topic_at, serde }: Journal, partition: number, state: PartitionState): void {
    for (const { key, value } of state.changes()) {
      if (value === null) producer.outbox.putBytes(topic_at, partition, key, null);
      else producer.outbox.put(topic_at, partition, key, value, serde.write);
    }
  }

  // ── The copy on disk ───────────────────────────────────────────────────────────────────────────────────────────────
  /** Whose copies are to be saved. One after the other, so that none holds the records up for long; all where much has come together. */
  function dueForSaving(): number[] {
    let unsaved = 0;
    for (const state of states.values()) unsaved += state.unsaved();
    const partitions = [...states.keys()];
    if (unsaved >= unsaved_keys_max) return partitions;
    const age_ms = (Date.now() - saved_at_ms) * partitions.length;
    if (age_ms < (unsaved > 0 ? save_interval_ms : idle_save_interval_ms)) return [];
    saved_last = (saved_last + 1) % partitions.length;
    return [partitions[saved_last] as number];
  }

  /** The three steps of a checkpoint (changelog.ts); no transaction is open. */
  async function save(partitions: Iterable<number>): Promise<void> {
    saved_at_ms = Date.now();
    if (!changelog || reached.size === 0) return;
    const changelog_ends = await changelog.ends();
    await producer.begin();
    await producer.sendOffsets(reached.positions(), consumer);
    await producer.commit();
    for (const partition of partitions) {
      const end = changelog_ends.get(partition);
      if (end !== undefined) changelog.save(states.get(partition) as PartitionState, end);
    }
  }

  // ── The records ────────────────────────────────────────────────────────────────────────────────────────────────────
  async function work(batch: Batch): Promise<void> {
    if (asking && !(await ask(asking, batch))) return;
    if (batch.count > 0 && !open) await begin();
    for (let i = 0; i < batch.count && open; i++) {
      const waiting = step(batch, i);
      // Nearly no record makes it wait, and a wait for each would cost as much as the record.
      if (waiting) await waiting;
      next.set(batch.topicAt(i), batch.partition(i), batch.offset(i) + 1);
      open.records++;
    }
    if (asking) forgetOld(batch);
    await producer.flush();
    await moveToEnds(batch);
    if (open && (isDue(open.began_at_ms, batch) || open.records >= transaction_records_max)) await commit();
  }

  /** False where the processor stopped meanwhile: the batch is left for whoever comes next. */
  async function ask(asking: Asking, batch: Batch): Promise<boolean> {
    const isKnown = (partition: number, key: string): boolean => (states.get(partition)?.get(key) ?? null) !== null;
    const unknown = await unknownIn(batch, isKnown, i => {
      const { serde } = inputs[batch.topicAt(i)] as Input;
      return serde.deserialize(batch.bytes, batch.valueStart(i), batch.valueEnd(i));
    });
    if (unknown.size === 0) return true;
    const asked = answersTo(asking, unknown, stop.signal, watchdog.beat);
    // Where nobody need be asked it is done at once, and a transaction for so few records would cost more than they do.
    if (open && !(await Promise.race([asked.then(() => true), pause(answers_ms_quick)]))) await commit();
    const found = await asked;
    answers = found ?? answers;
    return found !== null;
  }

  function step(batch: Batch, i: number): Promise<void> | undefined {
    const { serde, deleted } = inputs[batch.topicAt(i)] as Input;
    const bytes = batch.isTombstone(i) ? null : batch.bytes;
    if (bytes === null && deleted) return settle(batch, i, null, deleted);
    try {
      const record = serde.deserialize(bytes, batch.valueStart(i), batch.valueEnd(i));
      if (!(record instanceof Promise)) return take(batch, i, record);
      return record.then(
        learnt => take(batch, i, learnt),
        error => refuse(batch, i, error),
      );
    } catch (error) {
      return refuse(batch, i, error);
    }
  }

  function take(batch: Batch, i: number, record: unknown): Promise<void> | undefined {
    const now_ms = timer?.clock(record) ?? null;
    if (now_ms !== null) return fire(batch.partition(i), now_ms);
    return settle(batch, i, record, (inputs[batch.topicAt(i)] as Input).run);
  }

  /** `record` is null for a tombstone: what is called then is told the key. */
  function settle(batch: Batch, i: number, record: unknown | null, run: Step): Promise<void> | undefined {
    const state = states.get(batch.partition(i));
    const key = batch.key(i);
    context.at_ms = batch.timestamp_ms(i);
    context.answer = answers.get(key);
    const result = run(record ?? key, state?.get(key) ?? null, context);
    if (result.reject) return reject(batch, i, record, result.reject);
    if (result.state !== undefined) state?.set(key, result.state);
    if (result.emit) emit(result.emit, lineageAfter(record, batch, i));
    return undefined;
  }

  /** Behind the batch's steps: what is known before them is known to all of them. */
  function forgetOld(batch: Batch): void {
    for (let i = 0; i < batch.count; i++) {
      const now_ms = hours(batch.partition(i), batch.timestamp_ms(i));
      if (now_ms !== null) fire(batch.partition(i), now_ms);
    }
  }

  function fire(partition: number, now_ms: number): undefined {
    const state = states.get(partition) as PartitionState;
    const { keys_max = Number.POSITIVE_INFINITY } = timer as ClockedTimer;
    let woken = 0;
    for (const [key, value] of state.due(now_ms)) {
      if (woken++ === keys_max) break;
      const result = (timer as ClockedTimer).fire(value, now_ms, context.tables);
      if (result.state !== undefined) state.set(key, result.state);
      if (result.emit) emit(result.emit, null);
    }
  }

  function emit(emitted: NonNullable<StepResult<unknown, Topics>['emit']>, lineage: Lineage | null): void {
    for (const output of outputs) {
      const drafts = emitted[output.name];
      if (drafts === undefined) continue;
      if (!Array.isArray(drafts)) put(output, drafts, lineage);
      else for (const draft of drafts) put(output, draft, lineage);
    }
  }

  function put({ topic_at, serde }: Output, draft: unknown, lineage: Lineage | null): void {
    const record: unknown = lineage ? { ...(draft as object), lineage } : draft;
    producer.outbox.put(topic_at, null, serde.topic.key(record), record, serde.write);
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
    const traceparent = before.traceparent ? traced(before.traceparent, hop) : null;
    return { ...before, hops: [...before.hops, hop], traceparent };
  }

  /** From the step to the commit: by then what it has written can be read. */
  function traced(parent: string, { stage, topic, partition, offset }: Hop): string {
    const span = tracer?.begin(`process ${stage}`, 'consumer', parent, placeAttributes(topic, partition, offset));
    if (!span) return parent;
    spans.push(span);
    return span.traceparent;
  }

  function endSpans(error?: string): void {
    if (spans.length === 0) return;
    for (const span of spans) span.end({}, error);
    spans = [];
  }

  /** Bytes that are no record of the topic become a dead letter; anything else is a fault of ours. */
  async function refuse(batch: Batch, i: number, error: unknown): Promise<void> {
    if (!(error instanceof MillraceError && error.code.startsWith('avro.'))) throw error;
    return reject(batch, i, null, { cause: error.code, message: error.message });
  }

  async function reject(batch: Batch, i: number, record: unknown, rejection: Rejection): Promise<void> {
    const letter = await options.deadLetterOffice({
      ...rejection,
      stage: definition.name,
      original: batch.value(i) ?? Buffer.alloc(0),
      record,
      lineage: lineageAfter(record, batch, i),
      position: { topic: batch.topic(i), partition: batch.partition(i), offset: batch.offset(i), key: batch.key(i) },
      failed_at_ms: Date.now(),
    });
    meters.rejected.inc({ ...labels, cause: rejection.cause });
    producer.produce(letter.topic, null, letter.key, letter.value, letter.headers);
  }

  function isDue(began_at_ms: number, batch: Batch): boolean {
    const caughtUp = batch.count < backlog_records_min || batch.ends.length > 0;
    const backlog_ms = caughtUp ? 0 : options.commit_interval_ms * backlog_intervals;
    return Date.now() - began_at_ms >= Math.max(pace.interval_ms(), backlog_ms);
  }

  /**
   * At a partition's end the next offset lies behind the marker of the last transaction, which is never delivered.
   * Committing it there makes a lag of nothing 0, as the watermark (watermark.ts) and whoever watches the group expect.
   */
  async function moveToEnds(batch: Batch): Promise<void> {
    for (const end of batch.ends) ends.set(placeOf(end), end);
    if (ends.size === 0) return;
    // An end goes with the records before it; one that is left alone waits for a quiet moment.
    if (!open && batch.count === 0 && [...ends.values()].some(isAhead)) await begin();
    if (!open) return;
    for (const end of ends.values()) if (isAhead(end)) next.setAt(end);
    ends.clear();
  }

  const isAhead = (end: Position): boolean => end.offset > (next.of(end) ?? reached.of(end) ?? 0);

  async function loop(): Promise<void> {
    while (!stopping) {
      watchdog.beat();
      const wait_ms = open ? Math.max(1, open.began_at_ms + pace.interval_ms() - Date.now()) : idle_wait_ms;
      const batch = await consumer.poll(wait_ms);
      if (broadcast && !open) await broadcast.advance();
      await work(batch);
    }
    await commit();
    // After a clean stop nothing is read again.
    await save(states.keys());
  }

  function fail(error: Error): void {
    if (stopping) return;
    stopping = true;
    stop.abort();
    log.fatal({ ...labels, error }, 'the processor cannot go on');
    options.onFatal(error);
  }

  const running = loop().catch(fail);
  return {
    ready: () => assigned && !stopping,
    async stop() {
      stopping = true;
      stop.abort();
      await running;
      watchdog.stop();
      await consumer.close();
      await producer.close();
      await changelog?.close();
      await broadcast?.close();
    },
  };
}

type Context = StepContext<Topics> & { at_ms: number; answer?: unknown };
type Step = (record: unknown, state: unknown, context: Context) => StepResult<unknown, Topics>;

interface Journal {
  readonly topic_at: number;
  readonly serde: Serde<unknown>;
}
interface Input {
  readonly topic: string;
  readonly serde: Serde<unknown>;
  readonly run: Step;
  readonly deleted: Step | null;
}
interface Output extends Journal {
  readonly name: string;
}

const placeOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;
