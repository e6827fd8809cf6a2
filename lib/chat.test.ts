import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Chat, openChat } from './chat.ts';

type Answer = { status?: number; headers?: Record<string, string>; body?: string } | 'hang' | 'break' | 'endless';

let server: Server;
let url: string;
let answer: Answer;
let seen: { path: string | undefined; authorization: string | undefined; body: string }[];

beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', chunk => {
      body += String(chunk);
    });
    request.on('end', () => {
      seen.push({ path: request.url, authorization: request.headers.authorization, body });
      if (answer === 'hang') return;
      if (answer === 'break') return void request.socket.destroy();
      if (answer !== 'endless') return void response.writeHead(answer.status ?? 200, answer.headers).end(answer.body);
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(10_000), more);
      };
      more();
    });
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const said = (content: unknown): Answer => ({ body: JSON.stringify({ choices: [{ message: { content } }] }) });
const ask = (chat: Chat, ms = 5_000) => chat([{ role: 'user', content: 'private words' }], AbortSignal.timeout(ms));
const open = () => openChat({ url, model: 'small', api_key: 'sesame-key', parameters: { temperature: 0 } });

it('asks as the protocol has it', async () => {
  answer = said('In short.');
  expect(await ask(open())).toBe('In short.');
  const [{ path, authorization, body }] = seen as [(typeof seen)[number]];
  expect([path, authorization]).toEqual(['/v1/chat/completions', 'Bearer sesame-key']);
  expect(JSON.parse(body)).toEqual({
    model: 'small',
    stream: false,
    temperature: 0,
    messages: [{ role: 'user', content: 'private words' }],
  });
});

it('sends no authorization without a key', async () => {
  answer = said('x');
  await ask(openChat({ url, model: 'm', api_key: undefined, parameters: {} }));
  expect(seen[0]?.authorization).toBeUndefined();
});

it.each<[string, Answer]>([
  ['status', { status: 500, body: 'sesame-key private words' }],
  ['status', { status: 302, headers: { location: 'http://127.0.0.1:1/elsewhere' } }],
  ['malformed', { body: 'no json' }],
  ['malformed', { body: '{"choices":[]}' }],
  ['malformed', { body: 'null' }],
  ['malformed', said(null)],
  ['malformed', said('  ')],
  ['too_large', { body: JSON.stringify('x'.repeat(300_000)) }],
  ['too_large', 'endless'],
  ['unreachable', 'break'],
])('is an error %s for %j, which quotes nothing', async (code, given) => {
  answer = given;
  const error = await ask(open()).catch((caught: Error) => caught);
  expect(error).toMatchObject({ code });
  expect((error as Error).message).not.toMatch(/sesame|private/);
  expect(seen.length).toBe(1);
});

it('gives up when its time is over', async () => {
  answer = 'hang';
  await expect(ask(open(), 50)).rejects.toMatchObject({ name: 'TimeoutError' });
});
