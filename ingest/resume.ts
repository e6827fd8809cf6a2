/** Reads a file on from where it ended last time, if it is still the same file up to there. */
import { createHash, type Hash } from 'node:crypto';
import type { Json } from '../lib/json.ts';
import { readFileBytes } from './parse/bytes.ts';

/** Offset after the last record, in the unpacked bytes; the hash of everything before it once the end was reached. */
interface FilePosition {
  offset: number;
  sha256?: string;
}

export interface ResumedFile {
  /** Where the bytes begin. */
  readonly start: number;
  readonly bytes: AsyncGenerator<Buffer>;
  /** The position of a file read to its end: what `again` is held against. */
  end(): Json;
}

/**
 * After a crash (`again` false) the committed position is right: it is the same run. Asked for `again`, the file may have
 * grown, or be another one under the same name; it is read on only where everything before the position is what it was.
 * Otherwise it is read anew, and what had been seen becomes duplicates.
 */
export async function resumeFile(path: string, position: Json, again: boolean): Promise<ResumedFile> {
  const known = position as FilePosition | null;
  const start = known === null || (again && !(await isUnchanged(path, known))) ? 0 : known.offset;
  const hash = createHash('sha256');
  let size = 0;

  async function* bytes(): AsyncGenerator<Buffer> {
    for await (const chunk of readFileBytes(path)) {
      hash.update(chunk);
      const skipped = Math.min(chunk.length, Math.max(0, start - size));
      size += chunk.length;
      if (skipped < chunk.length) yield chunk.subarray(skipped);
    }
  }
  return { start, bytes: bytes(), end: () => ({ offset: size, sha256: hash.digest('hex') }) };
}

async function isUnchanged(path: string, { offset, sha256 }: FilePosition): Promise<boolean> {
  if (sha256 === undefined) return false;
  const hash: Hash = createHash('sha256');
  let size = 0;
  for await (const chunk of readFileBytes(path)) {
    hash.update(chunk.subarray(0, offset - size));
    size += chunk.length;
    if (size >= offset) break;
  }
  return size >= offset && hash.digest('hex') === sha256;
}
