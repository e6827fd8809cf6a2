/** The cache that the instances of the api share, on a real Redis: told, stopped, killed, back again, and never waited for. */
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../embedded/child.ts';
import { type ClickHouseService, startClickHouse } from '../embedded/clickhouse/index.ts';
import { type KafkaService, startKafka } from '../embedded/kafka/index.ts';
import { openSharedTexts, type RedisConfig, type SharedTexts } from '../lib/cache-redis.ts';
import { serializers } from '../lib/log.ts';
import { createTokens } from '../query-api/auth/tokens.ts';
import { createAuthority } from './certificates.ts';
import { freshDir, runCommand, until } from './instance.ts';
import { type RedisServer, startRedis } from './redis.ts';
import { type Role, startRole } from './roles.ts';

const password = 'the-cache-password';
const locked = ['--requirepass', password];
/** What an answer waits for at most, and what a busy machine adds to it. */
const wait_ms_max = 500;

describe('texts', () => {
  let server: RedisServer;
  let texts: SharedTexts | null = null;
  let looked_up: string[];
  let logged: string[];

  function open(redis: RedisConfig): SharedTexts {
    looked_up = [];
    logged = [];
    const log = pino({ serializers }, { write: line => void logged.push(line) });
    texts = openSharedTexts({ redis, log, onLookup: result => void looked_up.push(result) });
    return texts;
  }
  const urlOf = ({ port }: RedisServer): string => `redis://:${password}@127.0.0.1:${port}`;

  async function timed<T>(work: Promise<T>): Promise<T> {
    const began_ms = performance.now();
    const value = await work;
    expect(performance.now() - began_ms).toBeLessThan(wait_ms_max);
    return value;
  }
  const untilTold = (shared: SharedTexts, key: string) =>
    until(`${key} to be told`, async () => {
      shared.put(key, `text of ${key}`, 60_000);
      return shared.get(key);
    });

  beforeAll(async () => {
    server = await startRedis(locked);
  });
  afterEach(async () => {
    await texts?.close();
    expect(logged.join()).not.toContain(password);
  });
  afterAll(() => server?.stop());

  it('are told with what is left of their time, and kept no longer', async () => {
    const shared = open({ url: urlOf(server) });
    expect(await timed(shared.get('a'))).toBeNull();
    const { text, ttl_ms } = await untilTold(shared, 'a');
    expect(text).toBe('text of a');
    expect(ttl_ms).toBeGreaterThan(50_000);
    expect(ttl_ms).toBeLessThanOrEqual(60_000);
    shared.put('short', 'gone soon', 50);
    await until('it to be gone', async () => (await shared.get('short')) === null);
    shared.put('long', 'x'.repeat(1_000_000), 60_000);
    expect(await shared.get('long')).toBeNull();
    expect(looked_up).toEqual(expect.arrayContaining(['away', 'miss', 'hit']));
  });

  it('hold nobody up while the server stands still, and are back when it goes on', async () => {
    const shared = open({ url: urlOf(server) });
    await untilTold(shared, 'b');
    looked_up.length = 0;
    server.signal('SIGSTOP');
    const during = [await timed(shared.get('b'))];
    for (let i = 0; i < 100; i++) during.push(await timed(shared.get('b')));
    expect(during.every(found => found === null)).toBe(true);
    // One has waited for it, and from then on nobody.
    expect(looked_up.filter(result => result === 'late')).toHaveLength(1);
    // Long enough for the connection to be given up.
    await until('it to be given up', async () => logged.join().includes('is away'));
    await timed(shared.get('b'));
    server.signal('SIGCONT');
    await untilTold(shared, 'b');
  });

  it('hold nobody up while the server is gone, and are back when it is', async () => {
    const shared = open({ url: urlOf(server) });
    await untilTold(shared, 'c');
    await server.stop();
    for (let i = 0; i < 100; i++) expect(await timed(shared.get('c'))).toBeNull();
    server = await startRedis(locked, server.port);
    await untilTold(shared, 'c');
  });

  it('take TLS with an authority of their own, and no server that it does not know', async () => {
    const dir = freshDir();
    const authority = createAuthority(dir);
    const { path } = authority.issue('redis', 'IP:127.0.0.1');
    const tls = await startRedis([
      ...locked,
      ...['--tls-port', 'PORT', '--tls-auth-clients', 'no', '--tls-ca-cert-file', authority.ca_path],
      ...['--tls-cert-file', path, '--tls-key-file', path],
    ]);
    try {
      const url = urlOf(tls).replace('redis:', 'rediss:');
      await untilTold(open({ url, ca: authority.ca }), 'd');
      await texts?.close();
      const stranger = open({ url });
      await until('it to be refused', async () => logged.join().includes('is away'));
      expect(await stranger.get('d')).toBeNull();
    } finally {
      await tls.stop();
    }
  });

  it('are away to whoever has the wrong password, and to nobody listening', async () => {
    const wrong = open({ url: `redis://:wrong-password@127.0.0.1:${server.port}` });
    await until('it to be refused', async () => logged.join().includes('is away'));
    expect(logged.join()).not.toContain('wrong-password');
    expect(await timed(wrong.get('a'))).toBeNull();
    await texts?.close();
    const [nobody] = await freePorts(1);
    expect(await timed(open({ url: `redis://127.0.0.1:${nobody}` }).get('a'))).toBeNull();
  });
});

