/**
 * A content-addressed store in a directory: a blob's name is the SHA-256 of its bytes.
 *
 * Small blobs, which are nearly all, lie in one database (`small.lmdb`), whose commits many of them share; a file and its
 * flushes for each cost fifty times the processor time. Larger ones are files. Several processes may share the directory.
 */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { open as openDatabase } from 'lmdb';
import { openBlobFiles } from './blob-files.ts';

export interface BlobRef {
  /** 64 lower-case hex digits. */
  sha256: string;
  size_bytes: number;
}

export interface BlobWriter {
  /** Resolves when the chunk has reached the file: awaiting it is the backpressure. */
  write(chunk: Uint8Array): Promise<void>;
  /** Publishes the blob. Nothing may be written afterwards. */
  end(): Promise<BlobRef>;
  /** Drops what was written. Harmless after `end`. */
  abort(): Promise<void>;
}

export interface Store {
  /**
   * Stores the bytes unless they are there already. Once it resolves they survive what `fsync` promises. `sha256` is
   * theirs where the caller has computed it, in a thread for instance.
   */
  put(bytes: Uint8Array, sha256?: string): Promise<BlobRef>;
  /** For a blob larger than memory, or one whose bytes are still arriving. */
  writer(): BlobWriter;
  /** The whole blob. Rejects with `code: 'ENOENT'` where there is none. */
  get(sha256: string): Promise<Buffer>;
  /** The blob as a stream, which errors with `code: 'ENOENT'` where there is none. */
  open(sha256: string): Readable;
  has(sha256: string): Promise<boolean>;
  close(): Promise<void>;
}

export interface StoreOptions {
  /**
   * Wait until the disk has the bytes and the name (default true). Topics carry only a reference to a blob, so a power
   * cut that keeps the record and loses the blob would leave a reference to nothing, for good: the source has moved on.
   */
  fsync?: boolean;
}

export const small_bytes_max = 256 * 1024;

/** Opens (and creates) the store. Throws where the directory cannot be used. */
export function openStore(dir: string, { fsync = true }: StoreOptions = {}): Store {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const files = openBlobFiles(dir, { fsync });
  const small = openDatabase<Buffer, Buffer>({
    path: join(dir, 'small.lmdb'),
    keyEncoding: 'binary',
    encoding: 'binary',
    noSync: !fsync,
    // Otherwise every page ever touched stays mapped, and the whole file counts as this process's memory by and by.
    remapChunks: true,
    // What is visible is on the disk: another arrival of a blob must not pass for stored before the first one is.
    overlappingSync: false,
  });

  const smallBlob = (sha256: string): Buffer | undefined => small.getBinary(keyOf(sha256));

  async function putSmall(bytes: Uint8Array, key: Buffer): Promise<void> {
    if (small.doesExist(key)) return;
    await small.put(key, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  return {
    async put(bytes, sha256 = createHash('sha256').update(bytes).digest('hex')) {
      if (bytes.byteLength <= small_bytes_max) await putSmall(bytes, keyOf(sha256));
      else await files.put(bytes, sha256);
      return { sha256, size_bytes: bytes.byteLength };
    },
    writer: () => files.writer(),
    get: async sha256 => smallBlob(sha256) ?? files.get(sha256),
    open(sha256) {
      const found = smallBlob(sha256);
      return found ? Readable.from([found], { objectMode: false }) : files.open(sha256);
    },
    has: async sha256 => small.doesExist(keyOf(sha256)) || (await files.sizeOf(sha256)) !== null,
    close: () => small.close(),
  };
}

/** Names come from records and requests: anything but 64 hex digits could climb out of the directory. */
function keyOf(sha256: string): Buffer {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new TypeError('a blob is named by 64 lower-case hex digits');
  return Buffer.from(sha256, 'hex');
}
