import { describe, expect, it } from 'vitest';
import type { HttpRequest, Problem } from '../lib/http.ts';
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
        sort: '-received_at',
        from: Date.UTC(2026, 2, 14),
      },
    );
    expect(parseQuery(emailQuery, asked(''))).toEqual({ limit: 50, sort: '-received_at' });
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
