import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../lib/http.ts';
import type { SourceAccount } from '../queries/reconciliation.ts';
import { idempotencyKeyOf, waitOf } from './emails.ts';
import { loadPage } from './page.ts';
import { reconciliationOf } from './reconciliation.ts';

describe('Prefer', () => {
  it.each([
    ['', 15_000],
    ['respond-async', 0],
    ['return=minimal, Respond-Async; a=b', 0],
    ['wait=2', 2_000],
    ['wait=999999', 15_000],
    ['wait=-1', 15_000],
    ['no-respond-async', 15_000],
  ])('%s means waiting %i ms', (prefer, wait_ms) => {
    expect(waitOf(prefer, 15_000)).toBe(wait_ms);
  });
});

describe('Idempotency-Key', () => {
  it('is a string, with its quotes or without', () => {
    expect(['"a b"', 'a b', '"', undefined].map(idempotencyKeyOf)).toEqual(['a b', 'a b', '"', null]);
    for (const header of ['', '""', 'é', 'a\tb', 'x'.repeat(256)]) {
      expect(() => idempotencyKeyOf(header), header).toThrow(/printable/);
    }
  });
});

describe('reconciliation', () => {
  const account: SourceAccount = {
    organization_id: 'default',
    source: 'a',
    connector: 'mbox',
    done: true,
    error: null,
    read_at: '',
    read: 10,
    stored: 8,
    duplicate: 1,
    dead_letter: 1,
    filtered: 0,
    erased: 0,
    expired: 0,
    in_flight: 0,
    repeated: 0,
    unread: 0,
    late: 0,
  };
  it.each([
    ['all ended', {}, true],
    ['some under way in a live source', { done: false, in_flight: 2 }, true],
    ['some under way in one read to its end', { in_flight: 2 }, false],
    ['one ended twice', { repeated: 1 }, false],
    ['one ended that was never read', { unread: 1 }, false],
    ['more ended than were read', { done: false, in_flight: -1 }, false],
  ])('with %s', (_, change, balanced) => {
    expect(reconciliationOf([account, { ...account, ...change }]).balanced).toBe(balanced);
  });

  it('adds the sources up and keeps to the contract', () => {
    const { total, sources } = reconciliationOf([account, account]);
    expect(total).toEqual({
      read: 20,
      stored: 16,
      duplicate: 2,
      dead_letter: 2,
      filtered: 0,
      erased: 0,
      expired: 0,
      in_flight: 0,
    });
    expect(sources[0]).not.toHaveProperty('unread');
    expect(reconciliationOf([]).balanced).toBe(true);
  });
});

describe('the page', () => {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-page-'));
  mkdirSync(join(dir, 'assets'));
  writeFileSync(join(dir, 'index.html'), '<!doctype html>');
  writeFileSync(join(dir, 'assets', 'main-Ab3_d-9x.js'), 'export {}');
  writeFileSync(`${dir}-outside`, 'secret');
  afterAll(() => {
    rmSync(dir, { recursive: true });
    rmSync(`${dir}-outside`);
  });
  const page = loadPage(dir);
  const ask = (path: string, headers: Record<string, string> = {}) => {
    const request = { path, headers: new Map(Object.entries(headers)) } as unknown as HttpRequest;
    return (path === '/' ? page.index(request) : page.routes.at(-1)?.handler(request, null)) as Promise<{
      status: number;
      headers: Record<string, string>;
    }>;
  };

  it('is served with a policy that runs nothing inline', async () => {
    const { status, headers } = await ask('/');
    expect(status).toBe(200);
    expect(headers['content-type']).toContain('text/html');
    expect(headers['content-security-policy']).toContain("script-src 'self'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['cache-control']).toBe('no-cache');
  });

  it('lets browsers keep what never changes, and ask about what may', async () => {
    expect((await ask('/assets/main-Ab3_d-9x.js')).headers['cache-control']).toContain('immutable');
    const { headers } = await ask('/');
    expect((await ask('/', { 'if-none-match': headers.etag ?? '' })).status).toBe(304);
  });

  it.each(['/../outside', '/%2e%2e/etc/passwd', '/assets/../index.html', '//etc/passwd', '/assets', '/nothing.js'])(
    'has nothing at %s',
    async path => {
      await expect(ask(path)).rejects.toMatchObject({ status: 404 });
    },
  );

  it('says how to build it where it is not built', async () => {
    const missing = loadPage(join(dir, 'missing'));
    const request = { path: '/', headers: new Map() } as unknown as HttpRequest;
    await expect(missing.index(request)).rejects.toThrow(/npm run build/);
  });
});
