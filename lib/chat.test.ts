import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Chat, openChat } from './chat.ts';
import { type FakeAnswer, type FakeChat, startFakeChat } from './fake-chat.ts';

let endpoint: FakeChat;
beforeEach(async () => {
  endpoint = await startFakeChat();
});
afterEach(() => endpoint.close());

const ask = (chat: Chat, ms = 5_000) => chat([{ role: 'user', content: 'private words' }], AbortSignal.timeout(ms));
const open = (api_key?: string) =>
  openChat({ url: `${endpoint.url}/`, model: 'small', api_key, parameters: { temperature: 0 } });

it('asks as the protocol has it', async () => {
  endpoint.answer('In short.');
  expect(await ask(open('sesame-key'))).toBe('In short.');
  expect(endpoint.requests).toMatchObject([{ path: '/v1/chat/completions', authorization: 'Bearer sesame-key' }]);
  expect(JSON.parse(endpoint.requests[0]?.body ?? '')).toEqual({
    model: 'small',
    stream: false,
    temperature: 0,
    messages: [{ role: 'user', content: 'private words' }],
  });
});

it('sends no authorization without a key', async () => {
  await ask(open());
  expect(endpoint.requests[0]?.authorization).toBeUndefined();
});

const elsewhere = { status: 302, headers: { location: 'http://127.0.0.1:1/elsewhere' } };
const without_text = { body: JSON.stringify({ choices: [{ message: { content: null } }] }) };

it.each<[string, FakeAnswer]>([
  ['status', { status: 500, body: 'sesame-key private words' }],
  ['status', elsewhere],
  ['malformed', { body: 'no json' }],
  ['malformed', { body: '{"choices":[]}' }],
  ['malformed', { body: 'null' }],
  ['malformed', without_text],
  ['malformed', '  '],
  ['too_large', 'x'.repeat(300_000)],
  ['too_large', 'endless'],
  ['unreachable', 'break'],
])('is an error %s for %j, which quotes nothing', async (code, answer) => {
  endpoint.answer(answer);
  const error = await ask(open('sesame-key')).catch((caught: Error) => caught);
  expect(error).toMatchObject({ code });
  expect((error as Error).message).not.toMatch(/sesame|private/);
  expect(endpoint.requests.length).toBe(1);
});

it('gives up when its time is over', async () => {
  endpoint.answer('hang');
  await expect(ask(open(), 50)).rejects.toMatchObject({ name: 'TimeoutError' });
});

it('says of an endpoint that is gone that it cannot be reached', async () => {
  await endpoint.close();
  await expect(ask(open())).rejects.toMatchObject({ code: 'unreachable' });
});
