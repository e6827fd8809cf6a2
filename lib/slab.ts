/**
 * Many records in one piece of memory: their keys and values one behind the other in a slab of bytes, and an index of
 * where each one lies. This is what crosses the native border (native/addon/border.cc knows the same layout), once for thousands
 * of records, and what the runtimes read and write without an object a record.
 *
 * The index begins with three numbers: how many records there are, how many ends of partitions, and how many bytes the slab
 * lacks for the first record. Then follows an entry a record from the front, and an entry an end from the back.
 */
import type { Position } from './kafka-client.ts';

export const head_fields = 3;
export const entry_fields = 6;
/** Where in an entry each number stands; a length of `none` says that there is no key, or no value. */
const topic_field = 0;
const partition_field = 1;
const key_field = 2;
const value_field = 4;
const none = -1;

/** What Node's buffers have beside `toString` and `write`, without their arguments' checks; one call a record. */
interface FastText {
  utf8Slice(start: number, end: number): string;
  utf8Write(text: string, at: number): number;
}
const text = (bytes: Buffer): FastText => bytes as unknown as FastText;

/** A slab that is filled with what has arrived, again and again. */
export interface Slab {
  bytes: Buffer;
  readonly index: Int32Array;
  /** Of each record its offset and its timestamp; of each end its offset. */
  readonly offsets: Float64Array;
}

export function createSlab(records_max: number, bytes: number): Slab {
  return {
    bytes: Buffer.allocUnsafeSlow(bytes),
    index: new Int32Array(head_fields + records_max * entry_fields),
    offsets: new Float64Array(records_max * 2),
  };
}

const entryOf = (i: number): number => head_fields + i * entry_fields;

/** A view over records as they came from the broker; valid until the next poll. */
export class Batch {
  readonly count: number;
  /** Partitions that were read to their end, each with its end: control records count, though they never arrive. */
  readonly ends: readonly Position[];
  readonly bytes: Buffer;
  readonly #index: Int32Array;
  readonly #offsets: Float64Array;
  readonly #topics: readonly string[];

