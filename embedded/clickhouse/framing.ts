/**
 * ClickHouse's own block framing, which `compress=1` asks for in answers and `decompress=1` announces in bodies.
 *
 * A block: CityHash128 of all that follows (16 bytes), method (1), bytes from the method on (4), bytes decompressed (4),
 * data. Source: ClickHouse's `CompressedReadBufferBase.cpp` and `CompressionInfo.h`.
 */
import { Transform, type TransformCallback } from 'node:stream';
import { uncompressSync } from 'lz4-napi';
import { Blocks, lz4Block, lz4Literals } from './blocks.ts';
import { cityHash128 } from './cityhash.ts';
import { refusal } from './errors.ts';

const METHODS = { none: 0x02, lz4: 0x82, zstd: 0x90 } as const;
const checksum_bytes = 16;
const head_bytes = 9;
/** Of one block in a request, decompressed; a client's largest batch is one block. */
const block_bytes_max = 64 * 1024 * 1024;

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
      done(error as Error);
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
    const length = checksum_bytes + bytes.readUInt32LE(checksum_bytes + 1);
    if (length < checksum_bytes + head_bytes || length > checksum_bytes + head_bytes + block_bytes_max) {
      throw corrupt('a size that no block has');
    }
    const whole = bytes.length >= length;
    if (whole) this.push(this.unframe(bytes.subarray(0, length)));
    const rest = whole ? bytes.subarray(length) : bytes;
    this.pending = [rest];
    this.pending_bytes = rest.length;
    this.wanted_bytes = whole ? checksum_bytes + head_bytes : length;
  }

  private unframe(block: Buffer): Buffer {
    const hashed = block.subarray(checksum_bytes);
    if (!cityHash128(hashed).equals(block.subarray(0, checksum_bytes))) throw corrupt('its checksum does not match');
    const method = hashed.readUInt8(0);
    const raw_bytes = hashed.readUInt32LE(5);
    if (raw_bytes > block_bytes_max) throw corrupt(`it holds more than ${block_bytes_max} bytes`);
    const data = hashed.subarray(head_bytes);
    const zstd = method === METHODS.zstd;
    if (this.seen && zstd !== this.zstd) throw corrupt('its method is not that of the blocks before it');
    this.seen = true;
    this.zstd = zstd;
    if (zstd || method === METHODS.none) return data;
    if (method === METHODS.lz4) return inflated(data, raw_bytes);
    throw refusal('UNKNOWN_COMPRESSION_METHOD', `Unknown compression method 0x${method.toString(16)} of a block`);
  }
}

function inflated(data: Buffer, raw_bytes: number): Buffer {
  // The package wants the size in front of the block.
  const sized = Buffer.allocUnsafe(4 + data.length);
  sized.writeUInt32LE(raw_bytes, 0);
  data.copy(sized, 4);
  let raw: Buffer;
  try {
    raw = uncompressSync(sized);
  } catch {
    throw corrupt('it is not LZ4');
  }
  if (raw.length !== raw_bytes) throw corrupt('it is not as long as it says');
  return raw;
}

function corrupt(what: string) {
  return refusal('CANNOT_DECOMPRESS', `Cannot decompress a block of the body: ${what}`);
}
