import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HttpRequest, Reply } from '../../lib/http.ts';
import { encodeCursor } from './cursor.ts';
import { type Hub, openHub } from './hub.ts';
import { createQueries, no_queries } from './query/queries.ts';
import { createStreams, type Streams } from './stream.ts';
import { log, TestTopic, tokens, topic } from './test-topic.ts';

let records: TestTopic;
let hub: Hub;
let streams: Streams;
const tick = (ms = 250): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  records = new TestTopic();
  for (let i = 0; i < 5; i++) records.produce(i % 2 === 0 ? 'email' : 'crm');
  hub = openHub({
    openReader: (topics, from) => records.reader(topics, from),
    log,
    limits: { entries_max: 10, bytes_max: 100_000 },
    readers_max: 2,
  });
  streams = createStreams({ hub, queries: no_queries, verifier: tokens, log });
});
afterEach(async () => {
  streams.close();
  const closed = hub.close();
  await tick(2_000);
  await closed;
  vi.useRealTimers();
  expect(records.open).toBe(0);
});

interface Event {
  id?: string;
  event?: string;
  data: unknown;
}

/** Reads as fast as it is asked to. */
class Client {
  readonly gone = new AbortController();
  reply: Reply | null = null;
  events: Event[] = [];
  ended = false;
  #iterator: AsyncIterator<Uint8Array> | null = null;
  #next: Promise<IteratorResult<Uint8Array>> | null = null;

  async connect(query: string, headers: Record<string, string> = {}): Promise<void> {
    const token = await tokens.sign('ada', 'viewer');
    const asked = streams.route.handler(
      {
        method: 'GET',
        query: new URLSearchParams(query),
        headers: new Map(Object.entries({ authorization: `Bearer ${token}`, ...headers })),
        signal: this.gone.signal,
      } as unknown as HttpRequest,
      null,
    );
    asked.catch(() => undefined);
    await tick();
    this.reply = await asked;
    this.#iterator = (this.reply.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  }

  async read(): Promise<void> {
    this.#next ??= this.#iterator?.next() ?? null;
    const next = await Promise.race([this.#next, tick().then(() => null)]);
    if (!next) return;
    this.#next = null;
    if (next.done) this.ended = true;
    else for (const text of Buffer.from(next.value).toString().split('\n\n')) this.#take(text);
  }

  #take(text: string): void {
    const lines = new Map(text.split('\n').map(line => line.split(/: (.*)/s, 2) as [string, string]));
    const data = lines.get('data');
    if (data === undefined) return;
    const { id, event } = Object.fromEntries(lines);
    this.events.push({ ...(id === undefined ? {} : { id }), ...(event ? { event } : {}), data: JSON.parse(data) });
  }

  records(): string[] {
    return this.events.filter(({ event }) => event === 'record').map(({ data }) => (data as { id: string }).id);
  }
}

async function connected(query: string, headers?: Record<string, string>): Promise<Client> {
  const client = new Client();
  await client.connect(query, headers);
  await client.read();
  return client;
}

describe('a stream', () => {
  it('tells what is kept and what comes, each with the cursor after it', async () => {
    const client = await connected('feed=duplicates&from=earliest');
    await client.read();
    expect(client.events[0]?.event).toBe('subscribed');
    expect(client.records()).toEqual(['r0', 'r1', 'r2', 'r3', 'r4']);
    const [, first] = client.events;
    expect(first?.id).toBe(encodeCursor(topic, { 0: 1 }));
    records.produce('email');
    await tick();
    await client.read();
    expect(client.records().at(-1)).toBe('r5');
  });

  it('goes on after the last event that the client names, whatever the address says', async () => {
    const client = await connected('feed=duplicates&from=earliest', {
      'last-event-id': encodeCursor(topic, { 0: 3 }),
    });
    await client.read();
    expect(client.records()).toEqual(['r3', 'r4']);
  });

  it('is filtered by every other parameter', async () => {
    const client = await connected('feed=duplicates&from=earliest&kind=crm&kind=nothing');
    await client.read();
    expect(client.records()).toEqual(['r1', 'r3']);
  });

  it('says that it lives, and where it stands', async () => {
    const client = await connected('feed=duplicates');
    streams.heartbeat(Date.now());
    await client.read();
    expect(client.events.at(-1)).toMatchObject({ event: 'heartbeat', id: encodeCursor(topic, { 0: 5 }) });
  });

  it('tells a client that reads too slowly what it has missed', async () => {
    const client = await connected('feed=duplicates');
    // Far more than waits for a socket, and than the ring holds.
    for (let i = 0; i < 40; i++) records.produce('x'.repeat(20_000));
    await tick(2_000);
    for (let i = 0; i < 10; i++) await client.read();
    const gap = client.events.find(({ event }) => event === 'gap')?.data as { skipped: number };
    expect(client.records().length + gap.skipped).toBe(40);
    expect(client.records().at(-1)).toBe('r44');
  });

  it('ends with the token, and with the server', async () => {
    const client = await connected('feed=duplicates');
    streams.heartbeat(Date.now() + 31 * 60_000);
    await client.read();
    expect(client.events.at(-1)).toMatchObject({ event: 'closed', data: { code: 4401 } });
    await client.read();
    expect(client.ended).toBe(true);
    const other = await connected('feed=duplicates');
    streams.close();
    await other.read();
    expect(other.events.at(-1)).toMatchObject({ event: 'closed', data: { code: 1001 } });
  });

  it('of a client that went away is forgotten, though its reply was never begun', async () => {
    const client = new Client();
    await client.connect('feed=duplicates&from=earliest');
    client.gone.abort();
    await tick();
    streams.heartbeat(Date.now());
    await client.read();
    expect(client.ended).toBe(true);
    expect(client.events).toEqual([]);
  });
});

it('follows a query', async () => {
  const queries = createQueries({
    ...{ log, version: async () => '1' },
    runQuery: async sql => ({ columns: [{ name: 'a', type: 'String' }], rows: [[sql]] }),
  });
  streams = createStreams({ hub, queries, verifier: tokens, log });
  const client = await connected('feed=queries&sql=SELECT+1&key=a');
  expect(client.events).toEqual([
    { event: 'snapshot', data: { columns: [{ name: 'a', type: 'String' }], rows: [['SELECT 1']] } },
  ]);
  await expect(new Client().connect('feed=queries')).rejects.toMatchObject({ status: 400 });
  await expect(new Client().connect('feed=queries&sql=1&kind=crm')).rejects.toMatchObject({ status: 400 });
  queries.close();
});

describe('a stream is refused', () => {
  it.each([
    ['without a feed', '', 400],
    ['of an unknown feed', 'feed=secrets', 400],
    ['filtered by what is no field', 'feed=duplicates&sql=1', 400],
    ['filtered by the prototype', 'feed=duplicates&__proto__=1', 400],
    ['from what is no cursor', 'feed=duplicates&from=nowhere', 400],
  ])('%s', async (_, query, status) => {
    await expect(new Client().connect(query)).rejects.toMatchObject({ status });
  });

  it('to nobody', async () => {
    await expect(new Client().connect('feed=duplicates', { authorization: '' })).rejects.toMatchObject({ status: 401 });
  });
});
