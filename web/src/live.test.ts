import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Feed, Live, LiveStatus, SocketLike } from './live.ts';
import { backoff_first_ms, backoff_max_ms, backoff_too_many_ms, openLive, silence_max_ms } from './live.ts';
import { SessionEnded } from './session.ts';

class FakeSocket implements SocketLike {
  onopen: SocketLike['onopen'] = null;
  onmessage: SocketLike['onmessage'] = null;
  onclose: SocketLike['onclose'] = null;
  readonly sent: Record<string, unknown>[] = [];
  readonly protocols: string[];
  closed: number | null = null;

  constructor(protocols: string[]) {
    this.protocols = protocols;
  }
  send(data: string): void {
    this.sent.push(JSON.parse(data));
  }
  close(code = 1000): void {
    this.closed = code;
  }
  hear(message: unknown): void {
    this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) });
  }
  drop(code = 1006, reason = ''): void {
    this.onclose?.({ code, reason });
  }
}

const sockets: FakeSocket[] = [];
const records: [Feed, unknown][] = [];
const resyncs: Feed[] = [];
const statuses: LiveStatus[] = [];
const unauthorized: string[] = [];
let token = 'abc';
let renewed: (refused: string) => Promise<string>;

function start(feeds: Feed[] = ['emails']): Live {
  return openLive({
    url: 'ws://localhost/live',
    credentials: { present: () => token, renewed: refused => renewed(refused) },
    feeds,
    filter: { organization_id: 'acme' },
    onRecord: (feed, record) => records.push([feed, record]),
    onResync: feed => resyncs.push(feed),
    onStatus: status => statuses.push(status),
    onUnauthorized: reason => unauthorized.push(reason),
    connect(_, protocols) {
      const socket = new FakeSocket(protocols);
      sockets.push(socket);
      return socket;
    },
    random: () => 1,
  });
}

function latest(): FakeSocket {
  const socket = sockets.at(-1);
  if (socket === undefined) throw new Error('no socket was opened');
  return socket;
}

function connected(): FakeSocket {
  latest().onopen?.();
  return latest();
}

beforeEach(() => {
  vi.useFakeTimers();
  token = 'abc';
  renewed = async () => {
    throw new SessionEnded('ended');
  };
  for (const list of [sockets, records, resyncs, statuses, unauthorized]) list.length = 0;
});
afterEach(() => vi.useRealTimers());

