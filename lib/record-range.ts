/**
 * The records of one partition that a sink has collected, as an INSERT needs them: the Avro bodies one behind the other, each with
 * its position (avro.ts, container), and no object a record. What cannot lie there as it came, because another schema wrote it or
 * because it is no record, is kept beside the others until somebody mends the range.
 */
import { container, positionBytes, writePosition } from './avro.ts';
import { MillraceError } from './errors.ts';
import { header_bytes, type Serde, schemaIdOf } from './registry.ts';
import type { Batch } from './slab.ts';

export interface Unreadable {
  readonly offset: number;
  readonly key: string;
  /** As it lay in Kafka. */
  readonly original: Buffer;
  readonly error: MillraceError;
}

/** Most ranges are small. */
const bytes_first = 4 * 1024;
const keys_first = 1024;
const records_first = 16;
const position_bytes_max = 15;
const left_out = Buffer.alloc(0);

export class RecordRange {
  /** Of offsets: a tombstone has one, and no row. */
  count = 0;
  readonly partition: number;
  readonly #serde: Serde<unknown>;
  #bytes: Buffer;
  #used = 0;
  #keys: Buffer = Buffer.allocUnsafeSlow(keys_first);
  #keys_used = 0;
  #offsets = new Float64Array(records_first);
  /** Of each record the place behind it, and behind its key. */
  #ends = new Uint32Array(records_first);
  #key_ends = new Uint32Array(records_first);
  #rows = 0;
  /** By their place, whole values that do not lie among the others. */
  readonly #beside = new Map<number, Buffer>();
  #beside_bytes = 0;
  /** By its place, the body that a record has instead; an empty one leaves it out. */
  readonly #instead = new Map<number, Buffer>();

