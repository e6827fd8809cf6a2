/**
 * The newest records of one feed, in memory, for every subscriber at once: a record is turned into text a single time.
 *
 * Entries are numbered from 0 as they arrive; [start, end) are held. The ring knows two places on the topic: the floor,
 * below which it has forgotten, and its position, up to which it has read.
 */
import { encodeCursor, isAtMost, type Offsets } from './cursor.ts';
import type { Told } from './told.ts';

/** What an entry tells. */
export interface Content {
  /** What it takes in memory, about, in bytes. */
  readonly size: number;
  /** Null where it tells nothing. Called once at most, and for most entries never. */
  make(): Told | null;
}

/** Its row and its cursor are made when they are first asked for: what nobody follows costs next to nothing. */
class Entry {
  readonly partition: number;
  readonly offset: number;
  readonly size: number;
  readonly #position: Offsets;
  readonly #topic: string;
  #content: Content | null;
  #told: Told | null = null;
  #cursor: string | null = null;

  /** `position` is where a subscriber stands who has seen this entry and all before it. */
  constructor(topic: string, partition: number, offset: number, position: Offsets, content: Content) {
    this.#topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.size = content.size;
    this.#position = position;
    this.#content = content;
  }

  /** Null where it tells nothing. */
  get told(): Told | null {
    if (this.#content === null) return this.#told;
    this.#told = this.#content.make();
    this.#content = null;
    return this.#told;
  }

  /** The position as text. */
  get cursor(): string {
    this.#cursor ??= encodeCursor(this.#topic, this.#position);
    return this.#cursor;
  }
}

export interface RingLimits {
  readonly entries_max: number;
  /** Of what the entries take. */
  readonly bytes_max: number;
}

export const ring_limits: RingLimits = { entries_max: 4_096, bytes_max: 16 * 1_048_576 };

export class Ring {
  readonly #topic: string;
  readonly #limits: RingLimits;
  /** A queue: entries before `#head` are forgotten, and cut off once they are half of it. */
  #entries: Entry[] = [];
  #head = 0;
  #start = 0;
  #bytes = 0;
  #floor: Record<number, number>;
  #position: Record<number, number>;
  /** The position as text; null until somebody asks: every subscriber does. */
  #cursor: string | null = null;

  /** `from` is where reading begins. */
  constructor(topic: string, from: Offsets, limits: RingLimits = ring_limits) {
    this.#topic = topic;
    this.#limits = limits;
    this.#floor = { ...from };
    this.#position = { ...from };
  }

  get start(): number {
    return this.#start;
  }
  get end(): number {
    return this.#start + this.#entries.length - this.#head;
  }
  get floor(): Offsets {
    return this.#floor;
  }
  get position(): Offsets {
    return this.#position;
  }
  /** The position as text. */
  get cursor(): string {
    this.#cursor ??= encodeCursor(this.#topic, this.#position);
    return this.#cursor;
  }

  /** The entry numbered `n`, which must be held. */
  at(n: number): Entry {
    const entry = n < this.#start ? undefined : this.#entries[this.#head + n - this.#start];
    if (entry === undefined) throw new RangeError(`entry ${n} is not in the ring`);
    return entry;
  }

  push(partition: number, offset: number, content: Content): void {
    this.#moveTo(partition, offset + 1);
    this.#entries.push(new Entry(this.#topic, partition, offset, { ...this.#position }, content));
    this.#bytes += content.size;
    while (this.#isOver()) this.#forget();
  }

  /** Reading went on past what is no record: aborted ones, and the marks of transactions. */
  advance(position: Offsets): void {
    for (const [partition, offset] of Object.entries(position)) {
      if (offset > (this.#position[Number(partition)] ?? -1)) this.#moveTo(Number(partition), offset);
    }
  }

  #moveTo(partition: number, offset: number): void {
    this.#position[partition] = offset;
    this.#cursor = null;
  }

  /** Whether everything from these offsets on is held. */
  covers(offsets: Offsets): boolean {
    return isAtMost(this.#floor, offsets);
  }

  #isOver(): boolean {
    return this.end - this.#start > this.#limits.entries_max || this.#bytes > this.#limits.bytes_max;
  }

  #forget(): void {
    const { partition, offset, size } = this.at(this.#start);
    this.#floor[partition] = offset + 1;
    this.#bytes -= size;
    this.#start++;
    this.#head++;
    if (this.#head < this.#entries.length / 2) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }
}
