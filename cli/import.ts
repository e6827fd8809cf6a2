/** `millrace import`: hands files to the instance, waits until all is queryable, says how it adds up. */
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MillraceError } from '../lib/errors.ts';
import type { Client, ImportRequest } from './client.ts';
import { type Settled, waitForSources } from './settle.ts';

export interface ImportOptions extends Omit<ImportRequest, 'paths' | 'connector'> {
  readonly data_dir: string;
}

/** Throws MillraceError `import` where a path is not there or is nothing that can be read. */
export async function importPaths(client: Client, paths: readonly string[], options: ImportOptions): Promise<Settled> {
  const { data_dir, ...request } = options;
  const files = await Promise.all(paths.map(path => (path === '-' ? spool(data_dir) : present(path))));
  const { sources } = await client.startImport({ ...request, paths: files }).catch(unusable);
  return waitForSources(client, sources, await sizeOf(files));
}

/** 422: a path names nothing that can be read, which is the caller's to mend. */
function unusable(error: unknown): never {
  throw error instanceof MillraceError && error.code === 'http.422'
    ? new MillraceError('import', error.message)
    : error;
}

async function present(path: string): Promise<string> {
  const full = resolve(path);
  try {
    await stat(full);
  } catch {
    throw new MillraceError('import', `${path}: no such file or folder`);
  }
  return full;
}

/** What there is to read, where a position in it tells how much has been read: plain files, no folder, no gzip. */
async function sizeOf(paths: readonly string[]): Promise<number | null> {
  let total = 0;
  for (const path of new Set(paths)) {
    const found = await stat(path);
    if (!found.isFile() || (await isGzip(path))) return null;
    total += found.size;
  }
  return total;
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.readUInt16BE() === 0x1f8b;
  } finally {
    await file.close();
  }
}

/** Standard input becomes a file named by its content: read once, it can be resumed and recognised like any other. */
async function spool(data_dir: string): Promise<string> {
  const folder = join(data_dir, 'spool');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const partial = join(folder, `${randomUUID()}.part`);
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk, _, done) {
      hash.update(chunk as Buffer);
      done(null, chunk);
    },
  });
  try {
    await pipeline(process.stdin, hashing, createWriteStream(partial, { mode: 0o600 }));
    const whole = join(folder, hash.digest('hex'));
    await rename(partial, whole);
    return resolve(whole);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
