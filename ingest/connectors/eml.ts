import { readdir, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { z } from 'zod';
import { defineConnector } from '../../lib/connector.ts';
import { excluded_folders, isExcluded, namesTo } from '../folders.ts';
import { inOrder } from '../in-order.ts';
import { readFileBytes } from '../parse/bytes.ts';
import { readEml } from '../parse/eml.ts';
import { default_mail_bytes_max } from '../parse/mbox.ts';
import { hand, type ReadMail, readMail } from '../read-mail.ts';

const parsed_at_once_max = 16;

/**
 * One `.eml` file, or every one below a folder. Its position is the last file handed on, in the order of names. Asked
 * for again it reads the folder anew: a file may have come anywhere, and what was seen before is a duplicate.
 */
export const eml = defineConnector({
  name: 'eml',
  config: z.strictObject({
    path: z.string(),
    exclude_folders: excluded_folders,
    mail_bytes_max: z.int().positive().default(default_mail_bytes_max),
  }),
  async run(context) {
    const { config, source, store, signal } = context;
    const after = context.again ? null : ((context.position as { file: string } | null)?.file ?? null);

    async function readFile(path: string): Promise<{ path: string; mails: ReadMail[] }> {
      const options = { mail_bytes_max: config.mail_bytes_max, oversize: () => store.writer() };
      const mails: ReadMail[] = [];
      const folder = namesTo(path === config.path ? dirname(path) : config.path, dirname(path));
      for await (const item of readEml(readFileBytes(path), options)) {
        mails.push(await readMail(item, source.owner, store, Date.now(), { folder, file_name: '' }));
      }
      return { path, mails };
    }

    for await (const { path, mails } of inOrder(
      filesOf(config.path, config.exclude_folders, after),
      { count: parsed_at_once_max },
      readFile,
    )) {
      if (signal.aborted) return null;
      for (const mail of mails) await hand(context, mail, { file: path });
    }
    return null;
  },
});

async function* filesOf(path: string, excluded: readonly string[], after: string | null): AsyncGenerator<string> {
  if ((await stat(path)).isFile()) {
    if (path !== after) yield path;
    return;
  }
  const names = await readdir(path, { recursive: true, withFileTypes: true });
  const files = names.filter(entry => entry.isFile() && /\.eml(\.gz)?$/i.test(entry.name));
  const kept = files.filter(entry => !isExcluded(relative(path, entry.parentPath).split(sep), excluded));
  const paths = kept.map(entry => join(entry.parentPath, entry.name)).sort();
  for (const one of paths) if (after === null || one > after) yield one;
}
