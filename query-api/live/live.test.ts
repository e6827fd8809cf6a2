import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Socket } from '../../lib/http-socket.ts';
import { decodeCursor, encodeCursor, type Offsets } from './cursor.ts';
import { type Hub, openHub } from './hub.ts';
import { createLive } from './index.ts';
import { no_queries } from './query/queries.ts';
import { openSession, type Session, session_limits } from './session.ts';
import { log, TestTopic, tokens, topic } from './test-topic.ts';

class FakeSocket implements Socket {
  open = true;
  closed: [number, string] | null = null;
  waiting = 0;
  sent: Record<string, unknown>[] = [];
  /** Of `sent`, as they came. */
  bytes: Buffer[] = [];
  session: Session | null = null;
  send(message: Buffer): boolean {
    this.bytes.push(message);
    this.sent.push(JSON.parse(String(message)));
    this.waiting += this.blocked ? message.length : 0;
    return true;
  }
  /** Takes nothing. */
  blocked = false;
  buffered_bytes(): number {
    return this.waiting;
  }
  batch(work: () => void): void {
    work();
  }
  close = (code: number, reason: string): void => {
    if (!this.open) return;
    this.open = false;
    this.closed = [code, reason];
    this.session?.closed();
  };
  drain(): void {
    this.blocked = false;
    this.waiting = 0;
    this.session?.drained();
  }
  records(id = '1'): unknown[] {
    return this.sent
      .filter(message => message.type === 'record' && message.id === id)
      .map(message => (message.record as { id: string }).id);
  }
  last(type: string): Record<string, unknown> | undefined {
    return this.sent.filter(message => message.type === type).at(-1);
  }
}

/** Three messages of the test's records. */
const limits = { ...session_limits, waiting_bytes_max: 500 };
let fake: TestTopic;
let hub: Hub;
const tick = (ms = 250): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  fake = new TestTopic();
  for (let i = 0; i < 5; i++) fake.produce('email');
  hub = openHub({
    openReader: (topics, from) => fake.reader(topics, from),
    log,
    limits: { entries_max: 10, bytes_max: 100_000 },
    readers_max: 2,
  });
});
afterEach(async () => {
  const closed = hub.close();
  await tick(2_000);
  await closed;
  vi.useRealTimers();
  expect(fake.open).toBe(0);
});

async function connect(query = '', protocols: string[] = []): Promise<FakeSocket> {
  const socket = new FakeSocket();
  const handshake = { query: new URLSearchParams(query), protocols, remote_address: '' };
  const session = openSession(socket, handshake, { verifier: tokens, hub, queries: no_queries, log, limits });
  socket.session = session;
  await tick();
  return socket;
}
const signedIn = async (): Promise<FakeSocket> => connect(`token=${await tokens.sign('ada', 'viewer')}`);
async function say(socket: FakeSocket, ...messages: object[]): Promise<void> {
  for (const message of messages) socket.session?.message(JSON.stringify(message));
  await tick();
}
const subscribe = (more: object = {}) => ({ op: 'subscribe', id: '1', feed: 'duplicates', ...more });
const from = (offset: number) => ({ from: encodeCursor(topic, { 0: offset }) });
const placeOf = (message: Record<string, unknown> | undefined): Offsets | null =>
  decodeCursor(topic, String(message?.cursor));

describe('signing in', () => {
  it.each([
    ['no token', '', []],
    ['a bad token', 'token=nonsense', []],
    ['a bad token as subprotocol', '', ['millrace.v1', 'bearer.nonsense']],
  ])('with %s closes with 4401', async (_, query, protocols) => {
    expect((await connect(query, protocols)).closed?.[0]).toBe(4401);
  });

  it('takes the token as a subprotocol, and obeys what was said before it was checked', async () => {
    const token = await tokens.sign('ada', 'viewer');
    const socket = new FakeSocket();
    const handshake = {
      query: new URLSearchParams(),
      protocols: ['millrace.v1', `bearer.${token}`],
      remote_address: '',
    };
    socket.session = openSession(socket, handshake, { verifier: tokens, hub, queries: no_queries, log, limits });
    await say(socket, subscribe());
    expect(socket.last('subscribed')).toMatchObject({ id: '1' });
  });

  it('ends with the token', async () => {
    const socket = await signedIn();
    await say(socket, subscribe());
    socket.session?.heartbeat(Date.now() + 29 * 60_000);
    expect(socket.last('heartbeat')).toMatchObject({ id: '1' });
    socket.session?.heartbeat(Date.now() + 31 * 60_000);
    expect(socket.closed).toEqual([4401, 'the token has expired']);
  });
});

