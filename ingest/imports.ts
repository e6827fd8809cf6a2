/** From a path that a person names to a source that a connector reads. */
import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { SourceDefinition } from '../lib/connector.ts';
import { MillraceError, messageOf } from '../lib/errors.ts';
import type { Owner } from '../schemas/generated.ts';
import { csv_head_bytes, csvHead } from './csv/header.ts';
import { recognise } from './csv/known-headers.ts';
import { type Mapping, missingColumns, startingMapping } from './csv/mapping.ts';
import { isMaildir } from './maildir.ts';
import { headOf } from './parse/bytes.ts';
import { sniff } from './parse/sniff.ts';

/** Extensions that say CSV where the beginning of the file does not. */
const csv_extension = /\.(csv|tsv)(\.gz)?$/i;

/**
 * The same path is the same source, asked for again: its connector reads on where it ended. A CSV file has a mapping besides, the
 * one that is named or the one of its columns, and another one makes another source. Throws MillraceError `import`.
 */
export async function sourceOf(
  path: string,
  mapping: Mapping | null,
  owner: Owner,
  now_ms: number,
  exclude_folders: readonly string[] = [],
): Promise<SourceDefinition> {
  const real = await realpath(path).catch(error => {
    throw new MillraceError('import', `${path}: ${messageOf(error)}`);
  });
  const isFolder = (await stat(real)).isDirectory();
  if (isFolder && mapping) throw new MillraceError('import', `${path} is a folder; a mapping is for a CSV file`);
  if (!isFolder && exclude_folders.length > 0) {
    throw new MillraceError('import', `${path} is no folder: nothing of it can be excluded`);
  }
  const { connector, ...config } = isFolder ? await folderAt(real) : await fileAt(path, real, mapping);
  // The path is in the name as a hash: it tells two files of one name apart, and says nothing about the machine.
  // A source keeps its mapping, so that another export under the same name is another source.
  const identity = config.mapping ? `${real}\n${JSON.stringify(config.mapping)}` : real;
  const fingerprint = createHash('sha256').update(identity).digest('hex').slice(0, 10);
  return {
    source: `${connector}:${basename(real)}:${fingerprint}`,
    connector,
    owner,
    // What a file holds has happened: it neither moves the watermark nor obeys it.
    origin: 'backfill',
    config: JSON.stringify({ path: real, ...config, ...(isFolder ? { exclude_folders } : {}) }),
    created_at_ms: now_ms,
  };
}

interface Found {
  connector: string;
  mapping?: Mapping;
}

const folderAt = async (path: string): Promise<Found> => ({ connector: (await isMaildir(path)) ? 'maildir' : 'eml' });

async function fileAt(path: string, real: string, mapping: Mapping | null): Promise<Found> {
  const head = await headOf(real, csv_head_bytes).catch(error => {
    throw new MillraceError('import', `${path}: ${messageOf(error)}`);
  });
  const found = sniff(head);
  if (typeof found === 'string' && !mapping) return { connector: found };
  const isText = typeof found === 'string' || found.unknown.cause === 'unknown';
  const csv = isText ? await csvHead(head, mapping !== null || csv_extension.test(path), mapping?.delimiter) : null;
  if (csv) return { connector: 'csv', mapping: mappingOf(path, csv.header, mapping) };
  const reason = typeof found === 'string' ? `it is no CSV file but ${found}` : found.unknown.message;
  throw new MillraceError('import', `${path}: ${reason}`, {
    remedy: 'an import reads mbox, .eml, NDJSON and CSV files, plain or gzip, maildirs, and folders of .eml files',
  });
}

function mappingOf(path: string, header: readonly string[], named: Mapping | null): Mapping {
  const mapping = named ?? recognise(header)?.mapping;
  if (!mapping) {
    throw new MillraceError('import', `${path}: the columns are of no export that is known: ${header.join(', ')}`, {
      remedy: `say with --mapping FILE what they are; to begin with:\n${startingMapping(header)}`,
    });
  }
  const missing = missingColumns(mapping, header);
  if (missing !== null) throw new MillraceError('import', `${path}: ${missing}`);
  return mapping;
}
