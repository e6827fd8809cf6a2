/**
 * /live/sse: one feed as server-sent events, for whoever has no WebSocket. An event's id is the cursor after it, so that a
 * client that connects again with `Last-Event-ID`, as a browser does by itself, goes on where it was.
 *
 *   event: record     data: the row
 *   event: subscribed, heartbeat, gap, fault     data: as on /live; `fault` is its `error`, which browsers take for their own
 *   event: closed     data: {code, reason}, as /live closes a socket
 */
import { z } from 'zod';
import { type HttpRequest, Problem, type Reply } from '../../lib/http.ts';
import { parseJson } from '../../lib/json.ts';
import type { Logger } from '../../lib/log.ts';
import { type ApiRoute, bearerOf, identify, requireAccess } from '../auth/access.ts';
import type { Identity, Verifier } from '../auth/identity.ts';
import { parseGiven } from '../parameters.ts';
import { feedNames } from './feeds.ts';
import type { FilterValue } from './filter.ts';
import type { Hub } from './hub.ts';
import type { Outlet } from './outlet.ts';
import { close, filter, from, queryFields, type RecordForm, type ServerMessage, type Subscribe } from './protocol.ts';
import type { Queries } from './query/queries.ts';
import { openSubscription, type Subscription, SubscriptionFault } from './subscription.ts';

export interface StreamParts {
  readonly hub: Hub;
  readonly queries: Queries;
  readonly verifier: Verifier;
  readonly log: Logger;
}

/** The streams that are open. */
export interface Streams {
  readonly route: ApiRoute;
  heartbeat(now_ms: number): void;
  /** Ends every stream; clients connect again later. */
  close(): void;
}

interface Stream {
  heartbeat(now_ms: number): void;
  end(code: number, reason: string): void;
}

/** Each holds one of the requests that the server takes at once. */
const streams_max = 200;
/** What may wait for the socket before the subscription holds back. */
const waiting_bytes_max = 262_144;
const reconnect_ms = 1_000;

const token = z.string().optional();
const asked = z.strictObject({ feed: z.enum(feedNames), from: from.optional(), token, filter });
const askedQuery = z.strictObject({ feed: z.literal('queries'), token, ...queryFields });

export function createStreams(parts: StreamParts): Streams {
  const open = new Set<Stream>();

  async function handler(request: HttpRequest): Promise<Reply> {
    const token = bearerOf(request) ?? request.query.get('token');
    const subscribe = subscribeOf(request);
    const identity = await identify(token, parts.verifier);
    requireAccess(identity, 'read');
    if (open.size >= streams_max) throw new Problem(429, `at most ${streams_max} streams`);
    const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
    if (request.method === 'HEAD') return { status: 200, headers };
    return { status: 200, headers, body: await openStream(subscribe, { ...parts, identity, request, open }) };
  }

  return {
    route: { method: 'GET', path: '/live/sse', access: 'open', handler },
    heartbeat(now_ms) {
      for (const stream of open) stream.heartbeat(now_ms);
    },
    close() {
      for (const stream of open) stream.end(close.going_away, 'the server stops');
    },
  };
}

interface Asked extends StreamParts {
  readonly identity: Identity;
  readonly request: Pick<HttpRequest, 'signal'>;
  /** The stream is in it until it is closed. */
  readonly open: Set<Stream>;
}

