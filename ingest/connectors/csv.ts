import { z } from 'zod';
import { defineConnector } from '../../lib/connector.ts';
import { MillraceError } from '../../lib/errors.ts';
import type { Owner } from '../../schemas/generated.ts';
import { csvHead } from '../csv/header.ts';
import { columnsOf, mappingSchema, missingColumns, type Place } from '../csv/mapping.ts';
import { recordEnds } from '../csv/record-end.ts';
import { lineOf, RowFault, type RowReader } from '../csv/row.ts';
import { datesIn } from '../csv/values.ts';
import type { Item } from '../parse/bounded.ts';
import { headOf } from '../parse/bytes.ts';
import { type ParsedLine, parseObject } from '../parse/line.ts';
import { default_line_bytes_max, readLines } from '../parse/lines.ts';
import { sniff_bytes } from '../parse/sniff.ts';
import { handLine, heldOf, type ReadLine, recordOf } from '../read-line.ts';
import { resumeFile } from '../resume.ts';

/**
 * Rows of a CSV file as CRM changes or events, as its mapping says. Its position is the offset after the last row. A row
 * that cannot be read is a dead letter with its bytes and its reason.
 */
export const csv = defineConnector({
  name: 'csv',
  config: z.strictObject({
    path: z.string(),
    mapping: mappingSchema,
    line_bytes_max: z.int().positive().default(default_line_bytes_max),
  }),
  async run(context) {
    const { config, source, store, signal } = context;
    const reader = await readerOf(config.path, config.mapping, source.created_at_ms);
    const file = await resumeFile(config.path, context.position, context.again);
    const rows = readLines(file.bytes, {
      start: file.start,
      line_bytes_max: config.line_bytes_max,
      endIn: recordEnds(reader.delimiter),
      oversize: () => store.writer(),
    });
    let isHeader = file.start === 0;
    for await (const row of rows) {
      if (signal.aborted) return null;
      if (!isHeader) await handLine(context, readRow(row, reader, source.owner), { offset: row.end });
      isHeader = false;
    }
    return file.end();
  },
});

function readRow(item: Item, reader: RowReader, owner: Owner): ReadLine {
  const held = heldOf(item, 'row');
  if ('rejection' in held) return held;
  try {
    const parsed = parseObject(lineOf(held.bytes, reader), owner, Date.now());
    return recordOf(parsed as Exclude<ParsedLine, { kind: 'mail' }>, held.bytes);
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    return { rejection: { cause: 'csv', message: error.message }, original: held.bytes };
  }
}

async function readerOf(path: string, mapping: z.infer<typeof mappingSchema>, default_ms: number): Promise<RowReader> {
  const head = await csvHead(await headOf(path, sniff_bytes), true, mapping.delimiter);
  if (head === null) throw new MillraceError('import', 'the file has no header');
  const missing = missingColumns(mapping, head.header);
  if (missing !== null) throw new MillraceError('import', missing);
  const timed = Object.entries(mapping.columns).filter(([field]) => field === 'time' || field === 'changed_at');
  const cells = timed.flatMap(([, place]) => columnsOf(place as Place)).map(name => head.header.indexOf(name));
  const texts = head.rows.flatMap(row => cells.map(at => row[at] ?? ''));
  const times = { dates: mapping.dates ?? datesIn(texts), timezone: mapping.timezone };
  return { header: head.header, mapping, delimiter: head.delimiter, times, default_ms };
}