  /** `bytes_expected` spares growing. */
  constructor(partition: number, serde: Serde<unknown>, bytes_expected = bytes_first) {
    this.partition = partition;
    this.#serde = serde;
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(bytes_first, bytes_expected));
  }

  get bytes(): number {
    return this.#used + this.#beside_bytes;
  }

  offset(i: number): number {
    return this.#offsets[i] as number;
  }

  get lastOffset(): number {
    return this.count === 0 ? -1 : this.offset(this.count - 1);
  }

  /** Copies the batch's record. */
  append(batch: Batch, i: number): void {
    const { bytes } = batch;
    this.#reserve(batch.keyEnd(i) - batch.keyStart(i), batch.valueEnd(i) - batch.valueStart(i));
    this.#keys_used += bytes.copy(this.#keys, this.#keys_used, batch.keyStart(i), batch.keyEnd(i));
    this.#put(batch.offset(i), bytes, batch.valueStart(i), batch.valueEnd(i));
  }

  /** The same of a record that lies alone; null is a tombstone. */
  add(offset: number, key: string, value: Buffer | null): void {
    const key_bytes = Buffer.from(key);
    this.#reserve(key_bytes.length, value?.length ?? 0);
    this.#keys_used += key_bytes.copy(this.#keys, this.#keys_used);
    this.#put(offset, value ?? left_out, 0, value?.length ?? 0);
  }

  /** Keeps the records before the offset, and answers a range of the others. */
  split(offset: number): RecordRange {
    const rest = new RecordRange(this.partition, this.#serde);
    let kept = this.count;
    while (kept > 0 && this.offset(kept - 1) >= offset) kept--;
    for (let i = kept; i < this.count; i++) rest.add(this.offset(i), this.#key(i), this.#original(i));
    for (let i = kept; i < this.count; i++) {
      if (this.#length(i) > 0) this.#rows--;
      this.#beside_bytes -= this.#beside.get(i)?.length ?? 0;
      this.#beside.delete(i);
    }
    this.count = kept;
    this.#used = this.#endOf(this.#ends, kept - 1);
    this.#keys_used = this.#endOf(this.#key_ends, kept - 1);
    return rest;
  }

  /** Reads what lies beside the others, so that it can be stored; answers what is no record, which is left out from now on. */
  async mend(): Promise<Unreadable[]> {
    const found: Unreadable[] = [];
    for (const [i, original] of this.#beside) {
      const body = await this.#readable(
        i,
        async () => {
          const record = await this.#serde.deserialize(original);
          return this.#serde.serialize(record).subarray(header_bytes);
        },
        found,
      );
      this.#instead.set(i, body ?? left_out);
    }
    this.#beside.clear();
    this.#beside_bytes = 0;
    return found;
  }

  /** Reads every record, also those that looked sound: where the engine has found fault with one of them. */
  async examine(): Promise<Unreadable[]> {
    const found: Unreadable[] = [];
    for (let i = 0; i < this.count; i++) {
      const original = this.#instead.has(i) ? null : this.#original(i);
      if (original === null) continue;
      const read = await this.#readable(i, async () => this.#serde.deserialize(original), found);
      if (read === null) this.#instead.set(i, left_out);
    }
    return found;
  }

  /** An Avro container of the rows, in pieces; of those at `wanted` offsets alone, if given. Null where there are none. */
  container(wanted: ReadonlySet<number> | null = null): Buffer[] | null {
    const { schema } = this.#serde.topic;
    if (wanted === null && this.#instead.size === 0) {
      return this.#rows === 0 ? null : container(schema, this.#rows, [this.#bytes.subarray(0, this.#used)]);
    }
    const block: Buffer[] = [];
    let rows = 0;
    for (let i = 0; i < this.count; i++) {
      const row = wanted === null || wanted.has(this.offset(i)) ? this.#row(i) : left_out;
      if (row.length === 0) continue;
      rows++;
      join(block, row);
    }
    return rows === 0 ? null : container(schema, rows, block);
  }

  /** Offsets of the rows. */
  *rowOffsets(): Generator<number> {
    for (let i = 0; i < this.count; i++) if (this.#row(i).length > 0) yield this.offset(i);
  }

  async #readable<T>(i: number, read: () => Promise<T>, found: Unreadable[]): Promise<T | null> {
    const original = this.#original(i) as Buffer;
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof MillraceError && error.code.startsWith('avro.'))) throw error;
      found.push({ offset: this.offset(i), key: this.#key(i), original, error });
      return null;
    }
  }

  #put(offset: number, bytes: Buffer, start: number, end: number): void {
    const i = this.count++;
    if (end > start) {
      if (schemaIdOf(bytes, start, end) === this.#serde.schema_id && this.#isSound(bytes, start, end)) {
        this.#used += bytes.copy(this.#bytes, this.#used, start + header_bytes, end);
        this.#used = writePosition(this.#bytes, this.#used, this.partition, offset);
        this.#rows++;
      } else {
        this.#beside.set(i, Buffer.from(bytes.subarray(start, end)));
        this.#beside_bytes += end - start;
      }
    }
    this.#offsets[i] = offset;
    this.#ends[i] = this.#used;
    this.#key_ends[i] = this.#keys_used;
  }

  /** In a container, one that is not would run into its neighbours. */
  #isSound(bytes: Buffer, start: number, end: number): boolean {
    try {
      this.#serde.check(bytes, start, end);
      return true;
    } catch {
      return false;
    }
  }

  #endOf(ends: Uint32Array, i: number): number {
    return i < 0 ? 0 : (ends[i] as number);
  }

  #length(i: number): number {
    return this.#endOf(this.#ends, i) - this.#endOf(this.#ends, i - 1);
  }

  /** Body and position; empty where there is no row. */
  #row(i: number): Buffer {
    const body = this.#instead.get(i);
    if (body === undefined) return this.#bytes.subarray(this.#endOf(this.#ends, i - 1), this.#endOf(this.#ends, i));
    return body.length === 0 ? left_out : Buffer.concat([body, positionBytes(this.partition, this.offset(i))]);
  }

  /** The value as it came; null of a tombstone. */
  #original(i: number): Buffer | null {
    const beside = this.#beside.get(i);
    if (beside) return beside;
    if (this.#length(i) === 0) return null;
    const header = Buffer.alloc(header_bytes);
    header.writeInt32BE(this.#serde.schema_id, 1);
    const row = this.#row(i);
    const position = positionBytes(this.partition, this.offset(i));
    return Buffer.concat([header, row.subarray(0, row.length - position.length)]);
  }

  #key(i: number): string {
    return this.#keys.toString('utf8', this.#endOf(this.#key_ends, i - 1), this.#endOf(this.#key_ends, i));
  }

  #reserve(key_bytes: number, value_bytes: number): void {
    this.#bytes = grown(this.#bytes, this.#used, this.#used + value_bytes + position_bytes_max);
    this.#keys = grown(this.#keys, this.#keys_used, this.#keys_used + key_bytes);
    if (this.count < this.#offsets.length) return;
    const offsets = new Float64Array(this.count * 2);
    offsets.set(this.#offsets);
    this.#offsets = offsets;
    const [ends, key_ends] = [this.#ends, this.#key_ends];
    this.#ends = new Uint32Array(this.count * 2);
    this.#ends.set(ends);
    this.#key_ends = new Uint32Array(this.count * 2);
    this.#key_ends.set(key_ends);
  }
}

/** Neighbours become one piece: each piece is a write. */
function join(block: Buffer[], row: Buffer): void {
  const last = block.at(-1);
  const isNext = last?.buffer === row.buffer && last.byteOffset + last.length === row.byteOffset;
  if (isNext) block[block.length - 1] = Buffer.from(row.buffer, last.byteOffset, last.length + row.length);
  else block.push(row);
}

function grown(bytes: Buffer, used: number, needed: number): Buffer {
  if (needed <= bytes.length) return bytes;
  const larger = Buffer.allocUnsafeSlow(Math.max(needed, bytes.length * 2));
  bytes.copy(larger, 0, 0, used);
  return larger;
}
