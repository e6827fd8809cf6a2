import { appendFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { resumeFile } from './resume.ts';

const file = (): string => join(mkdtempSync(join(tmpdir(), 'millrace-resume-')), 'file');

async function read(path: string, position: Parameters<typeof resumeFile>[1], again: boolean) {
  const resumed = await resumeFile(path, position, again);
  const chunks: Buffer[] = [];
  for await (const chunk of resumed.bytes) chunks.push(chunk);
  return { text: Buffer.concat(chunks).toString(), start: resumed.start, end: resumed.end() };
}

it('reads on after a crash, and where the file has grown', async () => {
  const path = file();
  writeFileSync(path, 'one two ');
  expect(await read(path, { offset: 4 }, false)).toMatchObject({ text: 'two ', start: 4 });
  const { end } = await read(path, null, false);
  expect(await read(path, end, true)).toMatchObject({ text: '', start: 8 });
  appendFileSync(path, 'three');
  expect(await read(path, end, true)).toMatchObject({ text: 'three', start: 8 });
});

it('reads anew what changed before the position, or was cut short', async () => {
  const path = file();
  writeFileSync(path, 'one two ');
  const { end } = await read(path, null, false);
  writeFileSync(path, 'ONE two three');
  expect(await read(path, end, true)).toMatchObject({ text: 'ONE two three', start: 0 });
  writeFileSync(path, 'one');
  expect(await read(path, end, true)).toMatchObject({ text: 'one', start: 0 });
});

it('counts in the unpacked bytes', async () => {
  const path = file();
  writeFileSync(path, gzipSync('one two '));
  const { end } = await read(path, null, false);
  writeFileSync(path, gzipSync('one two three'));
  expect(await read(path, end, true)).toMatchObject({ text: 'three', start: 8 });
});
