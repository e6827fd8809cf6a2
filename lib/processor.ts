/**
 * A processor as data: which topics it reads and writes, its state, and one pure, synchronous step an input.
 *
 * A step does no input or output and asks no clock: time arrives in the record. Exactly-once then belongs to one file,
 * processor-runtime.ts.
 */
import type { Asking } from './asking.ts';
import type { AvroRecord } from './avro.ts';
import type { Rejection } from './dead-letter.ts';
import type { Draft } from './lineage.ts';
import { type ClockedTimer, type Timed, type Timer, type Ttl, timerOf } from './timer.ts';
import { defineTopic, type Topic } from './topic.ts';

// biome-ignore lint/suspicious/noExplicitAny: a table of topics of any records; each one's type is inferred from it
export type Topics = Readonly<Record<string, Topic<any>>>;
export type RecordOf<T> = T extends Topic<infer R> ? R : never;
export type NoTopics = Readonly<Record<never, never>>;

/** The newest record of each key, of each topic. */
export type Tables<B extends Topics> = { readonly [K in keyof B]: ReadonlyMap<string, RecordOf<B[K]>> };

export interface StepContext<B extends Topics = NoTopics> {
  /** The record's own time as the broker has it, in milliseconds since 1970: the same on every replay. */
  readonly at_ms: number;
  /**
   * As they are in this transaction. A replay may see newer ones: who must be able to say what a record was made with
   * writes the table's own version into it.
   */
  readonly tables: Tables<B>;
  /** What was asked for the record before it was stepped (enrichment.ts); of a key with state, and elsewhere, nothing is. */
  readonly answer?: unknown;
}

export interface StepResult<S, O extends Topics> {
  /** The key's state from now on; null forgets it; absent leaves it. */
  readonly state?: S | null;
  readonly emit?: { readonly [K in keyof O]?: Draft<RecordOf<O[K]>> | readonly Draft<RecordOf<O[K]>>[] };
  /** The record cannot be processed: nothing is emitted, and it becomes a dead letter. */
  readonly reject?: Rejection;
}

export interface ProcessorDefinition<I extends Topics, S, O extends Topics, B extends Topics = NoTopics> {
  /** Also the consumer group's and the changelog's name. */
  readonly name: string;
  /** Grows with each change of what the steps do; it is in every trace. */
  readonly version: number;
  readonly inputs: I;
  /** Broadcast tables: compacted topics of one partition, which every instance has whole (broadcast.ts). */
  readonly tables?: B;
  /** One value a record key; absent for a stateless processor. */
  readonly state?: AvroRecord;
  readonly outputs: O;
  /** The time that a record tells its partition, in milliseconds since 1970; null for a record that is stepped. */
  clock?(record: RecordOf<I[keyof I]>): number | null;
  /** Wakes keys whose time has come. */
  readonly timer?: Timer<S, O, B>;
  /** Forgets keys whose state was not touched for so long. */
  readonly ttl?: Ttl<S>;
  /** Transactions no shorter than this, in milliseconds, where nobody waits for what is emitted sooner: each costs the broker much. */
  readonly commit_interval_ms_min?: number;
  readonly on: {
    readonly [K in keyof I]: (record: RecordOf<I[K]>, state: S | null, context: StepContext<B>) => StepResult<S, O>;
  };
  /** What a tombstone of an input does to its key; of an input without an entry here it becomes a dead letter. */
  readonly deleted?: {
    readonly [K in keyof I]?: (key: string, state: S | null, context: StepContext<B>) => StepResult<S, O>;
  };
}

export interface Processor {
  readonly definition: ProcessorDefinition<Topics, unknown, Topics, Topics>;
  /** Where each change of state is kept; null for a stateless processor. */
  readonly changelog: Topic<unknown> | null;
  readonly timer: ClockedTimer | null;
  /** Whom to ask before a record is stepped; null where nobody is. */
  readonly asking: Asking | null;
}

/**
 * Throws where the inputs are partitioned unequally (equal keys would then meet different states), where a table is no
 * compacted topic of one partition, and where a timer has no clock.
 */
export function defineProcessor<const I extends Topics, S, const O extends Topics, const B extends Topics = NoTopics>(
  definition: ProcessorDefinition<I, S, O, B>,
): Processor {
  const { name, inputs, tables = {}, state } = definition;
  const counts = new Set(Object.values(inputs).map(topic => topic.partitions));
  if (counts.size !== 1) {
    throw new Error(`${name}: its inputs have ${[...counts].join(' and ')} partitions; they must be equal`);
  }
  for (const topic of Object.values<Topic<unknown>>(tables)) {
    if (topic.partitions === 1 && topic.compact_after_ms !== undefined) continue;
    throw new Error(`${name}: ${topic.name} cannot be a table: it must be compacted and have one partition`);
  }
  const changelog = state
    ? defineTopic<unknown>({
        name: `millrace.${name}.changelog.v1`,
        schema: state,
        partitions: [...counts][0] as 1 | 'many',
        compact_after_ms: 0,
        key: () => '',
      })
    : null;
  // The casts forget the record types: from here on only the runtime, which has none, handles the definition.
  const timer = timerOf(definition as unknown as Timed);
  return { definition: definition as unknown as Processor['definition'], changelog, timer, asking: null };
}

export const groupOf = (processor: Processor): string => `millrace.${processor.definition.name}`;