describe('a client that does not keep to the protocol', () => {
  it.each([
    ['no JSON', '{'],
    ['no object', '1'],
    ['an unknown op', '{"op":"drop","id":"1"}'],
    ['an unknown feed', '{"op":"subscribe","id":"1","feed":"secrets"}'],
    ['an unknown member', '{"op":"subscribe","id":"1","feed":"emails","sql":"1"}'],
    ['a filter by the prototype', '{"op":"subscribe","id":"1","feed":"emails","filter":{"__proto__":1}}'],
    ['a filter of objects', '{"op":"subscribe","id":"1","feed":"emails","filter":{"sender":{"a":1}}}'],
    ['no id', '{"op":"subscribe","feed":"emails"}'],
    ['bytes', null],
  ])('is closed with 4400: %s', async (_, text) => {
    const socket = await signedIn();
    socket.session?.message(text);
    expect(socket.closed?.[0]).toBe(4400);
    expect(socket.closed?.[1].length).toBeLessThanOrEqual(123);
  });

  it('is closed with 4429 for hurrying, and 4408 for subscribing to nothing', async () => {
    const hurried = await signedIn();
    for (let i = 0; i < 101; i++) hurried.session?.message('{"op":"unsubscribe","id":"9"}');
    expect(hurried.closed?.[0]).toBe(4429);
    const idle = await signedIn();
    idle.session?.heartbeat(Date.now() + 30_000);
    expect(idle.sent.at(-1)).toMatchObject({ type: 'heartbeat' });
    idle.session?.heartbeat(Date.now() + 61_000);
    expect(idle.closed?.[0]).toBe(4408);
  });

  it('is told what it asked wrongly', async () => {
    const socket = await signedIn();
    await say(socket, subscribe({ filter: { subject: 'x' } }));
    expect(socket.last('error')).toMatchObject({ id: '1', code: 'unknown_field' });
    await say(socket, subscribe({ from: 'nonsense' }));
    expect(socket.last('error')).toMatchObject({ code: 'bad_cursor' });
    await say(socket, subscribe(), subscribe());
    expect(socket.last('error')).toMatchObject({ code: 'duplicate_id' });
    await say(socket, { op: 'unsubscribe', id: '2' });
    expect(socket.last('error')).toMatchObject({ id: '2', code: 'unknown_id' });
    expect(socket.closed).toBeNull();
  });
});

describe('a subscription', () => {
  it('begins now, and tells each record with the cursor after it', async () => {
    const socket = await signedIn();
    await say(socket, subscribe());
    expect(placeOf(socket.last('subscribed'))).toEqual({ 0: 5 });
    fake.produce('email');
    fake.produce('crm');
    await tick();
    expect(socket.records()).toEqual(['r5', 'r6']);
    expect(placeOf(socket.last('record'))).toEqual({ 0: 7 });
    await say(socket, { op: 'unsubscribe', id: '1' });
    fake.produce('email');
    await tick();
    expect(socket.records()).toHaveLength(2);
  });

  it('carries its cursor past what the filter leaves out, and past offsets without a record', async () => {
    const socket = await signedIn();
    await say(socket, subscribe({ filter: { kind: ['crm', 'event'] } }));
    fake.produce('email');
    fake.produce('crm');
    fake.produce('email');
    fake.mark();
    await tick();
    expect(socket.records()).toEqual(['r6']);
    socket.session?.heartbeat(Date.now());
    expect(placeOf(socket.last('heartbeat'))).toEqual({ 0: 9 });
  });

  it('resumes from the ring where that holds its cursor', async () => {
    const first = await signedIn();
    await say(first, subscribe());
    for (let i = 0; i < 4; i++) fake.produce('email');
    await tick();
    const again = await signedIn();
    const readers = fake.open;
    await say(again, subscribe(from(7)));
    expect(fake.open).toBe(readers);
    expect(again.records()).toEqual(['r7', 'r8']);
    fake.produce('email');
    await tick();
    expect(again.records()).toEqual(['r7', 'r8', 'r9']);
  });

  it.each([
    ['an old cursor', from(2), ['r2', 'r3', 'r4']],
    ['the earliest record', { from: 'earliest' }, ['r0', 'r1', 'r2', 'r3', 'r4']],
  ])('resumes from %s by a reader of its own, and goes on by the ring', async (_, start, expected) => {
    const socket = await signedIn();
    await say(socket, subscribe(start));
    expect(socket.records()).toEqual(expected);
    expect(fake.open).toBe(1);
    fake.produce('email');
    await tick();
    expect(socket.records()).toEqual([...expected, 'r5']);
    expect(placeOf(socket.last('record'))).toEqual({ 0: 6 });
  });

  it('tells of what is no longer kept', async () => {
    fake.expire(3);
    const socket = await signedIn();
    await say(socket, subscribe(from(1)));
    expect(socket.sent.map(message => message.type)).toEqual(['subscribed', 'gap', 'record', 'record']);
    expect(socket.last('gap')).toMatchObject({ skipped: null, from: encodeCursor(topic, { 0: 1 }) });
    expect(placeOf(socket.last('gap'))).toEqual({ 0: 3 });
  });

  it('refuses a cursor of a topic that was made anew, after waiting for one that is only ahead', async () => {
    const socket = await signedIn();
    await say(socket, subscribe(from(99)));
    await tick(4_000);
    expect(socket.last('error')).toMatchObject({ code: 'bad_cursor' });
    await say(socket, subscribe(from(6)));
    expect(socket.last('subscribed')).toBeUndefined();
    fake.produce('email');
    fake.produce('email');
    await tick(500);
    expect(socket.records()).toEqual(['r6']);
  });

  it('gives its id back when catching up fails', async () => {
    const socket = await signedIn();
    await tick();
    fake.failing = true;
    await say(socket, subscribe(from(0)));
    expect(socket.last('error')).toMatchObject({ code: 'unavailable' });
    fake.failing = false;
    await tick(2_000);
    await say(socket, subscribe(from(0)));
    expect(socket.records()).toHaveLength(5);
  });
});

