/** ClickHouse's own block framing, which `compress=1` asks for in answers and `decompress=1` announces in bodies. */
import { Transform, type TransformCallback } from 'node:stream';
import { cityHash128 } from '../../lib/cityhash.ts';
import {
  BlockError,
  blockLength,
  checksum_bytes,
  head_bytes,
  METHODS,
  openBlock,
} from '../../lib/clickhouse-blocks.ts';
import { Blocks, lz4Block, lz4Literals } from './blocks.ts';
import { refusal } from './errors.ts';

/** Frames what is written to it. */
export class BlockWriter extends Blocks {
  constructor() {
    super({ block: raw => frameBlock(raw, lz4Block(raw)) });
  }

  /**
   * Ends with a block that stores its text as it is: clients look for an exception in the bytes of the body, before
   * they are decompressed.
   */
  endPlainly(text: string): void {
    const raw = Buffer.from(text);
    this.cut();
    this.push(frameBlock(raw, lz4Literals(raw)));
    this.end();
  }
}

function frameBlock(raw: Buffer, data: Buffer): Buffer {
  const block = Buffer.allocUnsafe(checksum_bytes + head_bytes + data.length);
  block.writeUInt8(METHODS.lz4, checksum_bytes);
  block.writeUInt32LE(head_bytes + data.length, checksum_bytes + 1);
  block.writeUInt32LE(raw.length, checksum_bytes + 5);
  data.copy(block, checksum_bytes + head_bytes);
  cityHash128(block.subarray(checksum_bytes)).copy(block);
  return block;
}

/**
 * Takes the framing off. Blocks of zstd come out as they are, a zstd frame each, which together are a zstd stream:
 * `zstd` tells so once the stream has ended.
 */
export class BlockReader extends Transform {
  zstd = false;
  private pending: Buffer[] = [];
  private pending_bytes = 0;
  private wanted_bytes = checksum_bytes + head_bytes;
  private seen = false;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.pending.push(chunk);
    this.pending_bytes += chunk.length;
    try {
      while (this.pending_bytes >= this.wanted_bytes) this.step();
      done();
    } catch (error) {
      done(error instanceof BlockError ? refusalOf(error) : (error as Error));
    }
  }

  override _flush(done: TransformCallback): void {
    const broken = this.pending_bytes > 0;
    done(broken ? refusal('CANNOT_READ_ALL_DATA', 'The body ends within a compressed block') : null);
  }

  /** A head that is complete tells how long its block is; a block that is complete is handed on. */
  private step(): void {
    const [first, ...others] = this.pending;
    const bytes = first && others.length === 0 ? first : Buffer.concat(this.pending);
    const length = blockLength(bytes);
    const whole = bytes.length >= length;
    if (whole) this.push(this.unframe(bytes.subarray(0, length)));
    const rest = whole ? bytes.subarray(length) : bytes;
    this.pending = [rest];
    this.pending_bytes = rest.length;
    this.wanted_bytes = whole ? checksum_bytes + head_bytes : length;
  }

  private unframe(block: Buffer): Buffer {
    const { data, zstd } = openBlock(block);
    if (this.seen && zstd !== this.zstd) throw new BlockError('Its method is not that of the blocks before it');
    this.seen = true;
    this.zstd = zstd;
    return data;
  }
}

function refusalOf({ message, unknown_method }: BlockError) {
  return refusal(unknown_method ? 'UNKNOWN_COMPRESSION_METHOD' : 'CANNOT_DECOMPRESS', message);
}
