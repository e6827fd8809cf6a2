/**
 * The newest records of one feed, in memory, for every subscriber at once: a record is turned into text a single time.
 *
 * Entries are numbered from 0 as they arrive; [start, end) are held. The ring knows two places on the topic: the floor,
 * below which it has forgotten, and its position, up to which it has read.
 */
import { encodeCursor, isAtMost, type Offsets } from './cursor.ts';
import type { Told } from './told.ts';

export interface Entry {
  readonly partition: number;
  readonly offset: number;
  readonly told: Told;
  /** Where a subscriber stands who has seen this entry and all before it. */
  readonly cursor: string;
}

export interface RingLimits {
  readonly entries_max: number;
  /** Of the rows' JSON, in UTF-16 units. */
  readonly chars_max: number;
}

export const ring_limits: RingLimits = { entries_max: 4_096, chars_max: 8_388_608 };

export class Ring {
  readonly #topic: string;
  readonly #limits: RingLimits;
  /** A queue: entries before `#head` are forgotten, and cut off once they are half of it. */
  #entries: Entry[] = [];
  #head = 0;
  #start = 0;
  #chars = 0;
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

  push(partition: number, offset: number, told: Told): void {
    this.#moveTo(partition, offset + 1);
    this.#entries.push({ partition, offset, told, cursor: this.cursor });
    this.#chars += told.json(true).length;
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
    return this.end - this.#start > this.#limits.entries_max || this.#chars > this.#limits.chars_max;
  }

  #forget(): void {
    const { partition, offset, told } = this.at(this.#start);
    this.#floor[partition] = offset + 1;
    this.#chars -= told.json(true).length;
    this.#start++;
    this.#head++;
    if (this.#head < this.#entries.length / 2) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }
}
