/** A CSV file by its beginning: the delimiter and the names of the columns. */
import { readLines } from '../parse/lines.ts';
import { recordEnds } from './record-end.ts';
import { cellsOf, RowFault } from './row.ts';

export interface CsvHead {
  readonly delimiter: string;
  readonly header: readonly string[];
  /** The first rows after it, as far as the beginning reaches. */
  readonly rows: readonly (readonly string[])[];
}

const delimiters = [',', ';', '\t', '|'];
const sampled_rows_max = 100;

/** Null where it does not look like CSV. `assumed`: somebody says that it is, so one row or one column will do. */
export async function csvHead(head: Buffer, assumed: boolean, named?: string): Promise<CsvHead | null> {
  const candidates = named === undefined ? delimiters : [named];
  const read = await Promise.all(
    candidates.map(async delimiter => ({ delimiter, rows: await rowsIn(head, delimiter) })),
  );
  const [best] = read.sort((a, b) => (b.rows[0]?.length ?? 0) - (a.rows[0]?.length ?? 0));
  const [header, ...rows] = best?.rows ?? [];
  if (!best || !header) return null;
  const isTable = header.length >= 2 && rows.length > 0 && rows[0]?.length === header.length;
  if (!assumed && !isTable) return null;
  return { delimiter: best.delimiter, header: header.map(name => name.trim()), rows };
}

/** The last one is left out where the beginning may end within it. */
async function rowsIn(head: Buffer, delimiter: string): Promise<string[][]> {
  const rows: string[][] = [];
  const lines = readLines(one(head), { endIn: recordEnds(delimiter), oversize: noSink });
  for await (const line of lines) {
    if (line.oversize || rows.length > sampled_rows_max) break;
    if (rows.length > 0 && line.end === head.length && head.at(-1) !== 0x0a) break;
    try {
      rows.push(cellsOf(line.bytes, delimiter));
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      break;
    }
  }
  return rows;
}

async function* one(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** The beginning is shorter than the longest line. */
function noSink(): never {
  throw new Error('a line longer than the beginning of a file');
}
