/** Clients that dribble, stall, or come in thousands: each is cut or costs little, and nobody else waits for them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { usageOfProcess } from '../bench/processes.ts';
import { quantiles } from '../bench/quantiles.ts';
import { openDataDir } from '../cli/data-dir.ts';
import { pause } from '../lib/lifecycle.ts';
import { createTokens, type Tokens } from '../query-api/auth/tokens.ts';
import { followSocket } from './followers.ts';
import { type Instance, startInstance, until } from './instance.ts';
import { mboxOf } from './mails.ts';

let instance: Instance;
let tokens: Tokens;
let token: string;

beforeAll(async () => {
  instance = await startInstance();
  tokens = createTokens(openDataDir(instance.data_dir).secrets().jwt);
  token = await tokens.sign('test', 'admin');
});
afterAll(async () => {
  expect(await instance?.stop()).toBe(0);
});

it.concurrent('who sends a request byte by byte is cut, and others are answered meanwhile', async () => {
  // Without a token the answer is there before the body is.
  const post = (authorization: string): string =>
    `POST /api/emails HTTP/1.1\r\nHost: x\r\n${authorization}Content-Length: 100000\r\n\r\n`;
  const slow = [
    ...Array.from({ length: 200 }, () => dribble('', 'GET /health HTTP/1.1\r\nHost: x\r\nX-Long: ')),
    ...Array.from({ length: 25 }, () => dribble(post(`Authorization: Bearer ${token}\r\n`), '')),
    ...Array.from({ length: 25 }, () => dribble(post(''), '')),
  ];
  const [cut_ms, answered_ms] = await answersWhile(Promise.all(slow));
  console.info(
    `dribbling: ${slow.length} cut within ${Math.max(...cut_ms)} ms; ` +
      `meanwhile ${answered_ms.length} answers, p99 ${quantiles(answered_ms).p99} ms`,
  );
  expect(Math.max(...cut_ms)).toBeLessThan(20_000);
});

it.concurrent('who follows for longer than the token lasts is sent away', async () => {
  const short = await tokens.sign('test', 'viewer', { lifetime_s: 2 });
  const socket = new WebSocket(liveUrl(), ['millrace.v1', `bearer.${short}`]);
  socket.on('open', () => socket.send(subscribe('1', 'emails')));
  const closed = new Promise<number>((done, fail) => socket.on('close', done).on('error', fail));
  const streamed = fetch(new URL('/live/sse?feed=emails', instance.url), {
    headers: { authorization: `Bearer ${short}` },
  }).then(response => response.text());
  expect(await closed).toBe(4401);
  expect(await streamed).toMatch(/event: closed\ndata: {"code":4401/);
});

it('who follows and reads nothing takes no memory to speak of, and others are told everything', async () => {
  const mails = 600;
  const subscriptions = ['1', '2', '3', '4', '5', '6', '7', '8'];
  const before = await answersWhile(importMails(1, mails));
  const before_bytes = residentBytes();
  const sockets = await Promise.all(Array.from({ length: 100 }, () => stall(subscriptions)));
  const stalled = [...sockets, ...(await Promise.all(Array.from({ length: 10 }, () => stallStream())))];
  // Unasked, or the server would close them for their silence.
  const pongs = setInterval(() => {
    for (const socket of sockets) socket.write(pong);
  }, pong_ms);
  const healthy = followSocket([instance.url], token);
  await healthy.subscribed;
  const after = await answersWhile(importMails(2, mails));
  await until('the healthy one to be told', async () => healthy.told.length >= mails);
  const grown_bytes = residentBytes() - before_bytes;
  const [quiet, loud] = [before, after].map(([, answered_ms]) => quantiles(answered_ms).p99) as [number, number];
  console.info(
    `stalled: ${stalled.length} sockets, ${mails} mails, memory grew by ${inMegabytes(grown_bytes)} MB; ` +
      `p99 of ${before[1].length} and ${after[1].length} answers ` +
      `${quiet} and ${loud} ms, ${(loud / quiet).toFixed(2)} times`,
  );
  expect(new Set(healthy.told).size).toBe(mails);
  expect(healthy.events).toEqual(['subscribed']);
  expect(grown_bytes).toBeLessThan(100e6);

  // One that reads on at last has missed nothing, though little of it had waited for it.
  const [first] = sockets as [Socket];
  let told = '';
  first.on('data', chunk => {
    told += chunk;
  });
  first.resume();
  const expected = subscriptions.length * mails;
  await until('it to be told all', async () => told.split('"type":"record"').length > expected);
  healthy.stop();
  clearInterval(pongs);
  for (const socket of stalled) socket.destroy();
  await until('all to be gone', async () => (await openSockets()) === 0);
});

const crowd = 10_000;
const together = 200;

it(`${crowd} that are told nothing stay, and the next one is told what happens`, async context => {
  const allowed = Math.min(openFilesMax('self'), openFilesMax(instance.pid('api')));
  if (allowed < crowd + 1_000) {
    console.info(`skipped: ${allowed} open files are allowed`);
    return context.skip();
  }
  const before_bytes = residentBytes();
  const sockets: Socket[] = [];
  let closed = 0;
  const heard = new Set<Socket>();
  while (sockets.length < crowd) {
    const opened = await Promise.all(Array.from({ length: together }, () => followRaw(['1'], 'dead_letters')));
    for (const socket of opened) {
      socket.on('close', () => closed++);
      socket.on('data', chunk => {
        if (chunk.includes('heartbeat')) heard.add(socket);
        if (chunk.includes(ping)) socket.write(pong);
      });
    }
    sockets.push(...opened);
  }
  heard.clear();
  const [, answered_ms] = await answersWhile(until('a heartbeat', async () => heard.size === crowd));
  expect({ closed, open: await openSockets() }).toEqual({ closed: 0, open: crowd });
  const bytes = (residentBytes() - before_bytes) / crowd;

  const next = followSocket([instance.url], token);
  await next.subscribed;
  const mail = { sender: 'eve@acme.example', subject: 'Among thousands', content: 'For the one who follows.' };
  const began_ms = performance.now();
  const posted = await instance.fetch('/api/emails', {
    method: 'POST',
    body: JSON.stringify(mail),
    headers: { 'content-type': 'application/json', prefer: 'respond-async' },
  });
  const { id } = (await posted.json()) as { id: string };
  await until('it to be told', async () => next.told.includes(id));
  console.info(
    `idle: ${crowd} sockets, ${Math.round(bytes / 1024)} KiB each; the next was told after ` +
      `${Math.round(performance.now() - began_ms)} ms; p99 of ${answered_ms.length} answers ${quantiles(answered_ms).p99} ms`,
  );
  next.stop();
  for (const socket of sockets) socket.destroy();
  await until('all to be gone', async () => (await openSockets()) === 0);
});

// ── The healthy ──────────────────────────────────────────────────────────────────────────────────────────────────────

const answers_min = 500;
const ask_pause_ms = 10;

/** Asks one thing after the other until the work is done, and often enough; all must be answered. */
async function answersWhile<T>(work: Promise<T>): Promise<[T, number[]]> {
  let done = false;
  const settled = work.finally(() => {
    done = true;
  });
  settled.catch(() => undefined);
  const answered_ms: number[] = [];
  while (!done || answered_ms.length < answers_min) {
    const began_ms = performance.now();
    const response = await fetch(new URL('/health', instance.url));
    await response.text();
    expect(response.status).toBe(200);
    answered_ms.push(performance.now() - began_ms);
    await pause(ask_pause_ms);
  }
  return [await settled, answered_ms];
}

