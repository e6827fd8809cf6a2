/** What a role tells Sentry, as a server of its envelope endpoint gets it: nothing but what may be told. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePorts } from '../embedded/child.ts';
import { type KafkaService, startKafka } from '../embedded/kafka/index.ts';
import { createTokens } from '../query-api/auth/tokens.ts';
import { freshDir, runCommand, until } from './instance.ts';
import { type Role, startRole } from './roles.ts';

interface Event {
  level: string;
  message: string;
  release: string;
  server_name: string;
  tags: Record<string, string>;
  exception: { values: { type: string; value: string; stacktrace?: { frames: { filename?: string }[] } }[] };
}

const secret = 'a-secret-that-no-report-may-carry';
const said_by_engine =
  'Code: 6. DB::Exception: Cannot parse "Dear Ada, it is wrong" as Float64, asked by ada@acme.example. (CANNOT_PARSE_TEXT)';
const envelopes: string[] = [];
const servers: Server[] = [];
let env: Record<string, string>;
let api: Role | null = null;
let broker: KafkaService | null = null;

async function serve(handler: RequestListener): Promise<number> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

const events = (): Event[] => envelopes.map(envelope => JSON.parse(envelope.split('\n')[2] ?? '') as Event);
const reported = (wanted: (event: Event) => boolean): Promise<Event> =>
  until('a report', async () => events().find(wanted) ?? null);

beforeAll(async () => {
  const sentry = await serve(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    envelopes.push(`${Buffer.concat(chunks)}`);
    expect(request.url).toMatch(/^\/api\/7\/envelope\//);
    response.end('{}');
  });
  // An engine that refuses what it is asked, and quotes what it holds.
  const engine = await serve((_, response) => {
    response.writeHead(500, { 'x-clickhouse-exception-code': '6' }).end(said_by_engine);
  });
  const [nobody, port] = await freePorts(2);
  // Who signs in is asked of the control topics.
  const [user, password] = ['team', 'broker-secret'];
  broker = await startKafka({ data_dir: join(freshDir(), 'kafka'), user, password, onExit: () => undefined });
  env = {
    PATH: process.env.PATH ?? '',
    KAFKA_BROKERS: broker.bootstrap,
    KAFKA_SASL_USERNAME: user,
    KAFKA_SASL_PASSWORD: password,
    CLICKHOUSE_URL: `http://127.0.0.1:${engine}`,
    CLICKHOUSE_PASSWORD: 'database-secret',
    MILLRACE_JWT_SECRET: secret,
    MILLRACE_API_PORT: String(port),
    MILLRACE_INGEST_URL: `http://127.0.0.1:${nobody}`,
    MILLRACE_DATA_DIR: freshDir(),
    MILLRACE_INSTANCE: 'api-2',
    SENTRY_DSN: `http://key@127.0.0.1:${sentry}/7`,
    // Whoever sends this signal finds a bug in the process.
    NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(
      "process.on('SIGUSR2', () => { throw new TypeError('a bug') })",
    )}`,
  };
  expect(await runCommand(['topics'], '', env)).toMatchObject({ code: 0 });
  api = await startRole('api', env);
  await until('the api to listen', async () => (await api?.readiness())?.state === 'waiting');
});
afterAll(async () => {
  await api?.stop();
  await broker?.stop();
  for (const server of servers) server.close();
});

it('a request that fails is told with its route and id, and without what it held', async () => {
  const token = await createTokens(secret).sign('ada', 'viewer');
  const response = await fetch(`http://127.0.0.1:${env.MILLRACE_API_PORT}/api/emails?sender=ada@acme.example`, {
    headers: { authorization: `Bearer ${token}`, 'x-request-id': 'the-request-1' },
  });
  expect(response.status).toBe(500);
  const event = await reported(({ tags }) => tags.request_id === 'the-request-1');
  expect(event).toMatchObject({
    level: 'error',
    message: 'request failed',
    release: expect.stringMatching(/^millrace@\d/),
    server_name: 'api-2',
    tags: { role: 'api', instance: 'api-2', route: '/api/emails' },
  });
  expect(event.exception.values.at(-1)?.stacktrace?.frames.length).toBeGreaterThan(1);
  for (const untold of [
    token,
    secret,
    'database-secret',
    'broker-secret',
    'ada@acme.example',
    'Dear Ada',
    'authorization',
  ])
    expect(envelopes.join('\n')).not.toContain(untold);
});

it('what ends a process is told before it ends, and it ends with 70', async () => {
  api?.signal('SIGUSR2');
  expect(await api?.ended).toBe(70);
  const event = await reported(({ level }) => level === 'fatal');
  expect(event).toMatchObject({ message: 'ending', exception: { values: [{ type: 'TypeError', value: 'a bug' }] } });
});

it('so is what keeps it from starting, and a Sentry that is away keeps nobody from ending', async () => {
  const failing = { ...env, MILLRACE_DATA_DIR: '/dev/null/data', MILLRACE_INSTANCE: 'api-3' };
  expect(await (await startRole('api', failing)).ended).toBe(1);
  const event = await reported(({ tags }) => tags.instance === 'api-3');
  expect(event).toMatchObject({ level: 'fatal', message: 'the role could not start' });

  const [nobody] = await freePorts(1);
  const lost = await startRole('api', { ...failing, SENTRY_DSN: `http://key@127.0.0.1:${nobody}/7` });
  expect(await lost.ended).toBe(1);
});
