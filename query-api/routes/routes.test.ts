import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../lib/http.ts';
import type { SourceAccount } from '../queries/reconciliation.ts';
import { idempotencyKeyOf, waitOf } from './emails.ts';
import { gridOf, seriesOf, spanOf, stepFor } from './metrics.ts';
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

describe('the range of metrics', () => {
  const day = 86_400_000;
  const now = Date.UTC(2026, 5, 1);

  it('is where the data is, whatever one date says', () => {
    const range = { first_ms: Date.UTC(1902, 0), p5_ms: now - 20 * day, p95_ms: now - day, last_ms: now };
    const { from_ms, to_ms } = spanOf(undefined, undefined, range, now);
    expect(from_ms).toBeGreaterThan(now - 30 * day);
    expect(to_ms).toBe(now + 1);
  });

  it('is the last day where there is no data, and shows a single mail', () => {
    expect(spanOf(undefined, undefined, null, now)).toEqual({ from_ms: now - day, to_ms: now });
    const one = { first_ms: now, p5_ms: now, p95_ms: now, last_ms: now };
    expect(spanOf(undefined, undefined, one, now)).toEqual({ from_ms: now, to_ms: now + 1 });
  });

  it('obeys what was asked, unless it is upside down', () => {
    const range = { first_ms: now - day, p5_ms: now - day, p95_ms: now, last_ms: now };
    expect(spanOf(1, 2, range, now)).toEqual({ from_ms: 1, to_ms: 2 });
    expect(spanOf(now + day, undefined, range, now).from_ms).toBe(now + day);
    expect(() => spanOf(2, 2, range, now)).toThrow(/later than from/);
  });

  it('takes about 120 points', () => {
    for (const span_ms of [1_000, 3_600_000, day, 30 * day, 365 * day, 40_000 * day]) {
      const step_ms = stepFor(span_ms) * 1_000;
      const { points } = gridOf({ from_ms: now - span_ms, to_ms: now }, step_ms);
      expect(points).toBeLessThanOrEqual(122);
    }
  });

  it('has a point for every step, aligned', () => {
    const grid = gridOf({ from_ms: 1_500, to_ms: 4_001 }, 1_000);
    expect(grid).toEqual({ from_ms: 1_000, to_ms: 5_000, points: 4 });
    const bucket = { at_ms: 3_000, emails: 2, sentiment_mean: 0.5, negative: 0, neutral: 1, positive: 1 };
    const series = seriesOf([bucket], grid.from_ms, 1_000, grid.points);
    expect(series.map(point => point.emails)).toEqual([0, 0, 2, 0]);
    expect(series[0]).toEqual({
      at: '1970-01-01T00:00:01.000Z',
      emails: 0,
      sentiment_mean: null,
      negative: 0,
      neutral: 0,
      positive: 0,
    });
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
