import { basename } from 'node:path';
import { z } from 'zod';
import { defineConnector } from '../../lib/connector.ts';
import { inOrder } from '../in-order.ts';
import type { Item } from '../parse/bounded.ts';
import { default_mail_bytes_max, readMbox } from '../parse/mbox.ts';
import { hand, readMail } from '../read-mail.ts';
import { resumeFile } from '../resume.ts';

/** Enough that the threads that parse always find work. */
const parsed_at_once_max = 512;
const parsed_at_once_bytes_max = 16 * 1024 * 1024;

/** The mails of an mbox file, plain or gzip. Its position is the offset after the last mail, in the unpacked bytes. */
export const mbox = defineConnector({
  name: 'mbox',
  config: z.strictObject({
    path: z.string(),
    mail_bytes_max: z.int().positive().default(default_mail_bytes_max),
  }),
  async run(context) {
    const { config, source, store, signal } = context;
    const file = await resumeFile(config.path, context.position, context.again);
    const items = readMbox(file.bytes, {
      start: file.start,
      mail_bytes_max: config.mail_bytes_max,
      oversize: () => store.writer(),
    });
    const limits = {
      count: parsed_at_once_max,
      weight: parsed_at_once_bytes_max,
      weightOf: (item: Item) => item.end - item.start,
    };
    const read = inOrder(items, limits, async (item: Item) => ({
      end: item.end,
      mail: await readMail(item, source.owner, store, Date.now(), { folder: basename(config.path), file_name: '' }),
    }));
    for await (const { mail, end } of read) {
      if (signal.aborted) return null;
      await hand(context, mail, { offset: end });
    }
    return file.end();
  },
});
