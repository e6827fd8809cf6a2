/**
 * When keys wake. Time is told by records of an input, so that a replay wakes the same keys at the same places; when a
 * key is due follows from its state, so there is nothing to keep, restore or undo beside it.
 */
import type { NoTopics, StepResult, Tables, Topics } from './processor.ts';

export interface Timer<S, O extends Topics, B extends Topics = NoTopics> {
  /** At most so many keys of a partition wake at a time told, and the others at the next ones: each takes its time from the records. */
  readonly keys_max?: number;
  /** When a key next wants to be woken, in milliseconds since 1970; null for never. */
  due_ms(state: S): number | null;
  /**
   * Called for each key that is due at `now_ms`, which is the time told, with the tables as a step has them. What it emits
   * has no lineage but its own.
   */
  fire(state: S, now_ms: number, tables: Tables<B>): Omit<StepResult<S, O>, 'reject'>;
}

/** Forgets a key when the time told is `after_ms` past the time its state was touched. */
export interface Ttl<S> {
  readonly after_ms: number;
  /** As a timer's, where the definition has no timer. */
  readonly keys_max?: number;
  /** In milliseconds since 1970. The state itself has it, so that the changelog does. */
  touched_ms(state: S): number;
}

/** A definition's timer and TTL as one timer, and the clock that they go by. */
export interface ClockedTimer extends Timer<unknown, Topics, Topics> {
  clock(record: unknown): number | null;
}

export interface Timed {
  readonly name: string;
  readonly state?: unknown;
  clock?(record: unknown): number | null;
  readonly timer?: Timer<unknown, Topics, Topics>;
  readonly ttl?: Ttl<unknown>;
}

/** Null for a definition in which nothing wakes. Throws where it lacks the state or the clock for what it has. */
export function timerOf({ name, state, clock, timer, ttl }: Timed): ClockedTimer | null {
  if (!clock && !timer && !ttl) return null;
  if (!clock || !(timer || ttl)) throw new Error(`${name}: a timer or TTL needs a clock, and a clock one of them`);
  if (!state) throw new Error(`${name}: without state no key wakes`);
  return { clock, ...(ttl ? withTtl(ttl, timer ?? nothing) : (timer as Timer<unknown, Topics, Topics>)) };
}

const nothing: Timer<unknown, Topics, Topics> = { due_ms: () => null, fire: () => ({}) };

function withTtl(
  { after_ms, touched_ms, keys_max }: Ttl<unknown>,
  timer: Timer<unknown, Topics, Topics>,
): Timer<unknown, Topics, Topics> {
  const forgotten_ms = (state: unknown): number => touched_ms(state) + after_ms;
  return {
    ...(keys_max === undefined ? {} : { keys_max }),
    ...timer,
    due_ms: state => Math.min(timer.due_ms(state) ?? Number.POSITIVE_INFINITY, forgotten_ms(state)),
    fire(state, now_ms, tables) {
      const due_ms = timer.due_ms(state);
      const result = due_ms !== null && due_ms <= now_ms ? timer.fire(state, now_ms, tables) : {};
      const left = result.state === undefined ? state : result.state;
      return left !== null && forgotten_ms(left) <= now_ms ? { ...result, state: null } : result;
    },
  };
}
