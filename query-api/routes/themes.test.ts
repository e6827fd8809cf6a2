import { expect, it } from 'vitest';
import type { HttpRequest } from '../../lib/http.ts';
import type { Caller } from '../auth/access.ts';
import { themeRoutes } from './themes.ts';

const [route] = themeRoutes({ find: async () => [] });
const ask = (query: string) =>
  route?.handler(
    {
      query: new URLSearchParams(query),
      headers: new Map(),
      signal: new AbortController().signal,
    } as unknown as HttpRequest,
    { tables: async () => ({ rows: async () => [] }) } as unknown as Caller,
  );

it('themes are of a time that ends after it begins, beside as much time before', async () => {
  const reply = await ask('from=2026-03-01&to=2026-04-01');
  expect(JSON.parse(String(reply?.body))).toMatchObject({ before_from: '2026-01-29T00:00:00.000Z', themes: [] });
  await expect(ask('from=2026-04-01&to=2026-03-01')).rejects.toMatchObject({ status: 400 });
  await expect(ask('from=2026-04-01&to=2026-04-01')).rejects.toMatchObject({ status: 400 });
});
