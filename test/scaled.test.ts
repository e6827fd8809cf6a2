/** Each role alone against engines that others run: started, scaled, drained, and nothing lost. */
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePorts } from '../embedded/child.ts';
import { type ClickHouseService, startClickHouse } from '../embedded/clickhouse/index.ts';
import { type KafkaService, startKafka } from '../embedded/kafka/index.ts';
import { framesOf } from '../lib/frames.ts';
import { internalToken } from '../lib/internal-token.ts';
import { createTokens } from '../query-api/auth/tokens.ts';
import { followEvents, followSocket } from './followers.ts';
import { type CommandResult, freshDir, runCommand, until } from './instance.ts';
import { mboxOf } from './mails.ts';
import { type Role, startRole, without_embedded } from './roles.ts';

const dir = freshDir();
const secret = 'a-secret-that-all-roles-of-this-test-share';
const database_secret = 'database-secret';
const wave_mails = 400;
const feed_mails = 200;
const together = 4;

let kafka: KafkaService;
let clickhouse: ClickHouseService;
let env: Record<string, string>;
let api_url: string;
let ingest_url: string;
/** Started in the order of this object and stopped at the end, whatever happens between. */
const roles: Record<string, Role> = {};

const command = (name: string, change: Record<string, string> = {}): Promise<CommandResult> =>
  runCommand([name], '', { ...env, NODE_OPTIONS: without_embedded, ...change });

async function api<T>(path: string, body?: unknown, more: object = {}): Promise<{ status: number; value: T }> {
  const authorization = `Bearer ${await createTokens(secret).sign('test', 'admin')}`;
  const response = await fetch(new URL(path, api_url), {
    headers: { authorization, 'content-type': 'application/json', ...more },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  return { status: response.status, value: (await response.json()) as T };
}

interface Account {
  source: string;
  read: number;
  stored: number;
  duplicate: number;
  dead_letter: number;
  repeated: number;
  in_flight: number;
}

async function accountOf(source: string): Promise<Account | undefined> {
  const { value } = await api<{ sources: Account[] }>('/api/reconciliation');
  return value.sources.find(row => row.source.includes(source));
}

beforeAll(async () => {
  const [api_port, ingest_port] = await freePorts(2);
  [kafka, clickhouse] = await Promise.all([
    startKafka({ data_dir: join(dir, 'kafka'), user: 'team', password: 'broker-secret', onExit: () => undefined }),
    startClickHouse({ data_dir: join(dir, 'ch'), user: 'team', password: database_secret, onExit: () => undefined }),
  ]);
  writeFileSync(join(dir, 'secret'), `${secret}\n`);
  api_url = `http://127.0.0.1:${api_port}`;
  ingest_url = `http://127.0.0.1:${ingest_port}`;
  env = {
    PATH: process.env.PATH ?? '',
    KAFKA_BROKERS: kafka.bootstrap,
    KAFKA_SASL_USERNAME: 'team',
    KAFKA_SASL_PASSWORD: 'broker-secret',
    CLICKHOUSE_URL: clickhouse.url,
    CLICKHOUSE_USER: 'team',
    CLICKHOUSE_PASSWORD: database_secret,
    CLICKHOUSE_DATABASE: 'scaled',
    MILLRACE_JWT_SECRET_FILE: join(dir, 'secret'),
    MILLRACE_API_PORT: String(api_port),
    MILLRACE_INGEST_PORT: String(ingest_port),
    MILLRACE_INGEST_URL: ingest_url,
    MILLRACE_LOCAL_IMPORTS: 'true',
    MILLRACE_DATA_DIR: join(dir, 'data'),
    MILLRACE_LOG_LEVEL: 'warn',
  };
});
afterAll(async () => {
  await Promise.all(Object.values(roles).map(role => role.stop()));
  await Promise.all([kafka?.stop(), clickhouse?.stop()]);
});

it('topics and migrate make what is missing, and nothing twice', async () => {
  expect(await command('topics')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^created [1-9]\d* topics/) });
  expect(await command('migrate')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^applied 001/) });
  expect((await command('topics')).stdout).toContain('created 0 topics, registered 0 schemas');
  expect((await command('migrate')).stdout).toContain('the tables are up to date');
});

