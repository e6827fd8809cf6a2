/** A cached answer is told without waiting for anything: what a client gets must be the same bytes as on the long way. */
import { connect } from 'node:net';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, describe as group, it, vi } from 'vitest';
import { json, type Route, serveHttp } from '../lib/http.ts';
import { createRateLimiter } from '../lib/rate-limit.ts';
import { createAnswerCache } from './answer-cache.ts';
import { guarded } from './auth/access.ts';
import { createTokens } from './auth/tokens.ts';
import { createVerifier, nobody } from './auth/verifier.ts';
import { describe } from './contract.ts';

vi.mock('../lib/kafka-admin.ts', () => ({
  openOffsetReader: async () => ({ committed: async () => new Map([['emails/0', 1]]), close: async () => undefined }),
}));

const burst = 100;
const allowed_origin = 'https://app.example.com';
const tokens = createTokens('a secret of at least thirty-two bytes');
let revoked = false;
const directory = { ...nobody, user: () => (revoked ? ({ state: 'disabled' } as never) : undefined) };

/** A server with the cached route, and how many of its requests took the long way. */
async function serve(ready: boolean) {
  const metrics = new Registry();
  const answers = createAnswerCache({ kafka: {} as never, sink: { group_id: 'sink', topics: ['emails'] }, metrics });
  const described = describe({
    ...{ method: 'GET', path: '/api/things/:id', access: 'read', tag: 'Things', summary: 'Things' },
    ...{ answers: {}, cached: true },
    handle: async ({ request }) => json(200, { id: request.parameters.id, text: 'größer als 1 Byte' }),
  });
  const gate = {
    verifier: createVerifier(tokens, directory),
    databases: { of: async () => Promise.reject(new Error('no table is asked for')) },
    audit: { tell: async () => undefined },
    limiter: createRateLimiter({ requests_per_second: 0.001, burst }),
  };
  const { ready: shortWay, ...route } = guarded(answers.cached(described), gate);
  const long = { requests: 0 };
  const handler: Route['handler'] = request => {
    long.requests++;
    return route.handler(request);
  };
  const server = await serveHttp({
    ...{ host: '127.0.0.1', port: 0, metrics, log: pino({ level: 'silent' }), cors_origins: [allowed_origin] },
    routes: [{ ...route, handler, ...(ready && shortWay ? { ready: shortWay } : {}) }],
  });
  return { ...server, metrics, answers, long };
}

let short: Awaited<ReturnType<typeof serve>>;
let long: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  // What the sink has committed is asked for again in 250 ms, and that is not waited for.
  vi.useFakeTimers({ toFake: ['performance'] });
  [short, long] = await Promise.all([serve(true), serve(false)]);
});
afterAll(async () => {
  vi.useRealTimers();
  await Promise.all([short.close(), long.close()]);
});

/** All that comes until the server closes; requests of one connection come together. */
function told(port: number, ...requests: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(requests.join('')));
    socket.setEncoding('utf8').on('data', text => {
      seen += text;
    });
    socket.on('error', reject).on('close', () => resolve(seen.replace(/Date: .*\r\n/g, '')));
  });
}

const request = (method: string, headers: Readonly<Record<string, string>>, last = true, body = ''): string => {
  const all = { host: 'x', 'x-request-id': 'the-same', ...headers, ...(last ? { connection: 'close' } : {}) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} /api/things/a%2Fb HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
};
const as = async (subject: string, role: 'viewer' | 'admin' = 'viewer') => ({
  authorization: `Bearer ${await tokens.sign(subject, role)}`,
});

/** The same on both ways; `is_short` is whether the short one was taken. */
async function expectSame(what: string, is_short: boolean): Promise<string> {
  const before = short.long.requests;
  const [one, other] = [await told(short.port, what), await told(long.port, what)];
  expect(one).toBe(other);
  expect(short.long.requests - before).toBe(is_short ? 0 : 1);
  return one;
}

