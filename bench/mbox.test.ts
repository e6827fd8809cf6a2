import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mails, writeMbox } from './mbox.ts';

it('writes the same mailbox for the same seed, and says what is in it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  try {
    const options = { seed: 7, bytes: 2_000_000 };
    const first = await writeMbox(join(folder, 'a.mbox'), options);
    const second = await writeMbox(join(folder, 'b.mbox'), options);
    const other = await writeMbox(join(folder, 'c.mbox'), { ...options, seed: 8 });
    expect(second).toEqual(first);
    expect(other.sha256).not.toBe(first.sha256);
    const texts = [...mails(options)];
    const ids = texts.map(text => /^Message-ID: (.*)$/m.exec(text)?.[1]);
    expect(first).toMatchObject({ mails: texts.length, bytes: texts.join('').length });
    expect(ids.length - new Set(ids).size).toBe(first.duplicates);
    expect(first.duplicates).toBeGreaterThan(0);
    expect(first.bytes / first.mails).toBeGreaterThan(2_000);
    expect(first.bytes / first.mails).toBeLessThan(6_000);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
