/**
 * Signing in on a running instance: what is not taken any more from one moment to the next, open sockets included; and the audit
 * log, which knows each deed and no secret.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openDataDir } from '../cli/data-dir.ts';
import { type KafkaConfig, readToEnd } from '../lib/kafka.ts';
import { partitionsOf } from '../lib/kafka-admin.ts';
import { createTokens } from '../query-api/auth/tokens.ts';
import { topics } from '../schemas/topics.ts';
import { type Instance, startInstance, until } from './instance.ts';
import { grant, type People, peopleOf, type SignedIn } from './people.ts';

const password = 'a password that nobody else has';
const next_password = 'another password, after that one';
const wrong_password = 'a guess that is no password of anybody';

let instance: Instance;
let people: People;
const secrets = new Set([password, next_password, wrong_password]);

async function signIn(user_id: string, by = password): Promise<SignedIn> {
  const signed = await people.signIn(user_id, by);
  for (const secret of [signed.access_token, signed.refresh_token]) secrets.add(secret);
  return signed;
}
const statusBy = async (credential: string): Promise<number> =>
  (await people.ask(credential, 'GET', '/api/users')).status;
const change = (user_id: string, of: object) => people.json(people.admin, 'PATCH', `/api/users/${user_id}`, of);
const refreshed = (refresh_token: string) => people.ask(null, 'POST', '/api/session/refresh', { refresh_token });

beforeAll(async () => {
  instance = await startInstance();
  people = await peopleOf(instance);
  secrets.add(people.admin);
  for (const user_id of ['ada', 'bob', 'eve', 'sam']) await people.add({ user_id, role: 'user', password });
});
afterAll(async () => {
  expect(await instance?.stop()).toBe(0);
});

describe('a token on the instance', () => {
  it('ends with its session, which a refresh token that was used before ends', async () => {
    const first = await signIn('ada');
    const second = JSON.parse((await refreshed(first.refresh_token)).text) as SignedIn;
    const third = JSON.parse((await refreshed(second.refresh_token)).text) as SignedIn;
    for (const signed of [second, third]) for (const one of Object.values(signed).slice(0, 4)) secrets.add(String(one));
    for (const { access_token } of [first, second, third]) expect(await statusBy(access_token)).toBe(200);
    expect((await refreshed(first.refresh_token)).status).toBe(401);
    for (const { access_token } of [first, second, third]) expect(await statusBy(access_token)).toBe(401);
    expect((await refreshed(third.refresh_token)).status).toBe(401);
  });

  it('ends when its user signs out, has another password, is disabled or removed', async () => {
    const out = await signIn('bob');
    expect((await people.ask(out.access_token, 'DELETE', '/api/session')).status).toBe(204);
    expect([await statusBy(out.access_token), (await refreshed(out.refresh_token)).status]).toEqual([401, 401]);

    const before = await signIn('bob');
    const path = '/api/users/bob/password';
    const wrong = { present: wrong_password, password: next_password };
    expect((await people.ask(before.access_token, 'PUT', path, wrong)).status).toBe(403);
    const right = { present: password, password: next_password };
    expect((await people.ask(before.access_token, 'PUT', path, right)).status).toBe(204);
    expect([await statusBy(before.access_token), (await refreshed(before.refresh_token)).status]).toEqual([401, 401]);
    expect((await people.ask(null, 'POST', '/api/session', { user: 'bob', password })).status).toBe(401);

    const after = await signIn('bob', next_password);
    await change('bob', { state: 'disabled' });
    expect([await statusBy(after.access_token), (await refreshed(after.refresh_token)).status]).toEqual([401, 401]);
    await change('bob', { state: 'active' });
    // What was ended stays so.
    expect([await statusBy(after.access_token), (await refreshed(after.refresh_token)).status]).toEqual([401, 401]);
    expect((await people.ask(people.admin, 'DELETE', '/api/users/bob')).status).toBe(204);
    expect(await statusBy(await people.operatorToken('bob', 'admin'))).toBe(401);
  });

  it('that was tampered with is not taken, by REST, socket or stream', async () => {
    const { access_token } = await signIn('eve');
    const [header = '', claims = '', signature = ''] = access_token.split('.');
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const read = (text: string): object => JSON.parse(Buffer.from(text, 'base64url').toString());
    const key = openDataDir(instance.data_dir).secrets().jwt;
    const resealed = await createTokens(`${key}x`).sign('eve', 'admin');
    const forged = [
      `${header}.${part({ ...read(claims), role: 'admin' })}.${signature}`,
      `${header}.${part({ ...read(claims), sub: 'operator' })}.${signature}`,
      `${part({ ...read(header), alg: 'none' })}.${claims}.`,
      ...['../../../dev/null', '/proc/self/environ', "' OR 1=1", '__proto__'].map(
        kid => `${part({ ...read(header), kid })}.${claims}.${signature}`,
      ),
      resealed,
    ];
    let accepted = 0;
    for (const token of forged) {
      if ((await statusBy(token)) !== 401) accepted++;
      if ((await people.ask(null, 'GET', `/live/sse?feed=emails&token=${token}`)).status !== 401) accepted++;
      const socket = new WebSocket(new URL(`/live?token=${token}`, instance.url.replace('http', 'ws')), 'millrace.v1');
      if ((await new Promise<number>(done => socket.on('close', done))) !== 4401) accepted++;
    }
    expect(accepted).toBe(0);
  });
});

// ── What is open already ─────────────────────────────────────────────────────────────────────────────────────────────

function openSocket(token: string): { subscribed: Promise<void>; closed: () => number | null } {
  const socket = new WebSocket(new URL('/live', instance.url.replace('http', 'ws')), [
    'millrace.v1',
    `bearer.${token}`,
  ]);
  let code: number | null = null;
  socket.on('close', closed => {
    code = closed;
  });
  socket.on('open', () => socket.send(JSON.stringify({ op: 'subscribe', id: '1', feed: 'emails' })));
  return { subscribed: new Promise(done => socket.once('message', () => done())), closed: () => code };
}

async function openStream(token: string): Promise<() => number | null> {
  const response = await fetch(new URL('/live/sse?feed=emails', instance.url), {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(response.status).toBe(200);
  let text = '';
  const reading = (async () => {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) text += chunk;
  })();
  reading.catch(() => undefined);
  return () => {
    const [, code] = /event: closed\ndata: \{"code":(\d+)/.exec(text) ?? [];
    return code === undefined ? null : Number(code);
  };
}

it('a socket and a stream end with the token, with the right to sign in, and when what is seen changes', async () => {
  const { key } = await people.json<{ key: string }>((await signIn('ada')).access_token, 'POST', '/api/keys', {
    label: 'live',
    scopes: ['read'],
  });
  secrets.add(key);
  const cases: [string, string, () => Promise<unknown>][] = [
    ['its end', await people.operatorToken('an-operator', 'viewer', 4), async () => undefined],
    [
      'a grant',
      (await signIn('sam')).access_token,
      () => change('sam', { mailboxes: [grant('x@acme.example', true)] }),
    ],
    ['another role', await people.operatorToken('eve', 'user'), () => change('eve', { role: 'viewer' })],
    ['the key’s user', key, () => change('ada', { state: 'disabled' })],
  ];
  const open = await Promise.all(
    cases.map(async ([name, token, act]) => {
      const socket = openSocket(token);
      await socket.subscribed;
      return { name, act, closed: [socket.closed, await openStream(token)] };
    }),
  );
  const other = openSocket(people.admin);
  await other.subscribed;
  await Promise.all(open.map(({ act }) => act()));
  for (const { name, closed } of open) {
    await until(`${name} to end it`, async () => closed.every(code => code() !== null));
    expect([name, ...closed.map(code => code())]).toEqual([name, 4401, 4401]);
  }
  expect(other.closed()).toBeNull();
});

// ── The audit log ────────────────────────────────────────────────────────────────────────────────────────────────────

describe('the audit log', () => {
  it('has each of these deeds, with who did it and to whom', async () => {
    await people.ask(null, 'POST', '/api/session', { user: 'nobody-of-this-name', password: wrong_password });
    await people.ask((await signIn('sam')).access_token, 'DELETE', '/api/users/eve');
    const wanted = [
      ['operator', 'user.create', 'ada', 'done'],
      ['operator', 'user.change', 'sam', 'done'],
      ['operator', 'user.remove', 'bob', 'done'],
      ['sam', 'user.remove', 'eve', 'refused'],
      ['bob', 'user.password', 'bob', 'done'],
      ['bob', 'user.password', 'bob', 'refused'],
      ['bob', 'session.end', '', 'done'],
      ['ada', 'session.create', 'ada', 'done'],
      ['bob', 'session.create', 'bob', 'refused'],
      ['nobody-of-this-name', 'session.create', 'nobody-of-this-name', 'refused'],
    ].map(one => JSON.stringify(one));
    await until('every deed', async () => {
      const rows = await instance.sql<Record<string, string>>(
        'SELECT actor, action, object, outcome FROM audit_events',
      );
      const told = new Set(
        rows.map(({ actor, action, object, outcome }) => JSON.stringify([actor, action, object, outcome])),
      );
      const missing = wanted.filter(one => !told.has(one));
      if (missing.length > 0) throw new Error(missing.join(' '));
      return ['session.reuse', 'key.create'].every(action => rows.some(row => row.action === action));
    });
  });

  it('has no secret in it, and neither have the topic and the logs', async () => {
    const rows = await instance.sql<object>('SELECT * FROM audit_events');
    expect(rows.length).toBeGreaterThan(15);
    const texts = new Map([['audit_events', JSON.stringify(rows)]]);
    const logs = join(instance.data_dir, 'logs');
    for (const name of readdirSync(logs)) texts.set(name, readFileSync(join(logs, name), 'latin1'));
    texts.set('up', instance.said());
    for (const secret of Object.values(openDataDir(instance.data_dir).secrets())) secrets.add(secret);
    const parts = [...secrets].flatMap(secret => [secret, secret.slice(-43)]).filter(part => part.length > 11);
    expect(parts.length).toBeGreaterThan(30);
    for (const [name, text] of texts) {
      expect([name, parts.filter(part => text.includes(part))]).toEqual([name, []]);
    }
    const { kafka: brokers } = await instance.json<{ kafka: string }>(['status']);
    const { kafka: broker_password } = openDataDir(instance.data_dir).secrets();
    const sasl = { mechanism: 'plain', username: 'millrace', password: broker_password } as const;
    const kafka: KafkaConfig = { brokers, replication_factor: 1, session_timeout_ms: 30_000, sasl };
    const control = [topics.auditEvent, topics.user, topics.apiKey, topics.session].map(({ name }) => name);
    let records = 0;
    await readToEnd(kafka, await partitionsOf(kafka, control), (batch, i) => {
      records++;
      const bytes = batch.value(i)?.toString('latin1') ?? '';
      expect([batch.topic(i), parts.filter(part => bytes.includes(part))]).toEqual([batch.topic(i), []]);
    });
    expect(records).toBeGreaterThan(30);
  });
});
