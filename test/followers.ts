/** Clients of the live feed that go on at the next address when one breaks off, from where they were. */
import { WebSocket } from 'ws';
import { messageOf } from '../lib/errors.ts';
import { withResolvers } from '../lib/lifecycle.ts';

export interface Follower {
  /** Ids of the mails told, in their order, through all connections. */
  readonly told: readonly string[];
  /** What was told beside records and heartbeats, with connections that broke off. */
  readonly events: readonly string[];
  /** The first connection is subscribed. */
  readonly subscribed: Promise<void>;
  stop(): void;
}

interface Told {
  readonly type: string;
  readonly cursor?: string | undefined;
  readonly record?: { readonly id: string };
}

/** Calls `tell` for each message; resolves or rejects when the connection ends. */
type Connect = (url: string, from: string | undefined, tell: (told: Told) => void, stop: AbortSignal) => Promise<void>;

function follow(urls: readonly string[], connect: Connect): Follower {
  const told: string[] = [];
  const events: string[] = [];
  const stopping = new AbortController();
  const { promise: subscribed, resolve, reject } = withResolvers<void>();
  let cursor: string | undefined;

  function tell(one: Told): void {
    if (one.type === 'record') told.push(one.record?.id ?? '');
    else if (one.type !== 'heartbeat') events.push(one.type);
    if (one.type === 'subscribed') resolve();
    cursor = one.cursor ?? cursor;
  }

  const running = (async () => {
    for (const url of urls) {
      await connect(url, cursor, tell, stopping.signal).catch(error => {
        reject(error);
        if (!stopping.signal.aborted) events.push(`broke off: ${messageOf(error)}`);
      });
    }
  })();
  running.catch(() => undefined);
  return { told, events, subscribed, stop: () => stopping.abort() };
}

export const followEvents = (urls: readonly string[], token: string): Follower =>
  follow(urls, async (url, from, tell, signal) => {
    const headers = { authorization: `Bearer ${token}`, ...(from === undefined ? {} : { 'last-event-id': from }) };
    const response = await fetch(new URL('/live/sse?feed=emails', url), { headers, signal });
    if (response.status !== 200) throw new Error(`HTTP ${response.status}: ${await response.text()}`);
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const events = `${text}${chunk}`.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) tell(toldBy(event));
    }
  });

function toldBy(event: string): Told {
  const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(event)?.[1];
  const type = field('event') ?? 'heartbeat';
  const record = type === 'record' ? (JSON.parse(field('data') ?? '') as { id: string }) : undefined;
  return { type, cursor: field('id'), ...(record === undefined ? {} : { record }) };
}

export const followSocket = (urls: readonly string[], token: string): Follower =>
  follow(
    urls,
    (url, from, tell, signal) =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(new URL('/live', url.replace('http', 'ws')), ['millrace.v1', `bearer.${token}`]);
        signal.addEventListener('abort', () => socket.close());
        socket.on('open', () => socket.send(JSON.stringify({ op: 'subscribe', id: '1', feed: 'emails', from })));
        socket.on('message', data => tell(JSON.parse(String(data)) as Told));
        socket.on('close', code => (signal.aborted ? resolve() : reject(new Error(`closed with ${code}`))));
        socket.on('error', reject);
      }),
  );
