/** From a path that a person names to a source that a connector reads. */
import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { SourceDefinition } from '../lib/connector.ts';
import { MillraceError, messageOf } from '../lib/errors.ts';
import type { Owner } from '../schemas/generated.ts';
import { peek, readFileBytes } from './parse/bytes.ts';
import { sniff, sniff_bytes } from './parse/sniff.ts';

/** The same path is the same source, asked for again: its connector reads on where it ended. Throws MillraceError `import`. */
export async function sourceOf(path: string, owner: Owner, now_ms: number): Promise<SourceDefinition> {
  const real = await realpath(path).catch(error => {
    throw new MillraceError('import', `${path}: ${messageOf(error)}`);
  });
  const folder = (await stat(real)).isDirectory();
  const connector = folder ? 'eml' : connectorOf(path, await headOf(real));
  // The path is in the name as a hash: it tells two files of one name apart, and says nothing about the machine.
  const fingerprint = createHash('sha256').update(real).digest('hex').slice(0, 10);
  return {
    source: `${connector}:${basename(real)}:${fingerprint}`,
    connector,
    owner,
    // What a file holds has happened: it neither moves the watermark nor obeys it.
    origin: 'backfill',
    config: JSON.stringify({ path: real }),
    created_at_ms: now_ms,
  };
}

async function headOf(path: string): Promise<Buffer> {
  try {
    const { head, rest } = await peek(readFileBytes(path), sniff_bytes);
    await rest.return(undefined);
    return head.subarray(0, sniff_bytes);
  } catch (error) {
    throw new MillraceError('import', `${path}: ${messageOf(error)}`);
  }
}

function connectorOf(path: string, head: Buffer): string {
  const found = sniff(head);
  if (typeof found === 'string') return found;
  throw new MillraceError('import', `${path}: ${found.unknown.message}`, {
    remedy: 'an import reads mbox, .eml and NDJSON files, plain or gzip, and folders of .eml files',
  });
}
