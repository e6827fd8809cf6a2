import { z } from 'zod';
import { defineConnector } from '../../lib/connector.ts';
import type { Owner } from '../../schemas/generated.ts';
import { mappingSchema } from '../csv/mapping.ts';
import { parseRow, rowReader } from '../csv/reader.ts';
import { recordEnds } from '../csv/record-end.ts';
import type { RowReader } from '../csv/row.ts';
import type { Item } from '../parse/bounded.ts';
import { headOf } from '../parse/bytes.ts';
import type { ParsedLine } from '../parse/line.ts';
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
    const reader = await rowReader(await headOf(config.path, sniff_bytes), config.mapping, source.created_at_ms);
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
  // A row is never a raw mail.
  return recordOf(parseRow(held.bytes, reader, owner, Date.now()) as Exclude<ParsedLine, { kind: 'mail' }>, held.bytes);
}