describe('two instances of the api', () => {
  const dir = freshDir();
  const secret = 'a-secret-that-both-instances-share';
  let redis: RedisServer;
  let kafka: KafkaService;
  let clickhouse: ClickHouseService;
  const apis: { role: Role; url: string }[] = [];

  beforeAll(async () => {
    [kafka, clickhouse, redis] = await Promise.all([
      startKafka({ data_dir: join(dir, 'kafka'), user: 'team', password: 'broker-secret', onExit: () => undefined }),
      startClickHouse({ data_dir: join(dir, 'ch'), user: 'team', password: 'db-secret', onExit: () => undefined }),
      startRedis(locked),
    ]);
    const [nobody, ...ports] = await freePorts(3);
    const env = {
      PATH: process.env.PATH ?? '',
      KAFKA_BROKERS: kafka.bootstrap,
      KAFKA_SASL_USERNAME: 'team',
      KAFKA_SASL_PASSWORD: 'broker-secret',
      CLICKHOUSE_URL: clickhouse.url,
      CLICKHOUSE_USER: 'team',
      CLICKHOUSE_PASSWORD: 'db-secret',
      MILLRACE_JWT_SECRET: secret,
      MILLRACE_INGEST_URL: `http://127.0.0.1:${nobody}`,
      MILLRACE_DATA_DIR: join(dir, 'data'),
      REDIS_URL: `redis://:${password}@127.0.0.1:${redis.port}`,
    };
    for (const command of ['topics', 'migrate'])
      expect(await runCommand([command], '', env)).toMatchObject({ code: 0 });
    for (const port of ports) {
      const role = await startRole('api', { ...env, MILLRACE_API_PORT: String(port) });
      apis.push({ role, url: `http://127.0.0.1:${port}` });
      await until('it to listen', async () => (await role.readiness())?.state === 'waiting');
      await until('the cache', async () => role.output().includes('the shared cache is there'));
    }
  });
  afterAll(async () => {
    await Promise.all(apis.map(({ role }) => role.stop()));
    await Promise.all([redis?.stop(), kafka?.stop(), clickhouse?.stop()]);
  });

  async function ask(at: number, path: string): Promise<{ status: number; etag: string | null; text: string }> {
    const authorization = `Bearer ${await createTokens(secret).sign('test', 'viewer')}`;
    const response = await fetch(new URL(path, apis[at]?.url), { headers: { authorization } });
    return { status: response.status, etag: response.headers.get('etag'), text: await response.text() };
  }
  const shared = (at: number, result: string): Promise<number> =>
    apis[at]!.role.metric(`answer_cache_shared_lookups_total{result="${result}"`);

  const notTold = async (): Promise<number> => ((await shared(0, 'late')) || 0) + ((await shared(0, 'away')) || 0);
  let limit = 0;

  it('tell each other what they have worked out, and answer without it', async () => {
    // On a busy machine the cache may be late, which is what it is for: then the other works it out, too.
    await until('one to be told', async () => {
      const path = `/api/emails?limit=${++limit}`;
      expect((await ask(0, path)).status).toBe(200);
      expect(await ask(1, path)).toEqual(await ask(0, path));
      return (await shared(1, 'hit')) > 0;
    });

    const before = await notTold();
    redis.signal('SIGSTOP');
    for (let i = 0; i < 10; i++) expect((await ask(0, `/api/emails?limit=${++limit}`)).status).toBe(200);
    expect(await notTold()).toBe(before + 10);
    await redis.stop();
    expect((await ask(0, `/api/emails?limit=${++limit}`)).status).toBe(200);
    for (const { role } of apis) expect(role.output()).not.toContain(password);
  });
});
