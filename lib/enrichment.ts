/**
 * A processor that adds to each record what somebody else answers about it, somebody who must be waited for: a large model, a
 * service. The step stays pure, because the answer is a key's state: it is asked for before the record is stepped (asking.ts,
 * processor-runtime.ts), and committed with what was made of it. So a replay of the record finds the answer and asks nobody.
 */
import type { Asking } from './asking.ts';
import { timeout_ms_max } from './asking.ts';
import type { AvroRecord } from './avro.ts';
import type { Draft } from './lineage.ts';
import {
  defineProcessor,
  type NoTopics,
  type Processor,
  type RecordOf,
  type StepContext,
  type Topics,
} from './processor.ts';
import type { Topic } from './topic.ts';

export interface EnrichmentDefinition<I, A, O, B extends Topics = NoTopics> {
  readonly name: string;
  readonly version: number;
  readonly input: Topic<I>;
  readonly output: Topic<O>;
  readonly tables?: B;
  /** The schema of the answer. It may only change as any state may: a new field needs a default. */
  readonly answer: AvroRecord;
  /** An answer is kept for so long, by the time of the records that come after it; a replay of older records asks again. */
  readonly kept_ms: number;
  readonly in_flight_max: number;
  /** At most a minute. */
  readonly timeout_ms: number;
  /** Asked once a key, unless the process ends before the answer is committed: then once more. */
  ask(record: I, signal: AbortSignal): Promise<A>;
  /** Stands for the answer where there is none in time, and is kept like one: an outcome does not change later either. */
  failed(record: I, error: unknown): A;
  /** Pure. */
  emit(record: I, answer: A, context: StepContext<B>): Draft<O>;
}

interface Known<A> {
  readonly answered_at_ms: number;
  readonly answer: A;
}

/** Throws where the time-out is longer than a batch may take. */
export function defineEnrichment<I, A, O, B extends Topics = NoTopics>(
  definition: EnrichmentDefinition<I, A, O, B>,
): Processor {
  const { name, version, input, output, tables, kept_ms, in_flight_max, timeout_ms, ask, failed, emit } = definition;
  if (timeout_ms > timeout_ms_max)
    throw new Error(`${name}: a time-out of ${timeout_ms} ms is more than ${timeout_ms_max}`);
  const processor = defineProcessor<{ record: Topic<I> }, Known<A>, { output: Topic<O> }, B>({
    name,
    version,
    inputs: { record: input },
    ...(tables && { tables }),
    state: knownSchema(name, definition.answer),
    outputs: { output },
    // No record is one that tells the time and nothing else: each tells its own (createHours).
    clock: () => null,
    ttl: { after_ms: kept_ms, touched_ms: ({ answered_at_ms }) => answered_at_ms },
    on: {
      record(record: RecordOf<Topic<I>>, known, context) {
        if (known) return { emit: { output: emit(record, known.answer, context) as Draft<RecordOf<Topic<O>>> } };
        // The cast: the runtime puts there what `ask` or `failed` answered for this record.
        const answer = context.answer as A;
        return {
          state: { answered_at_ms: context.at_ms, answer },
          emit: { output: emit(record, answer, context) as Draft<RecordOf<Topic<O>>> },
        };
      },
    },
  });
  // The cast forgets the record types, as defineProcessor does.
  return { ...processor, asking: { in_flight_max, timeout_ms, ask, failed } as unknown as Asking };
}

const knownSchema = (name: string, answer: AvroRecord): AvroRecord => ({
  type: 'record',
  name: `Known_${name.replace(/\W/g, '_')}`,
  fields: [
    { name: 'answered_at_ms', type: 'long' },
    { name: 'answer', type: answer },
  ],
});