describe('sockets that are told the same', () => {
  it('are sent the very same bytes, those who came by a cursor too once they have caught up', async () => {
    const sockets = await Promise.all([signedIn(), signedIn(), signedIn()]);
    for (const socket of sockets) await say(socket, subscribe(socket === sockets[2] ? from(3) : {}));
    fake.produce('email');
    await tick();
    const [first, ...others] = sockets.map(socket => socket.bytes.at(-1));
    for (const other of others) expect(other).toBe(first);
  });

  it('are those of one id and one filter, and each is told its own', async () => {
    const sockets = await Promise.all([signedIn(), signedIn(), signedIn()]);
    const asked = [{}, { id: '2' }, { filter: { kind: 'crm' } }];
    for (const [i, socket] of sockets.entries()) await say(socket, subscribe(asked[i]));
    fake.produce('email');
    await tick();
    expect(sockets.map(socket => socket.last('record')?.id)).toEqual(['1', '2', undefined]);
    fake.produce('crm');
    await tick();
    expect(sockets.map(socket => socket.last('record')?.id)).toEqual(['1', '2', '1']);
  });

  it('do not wait for one that lags, which is told the same later', async () => {
    const [slow, quick] = await Promise.all([signedIn(), signedIn()]);
    for (const socket of [slow, quick]) await say(socket, subscribe());
    slow.blocked = true;
    for (let i = 0; i < 6; i++) {
      fake.produce('email');
      await tick();
    }
    expect(quick.records()).toHaveLength(6);
    expect(slow.records()).toHaveLength(3);
    slow.drain();
    expect(slow.bytes).toEqual(quick.bytes);
  });
});

