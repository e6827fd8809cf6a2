import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore as open, type Store, type StoreOptions, small_bytes_max } from './store.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('store', () => {
  let dir = '';
  const opened: Store[] = [];
  const openStore = (path: string, options?: StoreOptions): Store => {
    const store = open(path, options);
    opened.push(store);
    return store;
  };
  const large = Buffer.alloc(small_bytes_max + 1, 'large');

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'store-'));
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(store => store.close()));
    rmSync(dir, { recursive: true, force: true });
  });

  it.each([
    ['small', Buffer.from([0, 255, 10, 13])],
    ['large', large],
  ])('names a %s blob by its hash and gives it back, also to another process', async (_, bytes) => {
    const ref = await openStore(dir).put(bytes);
    const store = openStore(dir);
    expect(ref).toEqual({ sha256: sha256(bytes), size_bytes: bytes.length });
    expect(await store.get(ref.sha256)).toEqual(bytes);
    expect(await buffer(store.open(ref.sha256))).toEqual(bytes);
    expect(await store.has(ref.sha256)).toBe(true);
    expect(await store.has(sha256(Buffer.from('other')))).toBe(false);
  });

  it('keeps files and directories to their owner', async () => {
    const store = openStore(join(dir, 'blobs'));
    const { sha256: name } = await store.put(large);
    const path = join(dir, 'blobs', name.slice(0, 2), name.slice(2, 4), name);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    for (const directory of [join(path, '..'), join(path, '../..'), join(dir, 'blobs')])
      expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  it('stores equal bytes once, even when put at the same time', async () => {
    const store = openStore(dir);
    const refs = await Promise.all(
      Array.from({ length: 20 }, (_, i) => store.put(i % 2 ? large : Buffer.from('same'))),
    );
    expect(new Set(refs.map(ref => ref.sha256)).size).toBe(2);
    expect(readdirSync(join(dir, 'tmp'))).toEqual([]);
  });

  it('rewrites a blob whose bytes never reached the disk', async () => {
    const store = openStore(dir);
    const { sha256: name } = await store.put(large);
    writeFileSync(join(dir, name.slice(0, 2), name.slice(2, 4), name), '');
    await store.put(large);
    expect(await store.get(name)).toEqual(large);
  });

  it('streams a blob in, and leaves nothing behind an abort', async () => {
    const store = openStore(dir);
    const writer = store.writer();
    await writer.write(Buffer.from('one '));
    await writer.write(Buffer.from('two'));
    const ref = await writer.end();
    expect(ref).toEqual({ sha256: sha256(Buffer.from('one two')), size_bytes: 7 });
    expect((await store.get(ref.sha256)).toString()).toBe('one two');

    const dropped = store.writer();
    await dropped.write(Buffer.from('half'));
    await dropped.abort();
    expect(readdirSync(join(dir, 'tmp'))).toEqual([]);
    await expect(dropped.write(Buffer.from('more'))).rejects.toThrow();
  });

  it('stores an empty blob', async () => {
    const store = openStore(dir);
    const ref = await store.writer().end();
    expect(ref.size_bytes).toBe(0);
    expect(await store.get(ref.sha256)).toHaveLength(0);
    expect(await store.put(Buffer.alloc(0))).toEqual(ref);
  });

  it.each(['../../etc/passwd', '', 'A'.repeat(64), `${'a'.repeat(64)}\n`, 'a'.repeat(63)])(
    'refuses the name %j',
    async name => {
      const store = openStore(dir);
      await expect(store.get(name)).rejects.toThrow(TypeError);
      await expect(store.has(name)).rejects.toThrow(TypeError);
      expect(() => store.open(name)).toThrow(TypeError);
    },
  );

  it('says ENOENT where there is no such blob', async () => {
    await expect(openStore(dir).get('0'.repeat(64))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('sweeps what a dead process left, and spares what is being written', () => {
    openStore(dir);
    writeFileSync(join(dir, 'tmp', 'dead'), '');
    writeFileSync(join(dir, 'tmp', 'alive'), '');
    utimesSync(join(dir, 'tmp', 'dead'), 0, 0);
    openStore(dir);
    expect(readdirSync(join(dir, 'tmp'))).toEqual(['alive']);
  });
});
