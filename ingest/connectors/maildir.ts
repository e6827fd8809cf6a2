import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { defineConnector } from '../../lib/connector.ts';
import { excluded_folders, namesTo } from '../folders.ts';
import { inOrder } from '../in-order.ts';
import { type MaildirEntry, maildirEntries, movedTo } from '../maildir.ts';
import { readFileBytes } from '../parse/bytes.ts';
import { readEml } from '../parse/eml.ts';
import { default_mail_bytes_max } from '../parse/mbox.ts';
import { hand, type ReadMail, readMail } from '../read-mail.ts';

const parsed_at_once_max = 64;
/** Somebody may move a mail again while it is looked for. */
const moves_max = 3;

/**
 * The mails of a maildir and its subfolders. Its position is the last mail handed on, in the order of folders and names.
 * Asked for again it reads the folder anew: a mail may have come anywhere, and what was seen before is a duplicate.
 */
export const maildir = defineConnector({
  name: 'maildir',
  config: z.strictObject({
    path: z.string(),
    exclude_folders: excluded_folders,
    mail_bytes_max: z.int().positive().default(default_mail_bytes_max),
  }),
  async run(context) {
    const { config, source, store, signal, log } = context;
    const after = context.again ? null : ((context.position as { mail: string } | null)?.mail ?? null);
    const options = { mail_bytes_max: config.mail_bytes_max, oversize: () => store.writer() };

    async function read(path: string): Promise<ReadMail[]> {
      // Above `cur` or `new`.
      const folder = namesTo(config.path, dirname(dirname(path)));
      const mails: ReadMail[] = [];
      for await (const item of readEml(readFileBytes(path), options)) {
        mails.push(await readMail(item, source.owner, store, Date.now(), { folder, file_name: basename(path) }));
      }
      return mails;
    }

    async function readEntry({ key, path }: MaildirEntry): Promise<{ key: string; mails: ReadMail[] }> {
      let at: string | null = path;
      for (let moves = 0; at !== null && moves <= moves_max; moves++) {
        const mails = await read(at).catch(nullIfGone);
        if (mails !== null) return { key, mails };
        at = await movedTo(config.path, key);
      }
      log.warn({ mail: key }, 'a mail was removed before it was read');
      return { key, mails: [] };
    }

    for await (const { key, mails } of inOrder(
      entriesAfter(config.path, config.exclude_folders, after),
      { count: parsed_at_once_max },
      readEntry,
    )) {
      if (signal.aborted) return null;
      for (const mail of mails) await hand(context, mail, { mail: key });
    }
    return null;
  },
});

function nullIfGone(error: NodeJS.ErrnoException): null {
  if (error.code !== 'ENOENT') throw error;
  return null;
}

async function* entriesAfter(
  path: string,
  excluded: readonly string[],
  after: string | null,
): AsyncGenerator<MaildirEntry> {
  for (const entry of await maildirEntries(path, excluded)) if (after === null || entry.key > after) yield entry;
}
