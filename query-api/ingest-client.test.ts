import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createIngestClient } from './ingest-client.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const accepted = { record_id: 'r', organization_id: 'o', source: 's', sequence: 1, original_sha256: 'x' };

describe('a mail that ingest took', () => {
  it.each([
    ['with its length', true],
    ['in chunks', false],
  ])('is known by what it answered, %s', async (_, whole) => {
    const server = createServer((request, response) => {
      const answer = JSON.stringify({ answers: [accepted] });
      request.resume().on('end', () => {
        if (!whole) response.write(answer.slice(0, 10));
        response.end(whole ? answer : answer.slice(10));
      });
    });
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    closing.push(() => server.close().closeAllConnections());
    const client = createIngestClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'token');
    expect(await client.submit(Buffer.from('{}'))).toEqual(accepted);
  });
});