/** Mails with many recipients: a row of 2 KB each. */
async function importMails(seed: number, count: number): Promise<void> {
  const path = join(instance.data_dir, `hostile-${seed}.mbox`);
  const to = Array.from({ length: 40 }, (_, i) => `somebody.with.a.long.name.${i}@company.example`).join(', ');
  writeFileSync(path, mboxOf({ seed, count }).text.replaceAll(/^To: .*$/gm, `To: ${to}`));
  await instance.json(['import', path]);
}

const residentBytes = (): number => usageOfProcess(instance.pid('api'))?.resident_bytes ?? Number.NaN;
const inMegabytes = (bytes: number): number => Math.round(bytes / 1e6);

async function openSockets(): Promise<number> {
  const text = await (await fetch(new URL('/metrics', instance.url))).text();
  return Number(/^live_sockets(?:{[^}]*})? (\d+)$/m.exec(text)?.[1]);
}

const openFilesMax = (process_id: number | 'self'): number =>
  Number(/^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${process_id}/limits`, 'utf8'))?.[1]);

// ── The hostile: plain TCP, so that they read and write when they like ───────────────────────────────────────────────

function connected(): Socket {
  const { hostname, port } = new URL(instance.url);
  return connect(Number(port), hostname).on('error', () => undefined);
}

const byte_ms = 200;

/** Sends `at_once`, then `slowly` and whatever else byte by byte until it is cut; answers after how many milliseconds. */
function dribble(at_once: string, slowly: string): Promise<number> {
  const socket = connected();
  const began_ms = Date.now();
  socket.on('connect', () => socket.write(at_once));
  // An answer is read, so that the end is seen.
  socket.resume();
  let sent = 0;
  const timer = setInterval(() => socket.write(slowly[sent++] ?? 'x'), byte_ms);
  return new Promise(done =>
    socket.on('close', () => {
      clearInterval(timer);
      done(Date.now() - began_ms);
    }),
  );
}

const liveUrl = (): URL => new URL('/live', instance.url.replace('http', 'ws'));
const subscribe = (id: string, feed: string): string => JSON.stringify({ op: 'subscribe', id, feed });

const ping = Buffer.from([0x89, 0]);
const pong_ms = 10_000;
const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
/** A WebSocket's text frame as clients send it, under a mask of zeros. */
function frame(text: string): Buffer {
  if (text.length > 125) throw new RangeError('a longer frame has another head');
  return Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0, ...Buffer.from(text)]);
}

/** A socket on /live, once the last of its subscriptions is. */
async function followRaw(ids: readonly string[], feed: string): Promise<Socket> {
  const upgrade = ['Host: x', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
  const head = [`GET /live?token=${token} HTTP/1.1`, ...upgrade, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
  const socket = connected();
  await say(socket, `${head.join('\r\n')}\r\n\r\n`, '101 Switching Protocols');
  const frames = Buffer.concat(ids.map(id => frame(subscribe(id, feed))));
  await say(socket, frames, `"subscribed","id":"${ids.at(-1)}"`);
  return socket;
}

/** Resolves once the server has answered this. */
function say(socket: Socket, text: string | Buffer, answer: string): Promise<void> {
  socket.write(text);
  return new Promise((done, fail) => {
    let answered = '';
    const take = (chunk: Buffer): void => {
      answered += chunk;
      if (!answered.includes(answer)) return;
      socket.off('data', take).off('close', end);
      done();
    };
    const end = (): void => fail(new Error(`closed: ${answered}`));
    socket.on('data', take).on('close', end);
  });
}

const stall = async (ids: readonly string[]): Promise<Socket> => (await followRaw(ids, 'emails')).pause();

async function stallStream(): Promise<Socket> {
  const head = ['GET /live/sse?feed=emails HTTP/1.1', 'Host: x', `Authorization: Bearer ${token}`];
  const socket = connected();
  await say(socket, `${head.join('\r\n')}\r\n\r\n`, 'event: subscribed');
  return socket.pause();
}
