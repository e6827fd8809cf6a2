/**
 * A processor as data: which topics it reads and writes, its state, and one pure, synchronous step an input.
 *
 * A step does no input or output and asks no clock: time arrives in the record. Exactly-once then belongs to one file,
 * processor-runtime.ts.
 */
import type { AvroRecord } from './avro.ts';
import type { Rejection } from './dead-letter.ts';
import type { Draft } from './lineage.ts';
import { defineTopic, type Topic } from './topic.ts';

// biome-ignore lint/suspicious/noExplicitAny: a table of topics of any records; each one's type is inferred from it
export type Topics = Readonly<Record<string, Topic<any>>>;
export type RecordOf<T> = T extends Topic<infer R> ? R : never;

export interface StepContext {
  /** The record's own time as the broker has it, in milliseconds since 1970: the same on every replay. */
  readonly at_ms: number;
}

export interface StepResult<S, O extends Topics> {
  /** The key's state from now on; null forgets it; absent leaves it. */
  readonly state?: S | null;
  readonly emit?: { readonly [K in keyof O]?: Draft<RecordOf<O[K]>> | readonly Draft<RecordOf<O[K]>>[] };
  /** The record cannot be processed: nothing is emitted, and it becomes a dead letter. */
  readonly reject?: Rejection;
}

export interface Timer<R, S, O extends Topics> {
  /** The time that a record tells its partition, in milliseconds since 1970; null for a record that is stepped. */
  clock(record: R): number | null;
  /** When a key next wants to be woken, in milliseconds since 1970; null for never. */
  due_ms(state: S): number | null;
  /** Called for each key that is due at `now_ms`, which is the time told. What it emits has no lineage. */
  fire(state: S, now_ms: number): Omit<StepResult<S, O>, 'reject'>;
}

export interface ProcessorDefinition<I extends Topics, S, O extends Topics> {
  /** Also the consumer group's and the changelog's name. */
  readonly name: string;
  /** Grows with each change of what the steps do; it is in every trace. */
  readonly version: number;
  readonly inputs: I;
  /** One value a record key; absent for a stateless processor. */
  readonly state?: AvroRecord;
  readonly outputs: O;
  /** Wakes keys whose time has come; the time is told by records of an input, so that a replay wakes them alike. */
  readonly timer?: Timer<RecordOf<I[keyof I]>, S, O>;
  readonly on: {
    readonly [K in keyof I]: (record: RecordOf<I[K]>, state: S | null, context: StepContext) => StepResult<S, O>;
  };
}

export interface Processor {
  readonly definition: ProcessorDefinition<Topics, unknown, Topics>;
  /** Where each change of state is kept; null for a stateless processor. */
  readonly changelog: Topic<unknown> | null;
}

/** Throws where the inputs are partitioned unequally: equal keys would then meet different states. */
export function defineProcessor<const I extends Topics, S, const O extends Topics>(
  definition: ProcessorDefinition<I, S, O>,
): Processor {
  const counts = new Set(Object.values(definition.inputs).map(topic => topic.partitions));
  if (counts.size !== 1) {
    throw new Error(`${definition.name}: its inputs have ${[...counts].join(' and ')} partitions; they must be equal`);
  }
  const partitions = [...counts][0] as 1 | 'many';
  const changelog = definition.state
    ? defineTopic<unknown>({
        name: `millrace.${definition.name}.changelog.v1`,
        schema: definition.state,
        partitions,
        compact_after_ms: 0,
        key: () => '',
      })
    : null;
  // The cast forgets the record types: from here on only the runtime, which has none, handles the definition.
  return { definition: definition as unknown as Processor['definition'], changelog };
}

export const groupOf = (processor: Processor): string => `millrace.${processor.definition.name}`;
