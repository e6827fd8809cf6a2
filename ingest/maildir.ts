/**
 * Maildirs (https://cr.yp.to/proto/maildir.html) and their subfolders (Maildir++: folders beside `cur` whose names begin
 * with a dot). A mail's name is a unique part, and after a colon its flags, which change as the mail is read: what is
 * known of a mail is its folder and the unique part. `tmp` holds what is still being delivered.
 */
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isExcluded } from './folders.ts';

export interface MaildirEntry {
  /** Folder and unique part, as the order of reading goes. */
  readonly key: string;
  readonly path: string;
}

/** In this order: a mail goes from `new` to `cur`, and one that does so meanwhile is seen twice rather than not at all. */
const delivered = ['new', 'cur'] as const;

export async function isMaildir(path: string): Promise<boolean> {
  const found = await Promise.all(delivered.map(name => stat(join(path, name)).catch(() => null)));
  return found.every(one => one?.isDirectory());
}

/** Every mail of the maildir and its subfolders but the excluded ones, in the order of its keys. */
export async function maildirEntries(root: string, excluded: readonly string[] = []): Promise<MaildirEntry[]> {
  const paths = new Map<string, string>();
  const folders = await subfolders(root);
  for (const folder of ['', ...folders.filter(name => !isExcluded(name.slice(1).split('.'), excluded))]) {
    for (const name of await namesIn(join(root, folder))) {
      paths.set(`${folder}/${uniqueOf(name)}`, join(root, folder, name));
    }
  }
  const entries = [...paths].map(([key, path]) => ({ key, path }));
  return entries.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/** Where a mail is now that was listed: somebody may have read it since. Null where it is gone. */
export async function movedTo(root: string, key: string): Promise<string | null> {
  const at = key.lastIndexOf('/');
  const folder = join(root, key.slice(0, at));
  const name = (await namesIn(folder)).findLast(one => uniqueOf(one) === key.slice(at + 1));
  return name === undefined ? null : join(folder, name);
}

async function subfolders(root: string): Promise<string[]> {
  const names = await readdir(root, { withFileTypes: true });
  const dotted = names.filter(entry => entry.isDirectory() && entry.name.startsWith('.')).map(entry => entry.name);
  const maildirs = await Promise.all(dotted.map(async name => ((await isMaildir(join(root, name))) ? [name] : [])));
  return maildirs.flat();
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const name of delivered) {
    const files = await readdir(join(folder, name), { withFileTypes: true }).catch(noneIfGone);
    const mails = files.filter(file => file.isFile() && !file.name.startsWith('.'));
    names.push(...mails.map(file => join(name, file.name)));
  }
  return names;
}

function noneIfGone(error: NodeJS.ErrnoException): Dirent[] {
  if (error.code !== 'ENOENT') throw error;
  return [];
}

/** Some file systems allow no colon in a name, and `!` or `;` stands for it. */
function uniqueOf(name: string): string {
  return name.slice(name.indexOf('/') + 1).replace(/[:!;][12],.*$/, '');
}
