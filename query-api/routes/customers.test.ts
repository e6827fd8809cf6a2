import { expect, it } from 'vitest';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import type { HttpRequest } from '../../lib/http.ts';
import type { Caller } from '../auth/access.ts';
import { leadRoutes } from './customers.ts';

it('tells an outcome that was taken back in between as one of its own', async () => {
  const told: { readonly change_id?: string }[] = [];
  const [route] = leadRoutes({
    change: async change => {
      told.push(change);
      return { record_id: 'r' };
    },
  });
  const rows = async () => [{ organization_id: 'org' }];
  const caller = { tables: async () => ({ rows }) as unknown as ClickHouse } as unknown as Caller;
  for (const outcome of ['won', 'lost', 'won']) {
    const body = async () => Buffer.from(JSON.stringify({ outcome, occurred_at: '2025-03-14T00:00:00Z' }));
    const request = { method: 'POST', query: new URLSearchParams(), parameters: { id: 'Ann@acme.test' }, body };
    expect((await route?.handler(request as unknown as HttpRequest, caller))?.status).toBe(202);
  }
  expect(told).toMatchObject([{ outcome: 'won' }, { outcome: 'lost' }, { outcome: 'won', email: 'ann@acme.test' }]);
  // Changes of one id are one: the pipeline would drop the third as a duplicate of the first.
  expect(new Set(told.map(({ change_id }) => change_id)).size).toBe(3);
});
