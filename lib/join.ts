/**
 * Joins two streams by key and time: a record of one meets each record of the other whose time is at most `within_ms` from
 * its own, whichever arrives first (an interval join). The result is a definition like any other.
 *
 * Both wait in their key's state until the time told is more than `within_ms + grace_ms` past their own. By then whatever could meet
 * them has arrived, so the order of arrival changes nothing, and a left record that met none will meet none. What
 * arrives further than `grace_ms` from its own time is rejected, and so is what the key has no room for.
 *
 * A stream meets a *table* without any of this: the table is a second input, and its records are the state.
 */
import { type AvroRecord, namespaced } from './avro.ts';
import type { Rejection } from './dead-letter.ts';
import { type Draft, lineageOf } from './lineage.ts';
import type { ProcessorDefinition, StepContext } from './processor.ts';
import type { Topic } from './topic.ts';

export interface JoinSide<T> {
  readonly topic: Topic<T>;
  /** When it happened, in milliseconds since 1970. */
  at_ms(record: T): number;
}

export interface StreamJoin<L, R, T> {
  readonly name: string;
  readonly version: number;
  readonly left: JoinSide<L>;
  readonly right: JoinSide<R>;
  readonly output: Topic<T>;
  readonly within_ms: number;
  /** How far a record's arrival at the broker may be from its own time, before and after. */
  readonly grace_ms: number;
  /** The time that a record of either topic tells; null for one that is joined. */
  clock(record: L | R): number | null;
  join(left: L, right: R): Draft<T>;
  /** What a left record that met none leads to; without it, to nothing. */
  unmatched?(left: L): Draft<T>;
}

interface Waiting<T> {
  readonly record: T;
  /** That it takes encoded. */
  readonly bytes: number;
}

export interface JoinState<L, R> {
  readonly left: readonly (Waiting<L> & { readonly matched: boolean })[];
  readonly right: readonly Waiting<R>[];
}

/** Of one key, both sides together. Its state is one record of the changelog, and the broker takes none above 1 MiB. */
export const waiting_records_max = 200;
export const waiting_bytes_max = 512 * 1024;

type JoinDefinition<L, R, T> = ProcessorDefinition<
  { readonly left: Topic<L>; readonly right: Topic<R> },
  JoinState<L, R>,
  { readonly joined: Topic<T> }
>;

export function streamJoin<L, R, T>(options: StreamJoin<L, R, T>): JoinDefinition<L, R, T> {
  const { name, version, left, right, output, within_ms, grace_ms, clock, join, unmatched } = options;
  type State = JoinState<L, R>;
  // What arrives in the very millisecond that is told may come after it.
  const over_ms = within_ms + grace_ms + 1;
  const isNear = (a_ms: number, b_ms: number): boolean => Math.abs(a_ms - b_ms) <= within_ms;

  function onLeft(record: L, before: State | null, context: StepContext) {
    const state = before ?? empty;
    const waiting = { record, bytes: left.topic.codec.encode(record).length };
    const at_ms = left.at_ms(record);
    const reject = untimely(at_ms, context.at_ms) ?? overfull(state, waiting.bytes);
    if (reject) return { reject };
    const met = state.right.filter(one => isNear(right.at_ms(one.record), at_ms));
    return {
      state: { ...state, left: [...state.left, { ...waiting, matched: met.length > 0 }] },
      emit: { joined: met.map(one => join(record, one.record)) },
    };
  }

  function onRight(record: R, before: State | null, context: StepContext) {
    const state = before ?? empty;
    const waiting = { record, bytes: right.topic.codec.encode(record).length };
    const at_ms = right.at_ms(record);
    const reject = untimely(at_ms, context.at_ms) ?? overfull(state, waiting.bytes);
    if (reject) return { reject };
    const met = state.left.filter(one => isNear(left.at_ms(one.record), at_ms));
    return {
      state: {
        left: state.left.map(one => (met.includes(one) ? { ...one, matched: true } : one)),
        right: [...state.right, waiting],
      },
      emit: { joined: met.map(one => join(one.record, record)) },
    };
  }

  function untimely(at_ms: number, arrived_ms: number): Rejection | null {
    const off_ms = Math.abs(arrived_ms - at_ms);
    if (off_ms <= grace_ms) return null;
    return { cause: 'join.untimely', message: `arrived ${off_ms} ms from its own time; the grace is ${grace_ms} ms` };
  }

  function due_ms(state: State): number {
    const lefts = state.left.map(one => left.at_ms(one.record));
    const rights = state.right.map(one => right.at_ms(one.record));
    return Math.min(...lefts, ...rights) + over_ms;
  }

  function fire(state: State, now_ms: number) {
    const lasts = {
      left: (one: Waiting<L>): boolean => left.at_ms(one.record) + over_ms > now_ms,
      right: (one: Waiting<R>): boolean => right.at_ms(one.record) + over_ms > now_ms,
    };
    const kept = { left: state.left.filter(lasts.left), right: state.right.filter(lasts.right) };
    const alone = unmatched ? state.left.filter(one => !one.matched && !lasts.left(one)) : [];
    return {
      state: kept.left.length + kept.right.length === 0 ? null : kept,
      emit: { joined: alone.map(({ record }) => ({ ...unmatched?.(record), ...keptLineage(record) })) },
    };
  }

  return {
    name,
    version,
    inputs: { left: left.topic, right: right.topic },
    state: stateSchema(left.topic.schema, right.topic.schema),
    outputs: { joined: output },
    clock,
    // The casts: TypeScript does not see through Draft and RecordOf of a type that is not known yet.
    on: { left: onLeft, right: onRight } as JoinDefinition<L, R, T>['on'],
    timer: { due_ms, fire } as JoinDefinition<L, R, T>['timer'] & object,
  };
}

const empty = { left: [], right: [] };

function overfull({ left, right }: JoinState<unknown, unknown>, bytes: number): Rejection | null {
  const waiting = [...left, ...right];
  const used = waiting.reduce((sum, one) => sum + one.bytes, bytes);
  if (waiting.length < waiting_records_max && used <= waiting_bytes_max) return null;
  return { cause: 'join.full', message: `${waiting.length} records of its key wait already; ${used} bytes with it` };
}

/** A timer's outputs have no record before them but the one that waited. */
function keptLineage(record: unknown): object {
  const lineage = lineageOf(record);
  return lineage ? { lineage } : {};
}

function stateSchema(left: AvroRecord, right: AvroRecord): AvroRecord {
  const bytes = { name: 'bytes', type: 'int' } as const;
  const matched = { name: 'matched', type: 'boolean' } as const;
  const record = (side: string, schema: AvroRecord) => ({ name: 'record', type: namespaced(schema, side) });
  const waiting = (name: string, fields: AvroRecord['fields']): AvroRecord => ({ type: 'record', name, fields });
  const lefts = waiting('Left', [record('left', left), bytes, matched]);
  const rights = waiting('Right', [record('right', right), bytes]);
  return waiting('Joining', [
    { name: 'left', type: { type: 'array', items: lefts } },
    { name: 'right', type: { type: 'array', items: rights } },
  ]);
}
