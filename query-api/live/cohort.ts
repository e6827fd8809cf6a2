/**
 * Subscriptions that are told the same bytes: of the same records, under the same id, standing where the ring's entries say. Each
 * entry is held against what they ask for, and encoded, once for all of them.
 */
import type { Sight } from '../permission/sight.ts';
import type { Matcher } from './filter.ts';
import type { Ring } from './ring.ts';
import type { Told } from './told.ts';

/** Which records a subscription is told, and how. */
export interface Telling {
  /** Equal for those of a feed that are told the same. */
  readonly key: string;
  /** What the subscription asks for. */
  readonly matches: Matcher;
  /** What its client may be told. */
  readonly sight: Pick<Sight, 'seesRow' | 'seesBody'>;
  encode(cursor: string, row_json: string): Buffer;
}

/** Null where the record is left out. */
export function messageOf({ matches, sight, encode }: Telling, told: Told | null, cursor: string): Buffer | null {
  if (told === null || !matches(told.row) || !sight.seesRow(told.owner)) return null;
  return encode(cursor, told.json(sight.seesBody(told.owner)));
}

const nowhere = Number.POSITIVE_INFINITY;

export class Cohort {
  readonly #telling: Telling;
  readonly #ring: Ring;
  readonly #onEmpty: () => void;
  readonly #members = new Set<() => void>();
  /** The ring's end when the members were last called. */
  #end: number;
  /** Messages by entry, from the entry `#first` on. Kept only while the members are called: cohorts may be as many as subscriptions. */
  #messages: (Buffer | null)[] = [];
  #first = nowhere;

  /** `onEmpty` is called when the last one has left. */
  constructor(telling: Telling, ring: Ring, onEmpty: () => void) {
    this.#telling = telling;
    this.#ring = ring;
    this.#onEmpty = onEmpty;
    this.#end = ring.end;
  }

  /** Has `pump` called when there is more to tell. */
  join(pump: () => void): void {
    this.#members.add(pump);
  }

  leave(pump: () => void): void {
    if (this.#members.delete(pump) && this.#members.size === 0) this.#onEmpty();
  }

  tell(): void {
    this.#first = this.#end;
    this.#end = this.#ring.end;
    for (const pump of this.#members) pump();
    this.#first = nowhere;
    this.#messages = [];
  }

  /** Of the ring's entry `n`; null where that is left out. */
  message(n: number): Buffer | null {
    // Who lags behind is told by itself.
    if (n < this.#first) return this.#make(n);
    const made = this.#messages[n - this.#first];
    if (made !== undefined) return made;
    const message = this.#make(n);
    this.#messages[n - this.#first] = message;
    return message;
  }

  #make(n: number): Buffer | null {
    const { told, cursor } = this.#ring.at(n);
    return messageOf(this.#telling, told, cursor);
  }
}
