import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { defineConnector } from '../../lib/connector.ts';
import { csv_head_bytes } from '../csv/header.ts';
import { mappingSchema } from '../csv/mapping.ts';
import { parseRow, rowReader } from '../csv/reader.ts';
import { numbered, recordEnds } from '../csv/record-end.ts';
import { inOrder } from '../in-order.ts';
import type { Item } from '../parse/bounded.ts';
import { headOf } from '../parse/bytes.ts';
import { default_line_bytes_max, readLines } from '../parse/lines.ts';
import { handLine, heldOf, type ReadLine, recordOf } from '../read-line.ts';
import { resumeFile } from '../resume.ts';

const parsed_at_once_max = 16;

/** Where reading goes on: an offset in the unpacked bytes, and the number of the line there, for people. */
interface Position {
  offset: number;
  line: number;
}

interface Row {
  readonly item: Item;
  readonly line: number;
  readonly after: Position;
}

/**
 * Rows of a CSV file as CRM changes, events or mails, as its mapping says. Its position is the offset after the last row.
 * A row that cannot be read is a dead letter with its bytes, its line and its reason.
 */
export const csv = defineConnector({
  name: 'csv',
  config: z.strictObject({
    path: z.string(),
    mapping: mappingSchema,
    line_bytes_max: z.int().positive().default(default_line_bytes_max),
  }),
  async run(context) {
    const { config, source, store, signal, log } = context;
    const reader = await rowReader(await headOf(config.path, csv_head_bytes), config.mapping, source.created_at_ms);
    const file = await resumeFile(config.path, context.position, context.again);
    const position = context.position as Position | null;
    const lines = numbered(recordEnds(reader.delimiter), file.start === 0 ? 1 : (position?.line ?? 1));
    let isToldEncoding = false;

    async function* rows(): AsyncGenerator<Row> {
      let isHeader = file.start === 0;
      const items = readLines(file.bytes, {
        start: file.start,
        line_bytes_max: config.line_bytes_max,
        endIn: lines.endIn,
        oversize: () => store.writer(),
      });
      for await (const item of items) {
        if (!isHeader) yield { item, line: lines.begun(), after: { offset: item.end, line: lines.next() } };
        isHeader = false;
      }
    }

    async function readRow({ item, line, after }: Row): Promise<{ read: ReadLine; after: Position }> {
      const held = heldOf(item, 'row');
      if ('rejection' in held) return { read: onLine(line, held), after };
      if (!isToldEncoding && !isUtf8(held.bytes)) {
        isToldEncoding = true;
        log.warn({ line }, 'not UTF-8: rows that are not are read as Windows-1252');
      }
      const now_ms = Date.now();
      const parsed = parseRow(held.bytes, reader, source.owner, now_ms);
      return { read: onLine(line, await recordOf(parsed, held, source.owner, store, now_ms)), after };
    }

    for await (const { read, after } of inOrder(rows(), { count: parsed_at_once_max }, readRow)) {
      if (signal.aborted) return null;
      await handLine(context, read, { ...after });
    }
    return { ...(file.end() as object), line: lines.next() };
  },
});

function onLine(line: number, read: ReadLine): ReadLine {
  if ('mail' in read && 'rejection' in read.mail) return onLine(line, read.mail);
  if (!('rejection' in read)) return read;
  const { cause, message } = read.rejection;
  return { ...read, rejection: { cause, message: `line ${line}: ${message}` } };
}
