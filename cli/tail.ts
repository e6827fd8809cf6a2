/** `millrace tail FEED`: a live feed as NDJSON on standard output. */
import { WebSocket } from 'ws';
import { MillraceError, messageOf } from '../lib/errors.ts';
import type { Client } from './client.ts';
import { print } from './terminal.ts';

/** Prints each record of the feed until the signal aborts or `count_max` were printed. */
export async function tail(client: Client, feed: string, count_max: number, signal: AbortSignal): Promise<void> {
  const url = new URL('/live', client.url);
  url.protocol = url.protocol.replace('http', 'ws');
  url.searchParams.set('token', await client.token());
  const socket = new WebSocket(url, 'millrace.v1');
  signal.addEventListener('abort', () => socket.close());
  let printed = 0;
  await new Promise<void>((done, fail) => {
    socket.once('error', error => fail(new MillraceError('unreachable', `the feed: ${messageOf(error)}`)));
    socket.once('close', (code, reason) =>
      code < 4000 ? done() : fail(new MillraceError(`close.${code}`, String(reason))),
    );
    socket.once('open', () => socket.send(JSON.stringify({ op: 'subscribe', id: '1', feed })));
    socket.on('message', data => {
      const message = JSON.parse(String(data)) as { type: string; record?: unknown; detail?: string; message?: string };
      if (message.type === 'error') fail(new MillraceError('feed', message.detail ?? message.message ?? String(data)));
      if (message.type !== 'record' || printed >= count_max) return;
      print(JSON.stringify(message.record));
      if (++printed >= count_max) socket.close();
    });
  });
}
