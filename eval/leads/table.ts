/** The rows of a labelled CSV file, in its order. */
import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { parse } from 'csv-parse';
import { parse as parseWhole } from 'csv-parse/sync';
import { csv_head_bytes, csvHead } from '../../ingest/csv/header.ts';
import { MillraceError, messageOf } from '../../lib/errors.ts';
import { nearest } from '../../lib/nearest.ts';

export interface Table {
  readonly columns: readonly string[];
  readonly rows: () => AsyncGenerator<TableLine>;
}

export interface TableLine {
  /** Null for a row that has not as many cells as the header. */
  readonly cells: readonly string[] | null;
  /** Bytes of the file that are read, 0 to 1. */
  readonly fraction: number;
}

/** A wide table's columns would fill the screen. */
const named_max = 40;
const record_bytes_max = 1024 * 1024;

/** Throws MillraceError `usage` for a file that cannot be read or has no header. */
export async function openTable(file: string): Promise<Table> {
  const found = await csvHead(headOf(file), true);
  if (found === null) throw new MillraceError('usage', `${file}: the file has no header`);
  const { header, delimiter } = found;
  return { columns: header, rows: () => rowsOf(file, header.length, delimiter) };
}

/** The place of each name. Throws MillraceError `usage`, with the nearest name, for one that is no column. */
export function placesOf(names: readonly string[], { columns }: Table): number[] {
  return names.map(name => {
    const at = columns.indexOf(name);
    if (at >= 0) return at;
    const near = nearest(name, columns);
    const remedy = near === null ? `the columns are ${listed(columns)}` : `did you mean ${JSON.stringify(near)}?`;
    throw new MillraceError('usage', `no column ${JSON.stringify(name)}`, { remedy });
  });
}

function listed(columns: readonly string[]): string {
  const named = columns.slice(0, named_max).join(', ');
  return columns.length > named_max ? `${named} and ${columns.length - named_max} more` : named;
}

function headOf(file: string): Buffer {
  try {
    if (!statSync(file).isFile()) throw new Error('is no file');
    const opened = openSync(file, 'r');
    try {
      const head = Buffer.alloc(csv_head_bytes);
      return head.subarray(0, readSync(opened, head, 0, head.length, 0));
    } finally {
      closeSync(opened);
    }
  } catch (error) {
    throw new MillraceError('usage', `${file}: ${messageOf(error)}`);
  }
}

async function* rowsOf(file: string, width: number, delimiter: string): AsyncGenerator<TableLine> {
  const bytes = statSync(file).size;
  const source = createReadStream(file);
  const parser = source.pipe(
    parse({
      bom: true,
      delimiter,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: record_bytes_max,
    }),
  );
  source.on('error', error => parser.destroy(error));
  let header = true;
  try {
    for await (const row of parser as AsyncIterable<string[]>) {
      if (!header) yield { cells: cellsOf(row, width, delimiter), fraction: source.bytesRead / Math.max(1, bytes) };
      header = false;
    }
  } catch (error) {
    throw new MillraceError('usage', `${file}: ${messageOf(error)}`);
  } finally {
    source.destroy();
  }
}

/** Some programs quote a whole row once more where a cell of it had quotes; it is opened again. */
function cellsOf(row: string[], width: number, delimiter: string): string[] | null {
  if (row.length === width) return row;
  if (row.length !== 1) return null;
  try {
    const [inner] = parseWhole(row[0] ?? '', { delimiter, relax_column_count: true, relax_quotes: true }) as string[][];
    return inner?.length === width ? inner : null;
  } catch {
    // It was no row: a quote in it is never closed.
    return null;
  }
}