  constructor({ bytes, index, offsets }: Slab, topics: readonly string[], ends: readonly Position[] = []) {
    this.count = index[0] as number;
    this.bytes = bytes;
    this.#index = index;
    this.#offsets = offsets;
    this.#topics = topics;
    this.ends = [...ends, ...Array.from({ length: index[1] as number }, (_, i) => this.#end(i))];
  }

  topic(i: number): string {
    return this.#topics[this.topicAt(i)] as string;
  }

  /** The topic's place among those that are read. */
  topicAt(i: number): number {
    return this.#index[entryOf(i) + topic_field] as number;
  }

  partition(i: number): number {
    return this.#index[entryOf(i) + partition_field] as number;
  }

  offset(i: number): number {
    return this.#offsets[2 * i] as number;
  }

  /** When the broker or producer stamped it, in milliseconds since 1970. */
  timestamp_ms(i: number): number {
    return this.#offsets[2 * i + 1] as number;
  }

  /** Empty where there is none. */
  key(i: number): string {
    const start = this.keyStart(i);
    const end = this.keyEnd(i);
    return end === start ? '' : text(this.bytes).utf8Slice(start, end);
  }

  /** Where the key lies in `bytes`. */
  keyStart(i: number): number {
    return this.#index[entryOf(i) + key_field] as number;
  }

  keyEnd(i: number): number {
    return this.keyStart(i) + Math.max(0, this.#index[entryOf(i) + key_field + 1] as number);
  }

  /** Where the value lies in `bytes`. */
  valueStart(i: number): number {
    return this.#index[entryOf(i) + value_field] as number;
  }

  valueEnd(i: number): number {
    return this.valueStart(i) + Math.max(0, this.#index[entryOf(i) + value_field + 1] as number);
  }

  isTombstone(i: number): boolean {
    return this.#index[entryOf(i) + value_field + 1] === none;
  }

  /** A view too: what is kept must be copied. */
  value(i: number): Buffer | null {
    return this.isTombstone(i) ? null : this.bytes.subarray(this.valueStart(i), this.valueEnd(i));
  }

  #end(i: number): Position {
    const capacity = this.#offsets.length / 2;
    const at = capacity - 1 - i;
    const entry = entryOf(at);
    return {
      topic: this.#topics[this.#index[entry + topic_field] as number] as string,
      partition: this.#index[entry + partition_field] as number,
      offset: this.#offsets[2 * at] as number,
    };
  }
}

/** Writes `record` at a place of the buffer and answers the place behind it; or, where it does not fit, a negative number. */
export type Write<T> = (record: T, into: Buffer, at: number) => number;

const outbox_bytes_first = 256 * 1024;
const outbox_bytes_kept_max = 8 * 1024 * 1024;
const outbox_records_first = 1_024;
/** What a key of `n` UTF-16 units can take at most. */
const key_bytes = (key: string): number => key.length * 3;

/** Records on their way out, in the order they were put. */
export class Outbox {
  bytes: Buffer = Buffer.allocUnsafeSlow(outbox_bytes_first);
  index: Int32Array = new Int32Array(head_fields + outbox_records_first * entry_fields);
  count = 0;
  #used = 0;

  /** `partition` is null where the key decides. `topic` is its place among the producer's topics. */
  put<T>(topic: number, partition: number | null, key: string, record: T, write: Write<T>): void {
    const key_at = this.#used;
    const value_at = this.#putKey(key);
    let end = write(record, this.bytes, value_at);
    while (end < 0) {
      this.#grow(this.bytes.length * 2);
      end = write(record, this.bytes, value_at);
    }
    this.#enter(topic, partition, key_at, value_at, end - value_at);
    this.#used = end;
  }

  /** A null value is a tombstone. */
  putBytes(topic: number, partition: number | null, key: string, value: Uint8Array | null): void {
    const key_at = this.#used;
    const value_at = this.#putKey(key);
    const length = value?.length ?? 0;
    if (value_at + length > this.bytes.length) this.#grow(value_at + length);
    if (value) this.bytes.set(value, value_at);
    this.#enter(topic, partition, key_at, value_at, value ? length : none);
    this.#used = value_at + length;
  }

  clear(): void {
    this.count = 0;
    this.#used = 0;
    // One transaction with large records is no reason to hold on to so much for good.
    if (this.bytes.length > outbox_bytes_kept_max) this.bytes = Buffer.allocUnsafeSlow(outbox_bytes_first);
  }

  /** The record as one object: for a client that takes them one by one. */
  at(i: number): { topic: number; partition: number | null; key: Buffer; value: Buffer | null } {
    const entry = entryOf(i);
    const [topic, partition, key_at, key_length, value_at, value_length] = this.index.subarray(
      entry,
      entry + entry_fields,
    ) as unknown as [number, number, number, number, number, number];
    return {
      topic,
      partition: partition === none ? null : partition,
      key: this.bytes.subarray(key_at, key_at + key_length),
      value: value_length === none ? null : this.bytes.subarray(value_at, value_at + value_length),
    };
  }

  #putKey(key: string): number {
    if (this.#used + key_bytes(key) > this.bytes.length) this.#grow(this.#used + key_bytes(key));
    return this.#used + text(this.bytes).utf8Write(key, this.#used);
  }

  #enter(topic: number, partition: number | null, key_at: number, value_at: number, value_length: number): void {
    const entry = entryOf(this.count);
    if (entry + entry_fields > this.index.length) {
      const larger = new Int32Array(this.index.length * 2);
      larger.set(this.index);
      this.index = larger;
    }
    const index = this.index;
    index[entry] = topic;
    index[entry + 1] = partition ?? none;
    index[entry + 2] = key_at;
    index[entry + 3] = value_at - key_at;
    index[entry + 4] = value_at;
    index[entry + 5] = value_length;
    this.count++;
  }

  #grow(bytes_min: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes_min, this.bytes.length * 2));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}
