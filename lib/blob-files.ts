/**
 * Blobs as files: `<dir>/ab/cd/<64 hex>`, and `<dir>/tmp/` for those being written. A blob appears under its name only when
 * it is whole, so readers never see half of one and a crash leaves nothing but a file in `tmp/`.
 * Several processes may share a directory: equal names mean equal bytes, so it does not matter who renames last.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, type ReadStream, readdirSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BlobWriter } from './store.ts';

export interface BlobFiles {
  put(bytes: Uint8Array, sha256: string): Promise<void>;
  writer(): BlobWriter;
  get(sha256: string): Promise<Buffer>;
  open(sha256: string): ReadStream;
  /** In bytes; null where there is none. */
  sizeOf(sha256: string): Promise<number | null>;
}

/** A file left in `tmp/` longer than this belongs to a process that died. */
const stale_tmp_ms = 24 * 60 * 60 * 1000;
const file_mode = 0o600;
const directory_mode = 0o700;

/**
 * Opens (and creates) the directory. Throws where it cannot be used. With `fsync` a blob is there for good once a call has
 * settled: the disk has its bytes and its name.
 */
export function openBlobFiles(dir: string, { fsync }: { fsync: boolean }): BlobFiles {
  const tmp = join(dir, 'tmp');
  mkdirSync(tmp, { recursive: true, mode: directory_mode });
  removeStale(tmp);

  const newTmpPath = () => join(tmp, randomUUID());

  async function publish(tmpPath: string, sha256: string): Promise<void> {
    const path = pathOf(dir, sha256);
    const parent = dirname(path);
    const firstCreated = await mkdir(parent, { recursive: true, mode: directory_mode });
    await rename(tmpPath, path);
    if (!fsync) return;
    await syncDirectory(parent);
    // A new directory is itself an entry of its parent, and of that one's parent.
    if (firstCreated !== undefined) {
      await syncDirectory(dirname(parent));
      await syncDirectory(dir);
    }
  }

  async function put(bytes: Uint8Array, sha256: string): Promise<void> {
    // The size is compared because a directory once written without fsync may hold a name whose bytes never arrived.
    if ((await sizeOf(pathOf(dir, sha256))) === bytes.byteLength) return;
    const tmpPath = newTmpPath();
    try {
      const file = await open(tmpPath, 'wx', file_mode);
      try {
        await file.writeFile(bytes);
        if (fsync) await file.datasync();
      } finally {
        await file.close();
      }
      await publish(tmpPath, sha256);
    } catch (error) {
      await rm(tmpPath, { force: true });
      throw error;
    }
  }

  function writer(): BlobWriter {
    const tmpPath = newTmpPath();
    const hash = createHash('sha256');
    let size_bytes = 0;
    let file: FileHandle | null = null;
    let done = false;

    async function discard(): Promise<void> {
      await file?.close();
      file = null;
      await rm(tmpPath, { force: true });
    }

    return {
      async write(chunk) {
        if (done) throw new Error('write after the end of a blob');
        file ??= await open(tmpPath, 'wx', file_mode);
        hash.update(chunk);
        size_bytes += chunk.byteLength;
        await file.writeFile(chunk);
      },
      async end() {
        if (done) throw new Error('a blob was ended twice');
        done = true;
        file ??= await open(tmpPath, 'wx', file_mode);
        const sha256 = hash.digest('hex');
        try {
          if ((await sizeOf(pathOf(dir, sha256))) === size_bytes) {
            await discard();
            return { sha256, size_bytes };
          }
          if (fsync) await file.datasync();
          await file.close();
          file = null;
          await publish(tmpPath, sha256);
        } catch (error) {
          await discard();
          throw error;
        }
        return { sha256, size_bytes };
      },
      async abort() {
        if (done) return;
        done = true;
        await discard();
      },
    };
  }

  return {
    put,
    writer,
    get: async sha256 => readFile(pathOf(dir, sha256)),
    open: sha256 => createReadStream(pathOf(dir, sha256)),
    sizeOf: async sha256 => sizeOf(pathOf(dir, sha256)),
  };
}

function pathOf(dir: string, sha256: string): string {
  return join(dir, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function removeStale(tmp: string): void {
  const oldest_ms = Date.now() - stale_tmp_ms;
  for (const name of readdirSync(tmp)) {
    const path = join(tmp, name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found !== undefined && found.mtimeMs < oldest_ms) rmSync(path, { force: true });
  }
}