group('a cached answer', () => {
  it('is told as on the long way: whole, to HEAD, and not again to whoever has it', async () => {
    const ada = await as('ada');
    const first = await expectSame(request('GET', ada), false);
    expect(first).toContain('größer');
    expect(await expectSame(request('GET', ada), true)).toBe(first);
    expect(await expectSame(request('HEAD', ada), true)).toMatch(/^HTTP\/1.1 200 OK\r\n.*content-length: \d\d/is);
    const etag = /etag: (.*)\r\n/.exec(first)?.[1] ?? '';
    for (const named of [etag, `"older", W/${etag}`, '*']) {
      const known = await expectSame(request('GET', { ...ada, 'if-none-match': named }), true);
      expect(known).toMatch(/^HTTP\/1.1 304 /);
      expect(known).not.toContain('größer');
    }
    expect(await expectSame(request('GET', { ...ada, 'if-none-match': '"older"' }), true)).toBe(first);
  });

  it('has the headers of every reply, and those for a page of another origin', async () => {
    const bob = await as('bob');
    await expectSame(request('GET', bob), false);
    for (const origin of [allowed_origin, 'https://other.example.com']) {
      const reply = await expectSame(request('GET', { ...bob, origin }), true);
      expect(reply).toContain('x-request-id: the-same\r\n');
      expect(reply).toContain('x-content-type-options: nosniff\r\n');
      expect(reply.includes('access-control-allow-origin')).toBe(origin === allowed_origin);
    }
  });

  it('leaves its connection usable, a body that nobody asked for or not', async () => {
    const cem = await as('cem');
    await expectSame(request('GET', cem), false);
    const body = 'x'.repeat(100_000);
    const withBody = request('GET', { ...cem, 'content-length': String(body.length) }, false, body);
    const replies = await told(short.port, withBody, request('GET', cem, false), request('GET', cem));
    expect(replies.match(/HTTP\/1.1 200 OK/g)).toHaveLength(3);
  });

  it('is not told to whoever has no token, a wrong one, or one that was taken back', async () => {
    const dan = await as('dan');
    await expectSame(request('GET', dan), false);
    expect(await expectSame(request('GET', {}), false)).toMatch(/^HTTP\/1.1 401 /);
    expect(await expectSame(request('GET', { authorization: 'Bearer guess' }), false)).toMatch(/^HTTP\/1.1 401 /);
    revoked = true;
    expect(await expectSame(request('GET', dan), false)).toMatch(/^HTTP\/1.1 401 /);
    revoked = false;
  });

  it('counts against its caller’s rate once', async () => {
    const eve = await as('eve');
    await expectSame(request('GET', eve), false);
    for (let i = 1; i < burst; i++) expect(await told(short.port, request('GET', eve))).toMatch(/^HTTP\/1.1 200 /);
    const refused = await told(short.port, request('GET', eve));
    expect(refused).toMatch(/^HTTP\/1.1 429 .*retry-after: \d+\r\n/s);
    for (let i = 1; i < burst; i++) await told(long.port, request('GET', eve));
    expect(await told(long.port, request('GET', eve))).toBe(refused);
  });

  it('is worked out again after an invalidation', async () => {
    const fay = await as('fay');
    await expectSame(request('GET', fay), false);
    await expectSame(request('GET', fay), true);
    short.answers.invalidate();
    await expectSame(request('GET', fay), false);
  });

  it('is counted', async () => {
    const [counted, lookups] = [await short.metrics.metrics(), 'answer_cache_lookups_total{result="hit"}'];
    const [requests, durations] = [/http_requests_total\{.*status="304"\} (\d+)/, /_seconds_count\{.*GET.*\} (\d+)/];
    const other = await long.metrics.metrics();
    expect(counted).toContain(lookups);
    expect(requests.exec(counted)?.[1]).toBe(requests.exec(other)?.[1]);
    expect(Number(durations.exec(counted)?.[1])).toBeGreaterThan(burst);
  });
});