describe('openLive', () => {
  it('subscribes each feed, with the token as a subprotocol and never in the address', () => {
    start(['emails', 'customers']);
    const socket = connected();
    expect(socket.protocols).toEqual(['millrace.v1', 'bearer.abc']);
    expect(socket.sent).toEqual([
      { op: 'subscribe', id: 'emails', feed: 'emails', filter: { organization_id: 'acme' } },
      { op: 'subscribe', id: 'customers', feed: 'customers', filter: { organization_id: 'acme' } },
    ]);
  });

  it('hands records over, and asks for a first reading after the first subscription', () => {
    start();
    const socket = connected();
    socket.hear({ id: 'emails', type: 'subscribed', cursor: 'c1' });
    socket.hear({ id: 'emails', type: 'record', cursor: 'c2', record: { email_id: 'e' } });
    expect(resyncs).toEqual(['emails']);
    expect(records).toEqual([['emails', { email_id: 'e' }]]);
    expect(statuses.at(-1)).toMatchObject({ state: 'open' });
  });

  it('resumes at the last cursor without reading again', () => {
    start();
    connected().hear({ id: 'emails', type: 'subscribed', cursor: 'c1' });
    latest().hear({ id: 'emails', type: 'record', cursor: 'c2', record: {} });
    latest().drop();
    vi.advanceTimersByTime(backoff_first_ms);
    const resumed = connected();
    expect(resumed.sent[0]).toMatchObject({ from: 'c2' });
    resumed.hear({ id: 'emails', type: 'subscribed', cursor: 'c2' });
    expect(resyncs).toEqual(['emails']);
  });

  it('moves the cursor on with a heartbeat that carries one', () => {
    start();
    connected().hear({ id: 'emails', type: 'subscribed', cursor: 'c1' });
    latest().hear({ type: 'heartbeat', at: 'now' });
    latest().hear({ id: 'emails', type: 'heartbeat', cursor: 'c9' });
    latest().drop();
    vi.advanceTimersByTime(backoff_first_ms);
    expect(connected().sent[0]).toMatchObject({ from: 'c9' });
  });

  it('waits twice as long after each failure, up to a bound, and begins anew after a success', () => {
    start();
    const waits = [];
    for (let i = 0; i < 8; i += 1) {
      latest().drop();
      waits.push((statuses.at(-1)?.retry_at ?? 0) - Date.now());
      vi.advanceTimersByTime(backoff_max_ms);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, backoff_max_ms, backoff_max_ms]);
    connected().hear({ id: 'emails', type: 'subscribed', cursor: 'c1' });
    latest().drop();
    expect((statuses.at(-1)?.retry_at ?? 0) - Date.now()).toBe(backoff_first_ms);
  });

  it('retries at once when told to, and only once', () => {
    const live = start();
    latest().drop();
    live.retryNow();
    live.retryNow();
    expect(sockets).toHaveLength(2);
    vi.advanceTimersByTime(backoff_first_ms);
    expect(sockets).toHaveLength(2);
  });

  it('reads again after a gap', () => {
    start();
    connected().hear({ id: 'emails', type: 'subscribed', cursor: 'c1' });
    latest().hear({ id: 'emails', type: 'gap', cursor: 'c5' });
    expect(resyncs).toEqual(['emails', 'emails']);
  });

  it('gives up a cursor that the server refuses, and subscribes once more from now', () => {
    start();
    connected().hear({ id: 'emails', type: 'subscribed', cursor: 'old' });
    latest().drop();
    vi.advanceTimersByTime(backoff_first_ms);
    const socket = connected();
    socket.hear({ id: 'emails', type: 'error', detail: 'unknown cursor' });
    expect(socket.sent.map(message => message.from)).toEqual(['old', undefined]);
    socket.hear({ id: 'emails', type: 'subscribed', cursor: 'new' });
    expect(resyncs).toEqual(['emails', 'emails']);
    socket.hear({ id: 'emails', type: 'record', cursor: 'n2', record: {} });
    expect(records).toHaveLength(1);
  });

  it('shows a refusal that has nothing to do with a cursor', () => {
    start();
    const socket = connected();
    socket.hear({ id: 'emails', type: 'error', detail: 'needs role admin' });
    expect(socket.sent).toHaveLength(1);
    expect(statuses.at(-1)?.reason).toBe('emails: needs role admin');
  });

  it('forgets its cursors when its message was called bad', () => {
    start();
    connected().hear({ id: 'emails', type: 'subscribed', cursor: 'c1' });
    latest().drop(4400, 'bad message');
    vi.advanceTimersByTime(backoff_first_ms);
    expect(connected().sent[0]?.from).toBeUndefined();
  });

  it('takes a silent socket for dead', () => {
    start();
    const silent = connected();
    silent.hear({ id: 'emails', type: 'subscribed', cursor: 'c1' });
    vi.advanceTimersByTime(silence_max_ms - 1);
    silent.hear({ type: 'heartbeat' });
    vi.advanceTimersByTime(silence_max_ms - 1);
    expect(silent.closed).toBeNull();
    vi.advanceTimersByTime(1);
    expect(silent.closed).toBe(4408);
    vi.advanceTimersByTime(backoff_first_ms);
    expect(sockets).toHaveLength(2);
    silent.drop();
    vi.advanceTimersByTime(backoff_max_ms);
    expect(sockets).toHaveLength(2);
  });

  it('asks for a new sign-in after 4401 where the token cannot be renewed, and does not come back', async () => {
    const live = start();
    latest().drop(4401, 'expired');
    await vi.advanceTimersByTimeAsync(backoff_max_ms);
    live.retryNow();
    expect(unauthorized).toEqual(['expired']);
    expect(sockets).toHaveLength(1);
  });

  it('goes on with a renewed token after 4401, at its cursor, and renews once', async () => {
    renewed = async refused => {
      token = `${refused}d`;
      return token;
    };
    start();
    connected().hear({ id: 'emails', type: 'subscribed', cursor: 'c1' });
    latest().drop(4401, 'expired');
    await vi.advanceTimersByTimeAsync(0);
    expect(connected().protocols).toEqual(['millrace.v1', 'bearer.abcd']);
    expect(latest().sent[0]).toMatchObject({ from: 'c1' });
    latest().drop(4401, 'the user may not sign in');
    await vi.advanceTimersByTimeAsync(backoff_max_ms);
    expect(sockets).toHaveLength(2);
    expect(unauthorized).toEqual(['the user may not sign in']);
  });

  it('waits where the token cannot be renewed at the moment', async () => {
    renewed = async () => {
      throw new Error('unreachable');
    };
    start();
    latest().drop(4401, 'expired');
    await vi.advanceTimersByTimeAsync(0);
    expect(statuses.at(-1)).toMatchObject({ state: 'waiting' });
    expect(unauthorized).toEqual([]);
    await vi.advanceTimersByTimeAsync(backoff_first_ms);
    expect(sockets).toHaveLength(2);
  });

  it('stays away after 4403, and for longer after 4429', () => {
    start();
    latest().drop(4429);
    expect((statuses.at(-1)?.retry_at ?? 0) - Date.now()).toBe(backoff_too_many_ms);
    vi.advanceTimersByTime(backoff_too_many_ms);
    latest().drop(4403, 'viewer');
    vi.advanceTimersByTime(backoff_max_ms);
    expect(sockets).toHaveLength(2);
    expect(statuses.at(-1)).toMatchObject({ state: 'refused', reason: 'viewer' });
  });

  it('ignores what it does not understand', () => {
    start();
    const socket = connected();
    for (const odd of ['{', '7', 'null', { type: 'new kind' }, { type: 'record', id: 'other', record: {} }])
      socket.hear(odd);
    expect(records).toEqual([]);
  });

  it('is quiet after close', () => {
    const live = start();
    const socket = connected();
    live.close();
    expect(socket.closed).toBe(1000);
    socket.hear({ id: 'emails', type: 'record', cursor: 'c', record: {} });
    vi.advanceTimersByTime(silence_max_ms + backoff_max_ms);
    expect(records).toEqual([]);
    expect(sockets).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