it('an address where nobody answers is named, and the process ends with 1', async () => {
  const [nobody] = await freePorts(1);
  const lost = { ...env, KAFKA_BROKERS: `127.0.0.1:${nobody}` };
  // A broker may come late, so a role waits for it half a minute; what becomes of this one is asked at the end.
  roles.lost = await startRole('sink', lost);
  const early = await startRole('process', lost);
  roles.early = early;
  await until('it to start', async () => (await early.readiness())?.state === 'starting');
  const [stopped, topics, migrate] = await Promise.all([
    early.stop(),
    command('topics', { KAFKA_BROKERS: `127.0.0.1:${nobody}` }),
    command('migrate', { CLICKHOUSE_URL: `http://127.0.0.1:${nobody}` }),
  ]);
  expect(stopped, 'told to stop while it starts').toBe(0);
  expect(topics).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`no Kafka broker answers at 127.0.0.1:${nobody}`),
  });
  expect(migrate).toMatchObject({ code: 1, stderr: expect.stringContaining(`ClickHouse at 127.0.0.1:${nobody}`) });
});

it('an api without the others is alive, and not ready', async () => {
  roles.api = await startRole('api', env);
  await until('the api to listen', async () => (await roles.api?.readiness())?.state === 'waiting');
});

it('every role alone becomes ready, and a mail goes through all of them', async () => {
  roles.ingest = await startRole('ingest', env);
  roles.process = await startRole('process', env);
  roles.sink = await startRole('sink', env);
  await Promise.all(['api', 'ingest', 'process', 'sink'].map(name => roles[name]?.untilReady()));
  const mail = { sender: 'ada@acme.example', subject: 'Invoice 4711 is wrong', content: 'Please correct it.' };
  const posted = await api<{ id: string }>('/api/emails', mail);
  expect(posted.status).toBe(201);
  expect(await api(`/api/emails/${posted.value.id}`)).toMatchObject({ status: 200, value: { subject: mail.subject } });
});

it('a second process joins and leaves under load, and nothing is lost', async () => {
  const load = startLoad();
  const second = await startRole('process', { ...env, MILLRACE_INSTANCE: '1' });
  roles.second = second;
  await second.untilReady();
  await until('the second to work', async () => (await second.metric('millrace_records_processed_total')) > 0);
  const before = load.waves.length;
  expect(await second.stop()).toBe(0);
  // Mail kept coming while it left.
  await until('a later wave', async () => load.waves.length > before + 1);
  await load.stop();

  // What a member leaves behind is taken over once its session has ended, 30 s later.
  for (const { source, distinct, duplicates } of load.waves) {
    const account = await until(`${source} to have ended`, async () => {
      const row = await accountOf(source);
      return row !== undefined && row.read === wave_mails && row.in_flight === 0 && row;
    });
    const { stored, duplicate, dead_letter, repeated } = account;
    const expected = { stored: distinct, duplicate: duplicates, dead_letter: 0, repeated: 0 };
    expect({ stored, duplicate, dead_letter, repeated }).toEqual(expected);
  }
});

it('who follows an api that is killed goes on at the other, misses nothing and is told nothing twice', async () => {
  const [port] = await freePorts(1);
  const second = await startRole('api', { ...env, MILLRACE_API_PORT: String(port) });
  roles.second_api = second;
  await second.untilReady();
  const urls = [`http://127.0.0.1:${port}`, api_url] as const;
  // Signed in at the one that will be gone; the other one knows the session, and what was made of it.
  const password = 'a password of this test';
  expect((await api('/api/users', { user_id: 'follower', role: 'viewer', password })).status).toBe(201);
  const signed = await sessionAt(urls[0], '', { user: 'follower', password });
  const token = signed.access_token;
  const followers = [followEvents(urls, token), followSocket(urls, token)];
  await Promise.all(followers.map(({ subscribed }) => subscribed));
  const posted: string[] = [];
  for (let i = 0; i < feed_mails; i += together) {
    posted.push(...(await Promise.all(Array.from({ length: together }, (_, more) => handIn(i + more)))));
    if (i === feed_mails / 2) second.signal('SIGKILL');
  }
  await until('all to be told', async () => followers.every(({ told }) => posted.every(id => told.includes(id))));
  for (const follower of followers) {
    follower.stop();
    expect(follower.events).toEqual(['subscribed', expect.stringContaining('broke off'), 'subscribed']);
    expect(follower.told.toSorted()).toEqual(posted.toSorted());
  }
  expect((await sessionAt(urls[1], '/refresh', { refresh_token: signed.refresh_token })).access_token).not.toBe(token);
});

it('what is watched while scaling out says that nothing is behind, and that all adds up', async () => {
  const { process: first, sink, ingest, api: page } = roles as Record<string, Role>;
  for (const role of [first, sink]) {
    expect(await role?.metric('millrace_assigned_partitions')).toBeGreaterThan(0);
    await until('no lag', async () => (await role?.metric('millrace_consumer_lag_records')) === 0);
  }
  for (const role of [first, sink, ingest]) {
    expect(await role?.metric('millrace_open_transaction_age_seconds')).toBeLessThan(5);
  }
  await until('all to add up', async () => {
    return (await page?.metric('millrace_reconciliation_unbalanced_sources')) === 0;
  });
  expect(await page?.metric('millrace_reconciliation_records')).toBeGreaterThan(0);
});

