/**
 * Reading ClickHouse's own block framing, in which clients pack what they send (`decompress=1`).
 *
 * A block: CityHash128 of all that follows (16 bytes), method (1), bytes from the method on (4), bytes decompressed (4),
 * data. Source: ClickHouse's `CompressedReadBufferBase.cpp` and `CompressionInfo.h`.
 */
import { uncompressSync } from 'lz4-napi';
import { cityHash128 } from './cityhash.ts';

export const METHODS = { none: 0x02, lz4: 0x82, zstd: 0x90 } as const;
export const checksum_bytes = 16;
export const head_bytes = 9;
/** Of one block in a request, decompressed; a client's largest batch is one block. */
const block_bytes_max = 64 * 1024 * 1024;

export class BlockError extends Error {
  readonly unknown_method: boolean;
  constructor(message: string, unknown_method = false) {
    super(message);
    this.unknown_method = unknown_method;
  }
}

/** How long the block is that begins with these `checksum_bytes + head_bytes`. */
export function blockLength(head: Buffer): number {
  const length = checksum_bytes + head.readUInt32LE(checksum_bytes + 1);
  if (length < checksum_bytes + head_bytes || length > checksum_bytes + head_bytes + block_bytes_max) {
    throw corrupt('a size that no block has');
  }
  return length;
}

export interface OpenedBlock {
  readonly data: Buffer;
  /** The data is a zstd frame as it was. */
  readonly zstd: boolean;
}

export function openBlock(block: Buffer, bytes_max = block_bytes_max): OpenedBlock {
  const hashed = block.subarray(checksum_bytes);
  if (!cityHash128(hashed).equals(block.subarray(0, checksum_bytes))) throw corrupt('its checksum does not match');
  const method = hashed.readUInt8(0);
  const raw_bytes = hashed.readUInt32LE(5);
  if (raw_bytes > bytes_max) throw corrupt(`it holds more than ${bytes_max} bytes`);
  const data = hashed.subarray(head_bytes);
  if (method === METHODS.zstd) return { data, zstd: true };
  if (method === METHODS.none) return { data, zstd: false };
  if (method === METHODS.lz4) return { data: inflated(data, raw_bytes), zstd: false };
  throw new BlockError(`Unknown compression method 0x${method.toString(16)} of a block`, true);
}

/** What the blocks of a whole body hold. Throws BlockError, for zstd too. */
export function unframed(bytes: Buffer, bytes_max: number): Buffer {
  const parts: Buffer[] = [];
  let left = bytes_max;
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < checksum_bytes + head_bytes) throw corrupt('the body ends within it');
    const length = blockLength(bytes.subarray(at));
    if (at + length > bytes.length) throw corrupt('the body ends within it');
    const { data, zstd } = openBlock(bytes.subarray(at, at + length), left);
    if (zstd) throw new BlockError('zstd is not read here', true);
    parts.push(data);
    left -= data.length;
    at += length;
  }
  return Buffer.concat(parts);
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

function corrupt(what: string): BlockError {
  return new BlockError(`Cannot decompress a block of the body: ${what}`);
}
