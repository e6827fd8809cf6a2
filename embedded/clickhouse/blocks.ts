/** LZ4 blocks, and streams that are cut into blocks. */
import { Transform, type TransformCallback } from 'node:stream';
import { compressSync } from 'lz4-napi';

/** Bounds what is held back, and how long the event loop is held by one block. */
export const block_bytes = 256 * 1024;

export interface BlockForm {
  head?: Buffer;
  block(raw: Buffer): Buffer;
  tail?: Buffer;
}

/** Cuts what is written to it into blocks, each encoded alone. */
export class Blocks extends Transform {
  private readonly form: BlockForm;
  private pending: Buffer[] = [];
  private pending_bytes = 0;

  constructor(form: BlockForm) {
    super();
    this.form = form;
    if (form.head) this.push(form.head);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.pending.push(chunk);
    this.pending_bytes += chunk.length;
    if (this.pending_bytes >= block_bytes) this.cut();
    done();
  }

  override _flush(done: TransformCallback): void {
    this.cut();
    if (this.form.tail) this.push(this.form.tail);
    done();
  }

  /** Sends what is held back. */
  cut(): void {
    const bytes = Buffer.concat(this.pending);
    this.pending = [];
    this.pending_bytes = 0;
    for (let at = 0; at < bytes.length; at += block_bytes) {
      this.push(this.form.block(bytes.subarray(at, at + block_bytes)));
    }
  }
}

/** The package puts the size in front of the block. */
export function lz4Block(raw: Buffer): Buffer {
  return compressSync(raw).subarray(4);
}

/** A block of literals alone, in which the bytes stand as they are. */
export function lz4Literals(raw: Buffer): Buffer {
  if (raw.length < 15) return Buffer.concat([Buffer.from([raw.length << 4]), raw]);
  const rest = raw.length - 15;
  const lengths = Buffer.alloc(Math.floor(rest / 255) + 1, 255);
  lengths[lengths.length - 1] = rest % 255;
  return Buffer.concat([Buffer.from([0xf0]), lengths, raw]);
}

/** One LZ4 frame of independent blocks without checksums. https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md */
export function createLz4Frame(): Blocks {
  // Magic, flags, blocks of up to 256 KiB, and the checksum of these two.
  const head = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x50, 0xfb]);
  return new Blocks({ head, block: lz4FrameBlock, tail: Buffer.alloc(4) });
}

function lz4FrameBlock(raw: Buffer): Buffer {
  const packed = lz4Block(raw);
  const stored = packed.length >= raw.length;
  const size = Buffer.alloc(4);
  size.writeUInt32LE(stored ? (raw.length | 0x80000000) >>> 0 : packed.length);
  return Buffer.concat([size, stored ? raw : packed]);
}

const zstd_block_bytes = 128 * 1024;

/**
 * A zstd frame (RFC 8878) that stores its bytes. Node 20 has no zstd: what the engine compresses goes out as it comes,
 * and what is added to it, or is small, goes in frames like this.
 */
export function zstdStored(raw: Uint8Array): Buffer {
  // Magic, no flags, a window of 128 KiB.
  const parts: Uint8Array[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38])];
  for (let at = 0; at === 0 || at < raw.length; at += zstd_block_bytes) {
    const block = raw.subarray(at, at + zstd_block_bytes);
    const last = at + zstd_block_bytes >= raw.length;
    const head = Buffer.alloc(3);
    head.writeUIntLE((block.length << 3) | (last ? 1 : 0), 0, 3);
    parts.push(head, block);
  }
  return Buffer.concat(parts);
}
