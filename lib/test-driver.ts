/**
 * Runs processors without a broker, for tests: records go in, and what they lead to, through however many stages, can be
 * read. Records and state are written and read as Avro on their way, as in Kafka. One partition, nothing in parallel.
 */
import type { Rejection } from './dead-letter.ts';
import { type Lineage, lineageOf } from './lineage.ts';
import type { Processor, StepResult, Timer, Topics } from './processor.ts';
import type { Topic } from './topic.ts';

export interface TestDriver {
  /** Hands the record to every processor that reads the topic, and then what they write. `at_ms` is the broker's time. */
  feed<T>(topic: Topic<T>, record: T, at_ms?: number): void;
  /** Everything that was fed or written to the topic, in order. */
  read<T>(topic: Topic<T>): readonly T[];
  /** Null where the processor knows nothing of the key. */
  state(processor: Processor, key: string): unknown | null;
  readonly rejected: readonly Rejection[];
}

export function drive(processors: readonly Processor[]): TestDriver {
  const logs = new Map<string, unknown[]>();
  const states = new Map(processors.map(processor => [processor, new Map<string, Buffer>()]));
  const rejected: Rejection[] = [];

  function append(topic: Topic<unknown>, record: unknown, at_ms: number): void {
    const log = logs.get(topic.name) ?? [];
    logs.set(topic.name, log);
    const carried = topic.codec.decode(topic.codec.encode(record));
    log.push(carried);
    for (const processor of processors) {
      for (const [name, input] of Object.entries(processor.definition.inputs)) {
        if (input.name === topic.name) step(processor, name, carried, { at_ms, offset: log.length - 1 });
      }
    }
  }

  function step(processor: Processor, name: string, record: unknown, at: { at_ms: number; offset: number }): void {
    const { inputs, on, version, name: stage } = processor.definition;
    const topic = inputs[name] as Topic<unknown>;
    const timer = processor.definition.timer as Timer<unknown, unknown, Topics> | undefined;
    const now_ms = timer?.clock(record) ?? null;
    if (timer && now_ms !== null) {
      fire(processor, timer, now_ms, at.at_ms);
      return;
    }
    const key = topic.key(record);
    const run = on[name] as (
      record: unknown,
      state: unknown,
      context: { at_ms: number },
    ) => StepResult<unknown, Topics>;
    const result = run(record, stateOf(processor, key), { at_ms: at.at_ms });
    if (result.reject) {
      rejected.push(result.reject);
      return;
    }
    const hop = { stage, version, topic: topic.name, partition: 0, ...at };
    const before = lineageOf(record);
    take(processor, key, result, before && { ...before, hops: [...before.hops, hop] }, at.at_ms);
  }

  function fire(processor: Processor, timer: Timer<unknown, unknown, Topics>, now_ms: number, at_ms: number): void {
    for (const key of [...(states.get(processor)?.keys() ?? [])]) {
      const state = stateOf(processor, key);
      const due_ms = state === null ? null : timer.due_ms(state);
      if (due_ms !== null && due_ms <= now_ms) take(processor, key, timer.fire(state, now_ms), null, at_ms);
    }
  }

  function take(
    processor: Processor,
    key: string,
    { state, emit = {} }: StepResult<unknown, Topics>,
    lineage: Lineage | null,
    at_ms: number,
  ): void {
    const { changelog, definition } = processor;
    if (state === null) states.get(processor)?.delete(key);
    else if (state !== undefined && changelog) states.get(processor)?.set(key, changelog.codec.encode(state));
    for (const [name, topic] of Object.entries(definition.outputs)) {
      const drafts = emit[name] === undefined ? [] : [emit[name]].flat();
      for (const draft of drafts) append(topic, lineage ? { ...(draft as object), lineage } : draft, at_ms);
    }
  }

  function stateOf(processor: Processor, key: string): unknown | null {
    const bytes = states.get(processor)?.get(key);
    return bytes && processor.changelog ? processor.changelog.codec.decode(bytes) : null;
  }

  return {
    feed: (topic, record, at_ms = 0) => append(topic as Topic<unknown>, record, at_ms),
    // The cast: a log has whatever its topic's codec reads.
    read: <T>(topic: Topic<T>) => (logs.get(topic.name) ?? []) as readonly T[],
    state: stateOf,
    rejected,
  };
}
