/** From the rows of a CSV file to what a line may be. */
import { MillraceError } from '../../lib/errors.ts';
import type { Owner } from '../../schemas/generated.ts';
import { type ParsedLine, parseObject } from '../parse/line.ts';
import { csvHead } from './header.ts';
import { columnsOf, type Mapping, missingColumns, type Place } from './mapping.ts';
import { lineOf, RowFault, type RowReader } from './row.ts';
import { datesIn } from './values.ts';

/** `default_ms` is the time of a row that tells none. Throws MillraceError `import` where the mapping asks for other columns. */
export async function rowReader(head: Buffer, mapping: Mapping, default_ms: number): Promise<RowReader> {
  const found = await csvHead(head, true, mapping.delimiter);
  if (found === null) throw new MillraceError('import', 'the file has no header');
  const { header, delimiter, rows } = found;
  const missing = missingColumns(mapping, header);
  if (missing !== null) throw new MillraceError('import', missing);
  const timed = Object.entries(mapping.columns).filter(([field]) => ['time', 'changed_at', 'date'].includes(field));
  const cells = timed.flatMap(([, place]) => columnsOf(place as Place)).map(name => header.indexOf(name));
  const texts = rows.flatMap(row => cells.map(at => row[at] ?? ''));
  const times = { dates: mapping.dates ?? datesIn(texts), timezone: mapping.timezone };
  return { header, mapping, delimiter, times, default_ms };
}

export function parseRow(bytes: Buffer, reader: RowReader, owner: Owner, now_ms: number): ParsedLine {
  try {
    return parseObject(lineOf(bytes, reader), owner, now_ms);
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    return { reject: { cause: 'csv', message: error.message } };
  }
}