/** Answers the reply's body. Throws Problem where the subscription is refused. */
async function openStream(
  subscribe: Subscribe,
  { hub, queries, log, identity, request, open }: Asked,
): Promise<AsyncGenerator<Uint8Array, void, undefined>> {
  let queue: Buffer[] = [Buffer.from(`retry: ${reconnect_ms}\n\n`)];
  let waiting_bytes = 0;
  let state: 'open' | 'ending' | 'closed' = 'open';
  let wake = (): void => undefined;
  let rooms: (() => void)[] = [];

  function put(event: Buffer): void {
    queue.push(event);
    waiting_bytes += event.length;
    wake();
  }

  const outlet: Outlet = {
    get open() {
      return state === 'open';
    },
    hasRoom: () => state === 'open' && waiting_bytes < waiting_bytes_max,
    room: () => new Promise(resolve => (outlet.open && !outlet.hasRoom() ? rooms.push(resolve) : resolve())),
    send: message => put(eventOf(message)),
    form: streamForm,
    record: put,
    batch: work => work(),
  };

  let subscription: Subscription | null = null;

  function closeStream(): void {
    if (state === 'closed') return;
    state = 'closed';
    subscription?.close();
    release();
    wake();
    open.delete(stream);
  }

  function release(): void {
    for (const resolve of rooms) resolve();
    rooms = [];
  }

  function end(code: number, reason: string): void {
    if (state !== 'open') return;
    put(Buffer.from(`event: closed\ndata: ${JSON.stringify({ code, reason })}\n\n`));
    state = 'ending';
    release();
  }

  async function* body(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      while (state !== 'closed') {
        if (queue.length > 0) {
          const chunk = Buffer.concat(queue);
          queue = [];
          waiting_bytes = 0;
          yield chunk;
          // The socket has taken it.
          release();
          if (state === 'open') subscription?.pump();
        } else if (state === 'ending') return;
        else {
          await new Promise<void>(resolve => {
            wake = resolve;
          });
        }
      }
    } finally {
      closeStream();
    }
  }

  const stream: Stream = {
    heartbeat(now_ms) {
      if (now_ms >= identity.expires_ms) end(close.bad_token, 'the token has expired');
      else if (!identity.isCurrent()) end(close.bad_token, 'what you may see has changed: sign in again');
      else subscription?.heartbeat(new Date(now_ms).toISOString());
    },
    end,
  };
  open.add(stream);
  // The reply of a client that is gone is never begun, and would not be ended.
  request.signal.addEventListener('abort', closeStream, { once: true });
  const onEnd = (): void => end(close.going_away, 'the subscription ended');
  try {
    subscription =
      subscribe.feed === 'queries'
        ? queries.open(subscribe, { outlet, identity })
        : await openSubscription(subscribe, { outlet, hub, log, sight: identity.sight, onEnd });
  } catch (error) {
    closeStream();
    throw problemOf(error);
  }
  if (!outlet.open) subscription.close();
  return body();
}

const streamForm: RecordForm = {
  kind: 'stream',
  encode: (_, cursor, row_json) => Buffer.from(`id: ${cursor}\nevent: record\ndata: ${row_json}\n\n`),
};

function eventOf({ type, ...message }: ServerMessage): Buffer {
  const id = 'cursor' in message && message.cursor !== undefined ? `id: ${message.cursor}\n` : '';
  const data = JSON.stringify({ ...message, id: undefined });
  return Buffer.from(`${id}event: ${type === 'error' ? 'fault' : type}\ndata: ${data}\n\n`);
}

function problemOf(error: unknown): unknown {
  if (!(error instanceof SubscriptionFault)) return error;
  return new Problem(error.code === 'unavailable' ? 503 : 400, error.message, { members: { code: error.code } });
}

// ── What is asked for ────────────────────────────────────────────────────────────────────────────────────────────────

const own_parameters = ['feed', 'from', 'token'];

/** Every other parameter is a field of the filter; given more than once, one of its values must match. Throws Problem 400. */
function subscribeOf({ query, headers }: HttpRequest): Subscribe {
  if (query.get('feed') === 'queries') return queryOf(query);
  const fields = new Map<string, FilterValue[]>();
  for (const [name, text] of query) {
    if (!own_parameters.includes(name)) fields.set(name, [...(fields.get(name) ?? []), ...valuesOf(text)]);
  }
  const own = own_parameters.flatMap(name => (query.has(name) ? [[name, query.get(name)]] : []));
  const given = parseGiven(asked, { ...Object.fromEntries(own), filter: Object.fromEntries(fields) });
  const { feed, filter } = given;
  const from = headers.get('last-event-id') || given.from;
  return { op: 'subscribe', id: 'sse', feed, filter, ...(from === undefined ? {} : { from }) };
}

/** Every `key` is one of its columns. Throws Problem 400. */
function queryOf(query: URLSearchParams): Subscribe {
  const key = query.has('key') ? { key: query.getAll('key') } : {};
  const { token: _, ...given } = parseGiven(askedQuery, { ...Object.fromEntries(query), ...key });
  return { op: 'subscribe', id: 'sse', ...given };
}

/** Rows have numbers and truth values too, and a parameter is text. */
function valuesOf(text: string): FilterValue[] {
  const json = parseJson(text);
  const isOther = 'value' in json && (json.value === null || ['number', 'boolean'].includes(typeof json.value));
  return isOther ? [text, json.value as FilterValue] : [text];
}
