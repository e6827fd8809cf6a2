import { describe, expect, it } from 'vitest';
import type { HttpRequest, Problem } from '../lib/http.ts';
import { pageOf, pageReply, readCursor, timeKey } from './page.ts';
import { parseQuery } from './parameters.ts';
import { emailQuery } from './routes/emails.ts';
import { metricsQuery } from './routes/metrics.ts';

const asked = (query: string) => ({ query: new URLSearchParams(query) }) as unknown as HttpRequest;
const faultsOf = (query: string): unknown => {
  try {
    parseQuery(emailQuery, asked(query));
  } catch (error) {
    return (error as Problem).members.faults;
  }
  throw new Error('accepted');
};

describe('query parameters', () => {
  it('become typed values', () => {
    expect(parseQuery(emailQuery, asked('sender=Ada@Example.COM&q=late+%20payment&limit=500&from=2026-03-14'))).toEqual(
      {
        sender: 'ada@example.com',
        q: ['late', 'payment'],
        limit: 500,
        from: Date.UTC(2026, 2, 14),
      },
    );
    expect(parseQuery(emailQuery, asked(''))).toEqual({ limit: 50 });
    expect(parseQuery(metricsQuery, asked('to=2026-03-14T09:00:00%2B02:00'))).toEqual({ to: Date.UTC(2026, 2, 14, 7) });
  });

  it('are refused all at once, each by name', () => {
    expect(faultsOf('limit=501&sentiment=angry&colour=red&mailbox=a&mailbox=b&from=yesterday')).toEqual([
      { field: 'mailbox', message: 'is given more than once' },
      expect.objectContaining({ field: 'sentiment' }),
      { field: 'from', message: 'must be an ISO 8601 date, or date and time with a zone' },
      expect.objectContaining({ field: 'limit' }),
      { field: 'colour', message: 'is not known here' },
    ]);
  });

  it.each(['limit=0', 'limit=-1', 'limit=1e3', 'limit=', 'q=', 'q=%20', 'q=a b c d e f g h i', 'category='])(
    'are refused where they make no sense: %s',
    query => {
      expect(faultsOf(query)).toHaveLength(1);
    },
  );

  it.each(['from=0102-01-01', 'to=9999-12-31', 'from=2026-02-30', 'from=2026-03-14T09:00:00'])(
    'are refused where no such instant can be stored: %s',
    query => {
      expect(faultsOf(query)).toHaveLength(1);
    },
  );

  it('cannot reach the prototype', () => {
    expect(faultsOf('__proto__=1')).toEqual([{ field: '__proto__', message: 'is not known here' }]);
  });
});

describe('pages', () => {
  const key = timeKey(1);
  const rows = [3, 2, 1].map(at => ({ at, id: `m${at}` }));

  it('go on where the last one ended', () => {
    const { items, next } = pageOf(rows, 2, row => [row.at, row.id]);
    expect(items).toEqual(rows.slice(0, 2));
    expect(readCursor(key, next ?? undefined)).toEqual([2, 'm2']);
    expect(pageOf(rows, 3, row => [row.at, row.id]).next).toBeNull();
    expect(pageOf([], 3, () => [0]).next).toBeNull();
  });

  it('link to the next one, with what was asked for, and the last one to none', () => {
    const asked = { path: '/api/emails', query: new URLSearchParams('q=a b&cursor=old') };
    const reply = pageReply(asked, { items: [], next: 'MTIz' });
    expect(reply.headers?.link).toBe('</api/emails?q=a+b&cursor=MTIz>; rel="next"');
    expect(pageReply(asked, { items: [], next: null }).headers).not.toHaveProperty('link');
  });

  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  it.each([
    ['no base64url', 'a b'],
    ['no JSON', Buffer.from('{').toString('base64url')],
    ['another shape', encoded({ at: 1 })],
    ['too few ids', encoded([1])],
    ['too many ids', encoded([1, 'a', 'b'])],
    ['a fraction', encoded([1.5, 'a'])],
    ['an unsafe number', encoded([1e300, 'a'])],
    ['a number for an id', encoded([1, 2])],
    ['endless length', 'a'.repeat(10_000)],
    ['no bytes of UTF-8', Buffer.from([0xff, 0xfe]).toString('base64url')],
  ])('refuse a cursor of %s', (_, cursor) => {
    expect(() => readCursor(key, cursor)).toThrow(/cursor/);
  });
});