describe('a slow socket', () => {
  it('holds back and misses nothing that the ring still has', async () => {
    const socket = await signedIn();
    await say(socket, subscribe());
    socket.blocked = true;
    for (let i = 0; i < 8; i++) fake.produce('email');
    await tick();
    expect(socket.records()).toHaveLength(3);
    socket.drain();
    expect(socket.records()).toEqual(['r5', 'r6', 'r7', 'r8', 'r9', 'r10', 'r11', 'r12']);
    expect(socket.last('gap')).toBeUndefined();
  });

  it('is told what was left out, and can have it', async () => {
    const socket = await signedIn();
    await say(socket, subscribe());
    socket.blocked = true;
    for (let i = 0; i < 30; i++) {
      fake.produce('email');
      if (i % 10 === 9) await tick();
    }
    expect(socket.records()).toEqual(['r5', 'r6', 'r7']);
    socket.drain();
    const gap = socket.last('gap');
    expect(gap).toMatchObject({ id: '1', skipped: 17 });
    expect(placeOf(gap)).toEqual({ 0: 25 });
    expect(socket.records().slice(3)).toEqual(Array.from({ length: 10 }, (_, i) => `r${25 + i}`));

    await say(socket, subscribe({ id: '2', from: gap?.from }));
    await tick();
    expect(socket.records('2')).toEqual(Array.from({ length: 27 }, (_, i) => `r${8 + i}`));
  });

  it('makes its own reader wait while it catches up', async () => {
    const socket = await signedIn();
    socket.blocked = true;
    await say(socket, subscribe({ from: 'earliest' }));
    expect(socket.records()).toEqual(['r0', 'r1']);
    socket.drain();
    await tick();
    expect(socket.records()).toEqual(['r0', 'r1', 'r2', 'r3', 'r4']);
    expect(socket.last('gap')).toBeUndefined();
  });

  it('that closes while it catches up leaves no reader behind', async () => {
    const socket = await signedIn();
    socket.blocked = true;
    await say(socket, subscribe({ from: 'earliest' }));
    expect(fake.open).toBe(2);
    socket.close(1000, '');
    await tick();
    expect(fake.open).toBe(1);
  });
});

describe('the hub', () => {
  it('goes on where it was when its reader failed', async () => {
    const socket = await signedIn();
    await say(socket, subscribe());
    expect(hub.reading).toBe(true);
    fake.failing = true;
    await tick();
    expect(hub.reading).toBe(false);
    fake.produce('email');
    fake.failing = false;
    await tick(2_000);
    expect(hub.reading).toBe(true);
    expect(socket.records()).toEqual(['r5']);
  });

  it('bounds the readers of those who catch up', async () => {
    const sockets = await Promise.all([signedIn(), signedIn(), signedIn()]);
    for (const socket of sockets) socket.blocked = true;
    for (const socket of sockets) await say(socket, subscribe({ from: 'earliest' }));
    expect(sockets[2]?.last('error')).toMatchObject({ code: 'unavailable' });
    for (const socket of sockets) socket.close(1000, '');
  });
});

it('follows a query, without a cursor', async () => {
  const live = createLive({
    ...{ hub, verifier: tokens, log, metrics: new Registry() },
    queries: { runQuery: async sql => ({ columns: [], rows: [[sql]] }), version: async () => '1' },
  });
  const query = new URLSearchParams({ token: await tokens.sign('ada', 'viewer') });
  const socket = new FakeSocket();
  socket.session = live.socket.connect(socket, { query, protocols: [], remote_address: '' }) as Session;
  await say(socket, { op: 'subscribe', id: '1', feed: 'queries', sql: 'SELECT 1', key: ['1'] });
  expect(socket.sent).toMatchObject([{ type: 'error', code: 'query_failed' }]);
  await say(socket, { op: 'subscribe', id: '2', feed: 'queries', sql: 'SELECT 2' });
  expect(socket.last('snapshot')).toEqual({ type: 'snapshot', id: '2', columns: [], rows: [['SELECT 2']] });
  await tick(10_000);
  expect(socket.last('heartbeat')).toEqual({ type: 'heartbeat', id: '2', at: expect.any(String) });
  await say(socket, { op: 'unsubscribe', id: '2' });
  expect(socket.last('unsubscribed')).toMatchObject({ id: '2' });
  await say(socket, { op: 'subscribe', id: '3', feed: 'queries', sql: 'SELECT 3', from: 'latest' });
  expect(socket.closed?.[0]).toBe(4400);
  live.close();
});

it('where there are thousands of sockets, less waits in each', async () => {
  const live = createLive({ hub, verifier: tokens, log, metrics: new Registry() });
  const query = new URLSearchParams({ token: await tokens.sign('ada', 'viewer') });
  const sockets = Array.from({ length: 2_000 }, () => {
    const socket = new FakeSocket();
    socket.session = live.socket.connect(socket, { query, protocols: [], remote_address: '' }) as Session;
    return socket;
  });
  const [stalled] = sockets as [FakeSocket];
  stalled.waiting = 10_000;
  await say(stalled, subscribe());
  for (let i = 0; i < 8; i++) fake.produce('email');
  await tick();
  expect(stalled.records()).toEqual([]);
  for (const socket of sockets.slice(1)) socket.close(1000, '');
  stalled.drain();
  expect(stalled.records()).toHaveLength(8);
  live.close();
  expect(stalled.closed?.[0]).toBe(1001);
});
