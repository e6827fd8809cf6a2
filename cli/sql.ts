/** `millrace sql`: the answer as it comes, straight to standard output. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MillraceError } from '../lib/errors.ts';
import type { Client } from './client.ts';

export async function sql(client: Client, query: string, format: string): Promise<void> {
  const response = await client.request(`/sql?${new URLSearchParams({ default_format: format })}`, {
    method: 'POST',
    body: query,
  });
  if (!response.ok || !response.body) throw new MillraceError('sql', (await response.text()).trim());
  await pipeline(Readable.fromWeb(response.body as never), process.stdout, { end: false });
}
