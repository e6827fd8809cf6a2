/**
 * Runs processors without a broker, for tests: records go in, and what they lead to, through however many stages, can be
 * read. Records and state are written and read as Avro on their way, as in Kafka. One partition, nothing in parallel.
 *
 * A record of a broadcast table's topic is in the table for whatever is fed after it. Time passes when a record is fed that
 * a definition's `clock` reads as one. An enrichment asks whom the test names in its place, who answers at once.
 */
import { createHours } from './asking.ts';
import type { Rejection } from './dead-letter.ts';
import { type Lineage, lineageOf } from './lineage.ts';
import type { Processor, StepContext, StepResult, Tables, Topics } from './processor.ts';
import { createTable, type Table } from './table.ts';
import type { Topic } from './topic.ts';

export interface TestDriver {
  /** Hands the record to every processor that reads the topic, and then what they write. `at_ms` is the broker's time. */
  feed<T>(topic: Topic<T>, record: T, at_ms?: number): void;
  /** The same with a tombstone: the key is deleted. */
  remove<T>(topic: Topic<T>, key: string, at_ms?: number): void;
  /** Everything that was fed or written to the topic, in order; tombstones are not among it. */
  read<T>(topic: Topic<T>): readonly T[];
  /** Null where the processor knows nothing of the key. */
  state(processor: Processor, key: string): unknown | null;
  readonly rejected: readonly Rejection[];
}

type Step = (record: unknown, state: unknown, context: StepContext<Topics>) => StepResult<unknown, Topics>;
type Deletion = (key: string, state: unknown, context: StepContext<Topics>) => StepResult<unknown, Topics>;

interface Place {
  readonly at_ms: number;
  readonly offset: number;
}

/** By enrichment, what is asked in place of its `ask`; what it throws becomes what `failed` answers. */
export type Answerers = ReadonlyMap<Processor, (record: unknown) => unknown>;

