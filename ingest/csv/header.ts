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
const newline = 0x0a;
const sampled_rows_max = 100;
/** How much of a file tells its delimiter, its columns and the order of its dates; a CRM's export can have hundreds of columns. */
export const csv_head_bytes = 256 * 1024;

/** Null where it does not look like CSV. `assumed`: somebody says that it is, so one row or one column will do. */
export async function csvHead(head: Buffer, assumed: boolean, named?: string): Promise<CsvHead | null> {
  const candidates = named === undefined ? delimiters : [named];
  const read = await Promise.all(
    candidates.map(async delimiter => ({ delimiter, rows: await rowsIn(head, delimiter) })),
  );
  const [best] = read.sort((a, b) => fitOf(b.rows) - fitOf(a.rows) || widthOf(b.rows) - widthOf(a.rows));
  const [header, ...rows] = best?.rows ?? [];
  if (!best || !header) return null;
  const isTable = header.length >= 2 && rows.length > 0 && rows[0]?.length === header.length;
  if (!assumed && !isTable) return null;
  return { delimiter: best.delimiter, header: namesOf(header), rows };
}

const widthOf = ([header]: readonly string[][]): number => header?.length ?? 0;

/** How many of the rows are as wide as the header. A delimiter that is in none of the rows fits all of them, and is none. */
function fitOf(rows: readonly string[][]): number {
  const width = widthOf(rows);
  return width < 2 ? 0 : rows.filter(row => row.length === width).length / rows.length;
}

/** Each column has a name of its own: one that is there twice, or has none, would hide the other's cells. */
function namesOf(header: readonly string[]): string[] {
  const names = new Set<string>();
  // Counted on, so that a header of nothing but one name takes no time that grows with its square.
  const times = new Map<string, number>();
  for (const [i, cell] of header.entries()) {
    const name = cell.trim() || `column ${i + 1}`;
    let unique = name;
    let n = times.get(name) ?? 1;
    while (names.has(unique)) unique = `${name} (${++n})`;
    times.set(name, n);
    names.add(unique);
  }
  return [...names];
}

/** The last one is left out where the beginning may end within it. */
async function rowsIn(head: Buffer, delimiter: string): Promise<string[][]> {
  const rows: string[][] = [];
  const lines = readLines(one(head), { endIn: recordEnds(delimiter), oversize: noSink });
  for await (const line of lines) {
    if (line.oversize || rows.length > sampled_rows_max) break;
    const mayBeCut = line.end === head.length && head.at(-1) !== newline;
    if (mayBeCut && (rows.length > 0 || head.length >= csv_head_bytes)) break;
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
