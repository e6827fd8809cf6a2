import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isMaildir, maildirEntries, movedTo } from './maildir.ts';

const root = mkdtempSync(join(tmpdir(), 'millrace-maildir-'));
beforeAll(() => {
  for (const name of ['cur', 'new']) mkdirSync(join(root, name));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

it.each(['1.a.host', '1.a.host:2,', '1.a.host:2,FS', '1.a.host!2,S', '1.a.host;2,S', '1.a.host:1,x'])(
  'knows the mail of %s',
  async name => {
    const path = join(root, 'cur', name);
    writeFileSync(path, '');
    expect(await maildirEntries(root)).toEqual([{ key: '/1.a.host', path }]);
    rmSync(path);
  },
);

it('finds a mail where it has gone meanwhile, and that it is gone', async () => {
  writeFileSync(join(root, 'new/2.b.host'), '');
  const [entry] = await maildirEntries(root);
  const moved = join(root, 'cur/2.b.host:2,S');
  renameSync(join(root, 'new/2.b.host'), moved);
  expect(await movedTo(root, entry?.key ?? '')).toBe(moved);
  rmSync(moved);
  expect(await movedTo(root, entry?.key ?? '')).toBeNull();
  expect(await movedTo(root, '.Removed/2.b.host')).toBeNull();
});

it('names a mail once that is in new and cur, by where it goes', async () => {
  writeFileSync(join(root, 'new/3.c.host'), '');
  writeFileSync(join(root, 'cur/3.c.host:2,S'), '');
  expect(await maildirEntries(root)).toEqual([{ key: '/3.c.host', path: join(root, 'cur/3.c.host:2,S') }]);
  expect(await movedTo(root, '/3.c.host')).toBe(join(root, 'cur/3.c.host:2,S'));
});

it('leaves out the folders that are excluded, with those in them', async () => {
  for (const folder of ['.Personal', '.Personal.Taxes', '.Work']) {
    for (const name of ['cur', 'new']) mkdirSync(join(root, folder, name), { recursive: true });
    writeFileSync(join(root, folder, 'cur/4.d.host'), '');
  }
  const keys = async (excluded?: string[]) => (await maildirEntries(root, excluded)).map(({ key }) => key);
  expect(await keys(['personal'])).toEqual(['.Work/4.d.host', '/3.c.host']);
  expect(await keys()).toHaveLength(4);
});

it('is a maildir with cur and new alone', async () => {
  expect(await isMaildir(root)).toBe(true);
  rmSync(join(root, 'cur'), { recursive: true });
  expect(await isMaildir(root)).toBe(false);
});