export function drive(processors: readonly Processor[], answerers: Answerers = new Map()): TestDriver {
  const logs = new Map<string, unknown[]>();
  const runs = processors.map(processor => ({
    processor,
    states: new Map<string, Buffer>(),
    tables: tablesOf(processor),
    hours: createHours(),
  }));
  const rejected: Rejection[] = [];

  function append(topic: Topic<unknown>, record: unknown, at_ms: number): void {
    const log = logOf(topic);
    const bytes = topic.codec.encode(record);
    const carried = topic.codec.decode(bytes);
    log.push(carried);
    const at = { at_ms, offset: log.length - 1 };
    deliver(topic, topic.key(carried), carried, bytes.length, at);
  }

  function deliver(topic: Topic<unknown>, key: string, record: unknown | null, bytes: number, at: Place): void {
    for (const run of runs) {
      const { inputs, tables = {} } = run.processor.definition;
      for (const name of namesOf(tables, topic)) run.tables[name]?.put(key, record, bytes);
      for (const name of namesOf(inputs, topic)) {
        if (record === null) remove(run, name, key, at);
        else step(run, name, key, record, at);
      }
    }
  }

  function step(run: Run, name: string, key: string, record: unknown, at: Place): void {
    const { definition, timer } = run.processor;
    const now_ms = timer?.clock(record) ?? null;
    if (now_ms !== null) {
      fire(run, now_ms, at.at_ms);
      return;
    }
    const state = stateOf(run, key);
    const answer = state === null ? answerTo(run.processor, record, answerers) : undefined;
    const result = (definition.on[name] as Step)(record, state, { ...contextOf(run, at), answer });
    const before = lineageOf(record);
    const topic = (definition.inputs[name] as Topic<unknown>).name;
    const hop = { stage: definition.name, version: definition.version, topic, partition: 0, ...at };
    take(run, key, result, before && { ...before, hops: [...before.hops, hop] }, at.at_ms);
    const hour_ms = run.processor.asking && run.hours(0, at.at_ms);
    if (hour_ms !== null) fire(run, hour_ms, at.at_ms);
  }

  function remove(run: Run, name: string, key: string, at: Place): void {
    const deleted = run.processor.definition.deleted?.[name] as Deletion | undefined;
    const reject = { cause: 'avro.empty', message: 'the record has no value' };
    take(run, key, deleted ? deleted(key, stateOf(run, key), contextOf(run, at)) : { reject }, null, at.at_ms);
  }

  function fire(run: Run, now_ms: number, at_ms: number): void {
    const timer = run.processor.timer as NonNullable<Processor['timer']>;
    const { tables } = contextOf(run, { at_ms, offset: 0 });
    let left = timer.keys_max ?? Number.POSITIVE_INFINITY;
    for (const key of [...run.states.keys()]) {
      const state = stateOf(run, key);
      const due_ms = state === null ? null : timer.due_ms(state);
      if (due_ms === null || due_ms > now_ms || left-- <= 0) continue;
      take(run, key, timer.fire(state, now_ms, tables), null, at_ms);
    }
  }

  function take(
    { processor: { changelog, definition }, states }: Run,
    key: string,
    { state, emit = {}, reject }: StepResult<unknown, Topics>,
    lineage: Lineage | null,
    at_ms: number,
  ): void {
    if (reject) {
      rejected.push(reject);
      return;
    }
    if (state === null) states.delete(key);
    else if (state !== undefined && changelog) states.set(key, changelog.codec.encode(state));
    for (const [name, topic] of Object.entries(definition.outputs)) {
      const drafts = emit[name] === undefined ? [] : [emit[name]].flat();
      for (const draft of drafts) append(topic, lineage ? { ...(draft as object), lineage } : draft, at_ms);
    }
  }

  function logOf(topic: { readonly name: string }): unknown[] {
    const log = logs.get(topic.name) ?? [];
    logs.set(topic.name, log);
    return log;
  }

  return {
    feed: (topic, record, at_ms = 0) => append(topic as Topic<unknown>, record, at_ms),
    remove: (topic, key, at_ms = 0) => deliver(topic as Topic<unknown>, key, null, 0, { at_ms, offset: 0 }),
    // The cast: a log has whatever its topic's codec reads.
    read: <T>(topic: Topic<T>) => logOf(topic) as readonly T[],
    state(processor, key) {
      const run = runs.find(one => one.processor === processor);
      return run ? stateOf(run, key) : null;
    },
    rejected,
  };
}

/** A processor with all that it has. */
interface Run {
  readonly processor: Processor;
  /** By key, encoded. */
  readonly states: Map<string, Buffer>;
  readonly tables: Readonly<Record<string, Table>>;
  readonly hours: ReturnType<typeof createHours>;
}

function answerTo(processor: Processor, record: unknown, answerers: Answerers): unknown {
  if (!processor.asking) return undefined;
  const ask = answerers.get(processor);
  if (!ask) throw new Error(`${processor.definition.name}: nobody was named to ask`);
  try {
    return ask(record);
  } catch (error) {
    return processor.asking.failed(record, error);
  }
}

function tablesOf({ definition: { tables = {} } }: Processor): Run['tables'] {
  return Object.fromEntries(Object.entries(tables).map(([name, topic]) => [name, createTable(topic.name)]));
}

const namesOf = (topics: Topics, { name }: Topic<unknown>): string[] =>
  Object.keys(topics).filter(one => topics[one]?.name === name);

function contextOf({ tables }: Run, { at_ms }: Place): StepContext<Topics> {
  const records = Object.entries(tables).map(([name, table]) => [name, table.records]);
  // The cast: each table's records are its own topic's.
  return { at_ms, tables: Object.fromEntries(records) as Tables<Topics> };
}

function stateOf({ processor: { changelog }, states }: Run, key: string): unknown | null {
  const bytes = states.get(key);
  return bytes && changelog ? changelog.codec.decode(bytes) : null;
}