it('SIGTERM drains: not ready at once, what is in flight is finished, and the code is 0', async () => {
  const ingest = roles.ingest as Role;
  const stored_before = (await accountOf('api'))?.stored ?? Number.NaN;
  const upload = startUpload();
  // What ingest answers from now on, it answers with the upload's first half in hand.
  await upload.begun;
  expect(await ingest.readiness()).toEqual({ status: 200, state: 'ready' });
  ingest.signal('SIGTERM');
  await until('ingest to say that it drains', async () => {
    const now = await ingest.readiness();
    return now?.status === 503 && now.state === 'draining';
  });
  expect(await upload.finish()).toBe(200);
  expect(await ingest.ended).toBe(0);
  await until('the mail to be stored', async () => (await accountOf('api'))?.stored === stored_before + 1);
});

it('two ingests of one name share the sources: the first goes on under none, and neither throws the other out', async () => {
  const [port] = await freePorts(1);
  const first = await startRole('ingest', env);
  roles.twin = first;
  await first.untilReady();
  const second = await startRole('ingest', { ...env, MILLRACE_INGEST_PORT: String(port) });
  roles.namesake = second;
  await second.untilReady();
  await until('the first to notice', async () => first.output().includes('has this one’s name'));
  await until('both to have sources', async () => {
    const shares = await Promise.all([first, second].map(one => one.metric('millrace_assigned_partitions')));
    return shares.every(share => share > 0) && shares[0] === shares[1];
  });
  expect(await Promise.all([first.stop(), second.stop()])).toEqual([0, 0]);
});

it('a role whose broker never came says so and ends with 1', async () => {
  expect(await roles.lost?.ended).toBe(1);
  expect(roles.lost?.output()).toMatch(/no Kafka broker answers at 127\.0\.0\.1:\d+: .*Connection refused/);
});

it('each role ends with 0', async () => {
  for (const name of ['api', 'process', 'sink']) expect([name, await roles[name]?.stop()]).toEqual([name, 0]);
});

/** The tokens that an api answers with. */
async function sessionAt(url: string, path: string, body: object) {
  const response = await fetch(new URL(`/api/session${path}`, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as { access_token: string; refresh_token: string };
}

/** Answers its id once it is durable. */
async function handIn(number: number): Promise<string> {
  const mail = { sender: 'eve@acme.example', subject: `Mail ${number}`, content: 'For those who follow.' };
  return (await api<{ id: string }>('/api/emails', mail, { prefer: 'respond-async' })).value.id;
}

/** A mail handed to ingest of which the second half is kept back. */
function startUpload(): { begun: Promise<void>; finish(): Promise<number | undefined> } {
  const mail = { sender: 'eve@acme.example', subject: 'Slow', content: 'One byte after the other.' };
  const body = framesOf([Buffer.from(JSON.stringify(mail))]);
  const half = body.length / 2;
  const headers = {
    authorization: `Bearer ${internalToken(secret)}`,
    'content-type': 'application/octet-stream',
    'content-length': body.length,
  };
  const upload = request(new URL('/emails', ingest_url), { method: 'POST', headers });
  const begun = new Promise<void>((done, fail) => {
    upload.once('error', fail);
    upload.write(body.subarray(0, half), () => done());
  });
  return {
    begun,
    finish: () =>
      new Promise((done, fail) => {
        upload.once('error', fail);
        upload.once('response', answer => {
          answer.resume();
          done(answer.statusCode);
        });
        upload.end(body.subarray(half));
      }),
  };
}

/** Imports one file of mails after the other, each as soon as the one before it has been read. */
function startLoad() {
  const waves: { source: string; distinct: number; duplicates: number }[] = [];
  let stopped = false;

  async function wave(number: number): Promise<void> {
    const source = `wave-${number}.mbox`;
    const { text, distinct, duplicates } = mboxOf({ seed: 1_000 + number, count: wave_mails, duplicate_every: 100 });
    writeFileSync(join(dir, source), text);
    expect((await api('/api/imports', { paths: [join(dir, source)] })).status).toBe(202);
    waves.push({ source, distinct, duplicates });
    await until(`${source} to be read`, async () => (await accountOf(source))?.read === wave_mails);
  }

  const running = (async () => {
    for (let number = 0; !stopped; number++) await wave(number);
  })();
  running.catch(() => undefined);
  return {
    waves,
    stop: async () => {
      stopped = true;
      await running;
    },
  };
}
