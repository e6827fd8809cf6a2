import { z } from 'zod';
import { defineConnector } from '../../lib/connector.ts';
import { inOrder } from '../in-order.ts';
import type { Item } from '../parse/bounded.ts';
import { default_line_bytes_max, readLines } from '../parse/lines.ts';
import { handLine, readLine } from '../read-line.ts';
import { resumeFile } from '../resume.ts';

const parsed_at_once_max = 16;

/** CRM changes, events and mails, one JSON object a line. Its position is the offset after the last line. */
export const ndjson = defineConnector({
  name: 'ndjson',
  config: z.strictObject({
    path: z.string(),
    line_bytes_max: z.int().positive().default(default_line_bytes_max),
  }),
  async run(context) {
    const { config, source, store, signal } = context;
    const file = await resumeFile(config.path, context.position, context.again);
    const lines = readLines(file.bytes, {
      start: file.start,
      line_bytes_max: config.line_bytes_max,
      oversize: () => store.writer(),
    });
    const read = inOrder(lines, { count: parsed_at_once_max }, async (item: Item) => ({
      end: item.end,
      line: await readLine(item, source.owner, store, Date.now()),
    }));
    for await (const { line, end } of read) {
      if (signal.aborted) return null;
      await handLine(context, line, { offset: end });
    }
    return file.end();
  },
});
