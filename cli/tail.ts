/** `millrace tail FEED`: a live feed as NDJSON on standard output. */
import { WebSocket } from 'ws';
import { MillraceError, messageOf } from '../lib/errors.ts';
import type { Client } from './client.ts';
import { printJson, say } from './terminal.ts';

export interface TailOptions {
  readonly feed: string;
  readonly filter?: Readonly<Record<string, readonly unknown[]>>;
  /** `latest`, `earliest` or a cursor. */
  readonly from?: string;
  readonly count_max: number;
  readonly signal: AbortSignal;
}

interface Message {
  readonly type: string;
  readonly record?: unknown;
  readonly detail?: string;
  readonly message?: string;
  readonly skipped?: number | null;
}

/** Prints each record of the feed until the signal aborts or `count_max` were printed. */
export async function tail(client: Client, options: TailOptions): Promise<void> {
  const { feed, filter, from, count_max, signal } = options;
  const url = new URL('/live', client.url);
  url.protocol = url.protocol.replace('http', 'ws');
  url.searchParams.set('token', await client.token());
  const socket = new WebSocket(url, 'millrace.v1');
  signal.addEventListener('abort', () => socket.close());
  let printed = 0;
  await new Promise<void>((done, fail) => {
    socket.once('error', error =>
      signal.aborted ? done() : fail(new MillraceError('unreachable', `the feed: ${messageOf(error)}`)),
    );
    socket.once('close', (code, reason) => {
      if (signal.aborted || code < 4000) done();
      else fail(new MillraceError(`close.${code}`, String(reason)));
    });
    socket.once('open', () => socket.send(JSON.stringify({ op: 'subscribe', id: '1', feed, filter, from })));
    socket.on('message', data => {
      const message = JSON.parse(String(data)) as Message;
      if (message.type === 'error') fail(new MillraceError('feed', message.detail ?? message.message ?? String(data)));
      if (message.type === 'gap')
        say(`left out ${message.skipped ?? 'an unknown number of'} records: too many to follow`);
      if (message.type !== 'record' || printed >= count_max) return;
      printJson(message.record);
      if (++printed >= count_max) socket.close();
    });
  });
  if (signal.aborted) throw new MillraceError('interrupted', 'interrupted');
}
