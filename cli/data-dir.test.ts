import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDataDir } from './data-dir.ts';

const fresh = (): string => mkdtempSync(join(tmpdir(), 'millrace-data-'));

it('keeps its secrets, for the owner alone', () => {
  const dir = openDataDir(fresh());
  const secrets = dir.secrets();
  expect(openDataDir(dir.path).secrets()).toEqual(secrets);
  expect(new Set(Object.values(secrets)).size).toBe(3);
  expect(statSync(join(dir.path, 'secrets.json')).mode & 0o777).toBe(0o600);
});

it('is held by one instance at a time, and free again afterwards', async () => {
  const dir = openDataDir(fresh());
  const lock = await dir.lock();
  expect(await dir.inUse()).toBe(true);
  await expect(openDataDir(dir.path).lock()).rejects.toMatchObject({ code: 'data-dir.in-use' });
  lock.release();
  const again = await dir.lock();
  again.release();
});
