/**
 * The clients that people use, each against the embedded ClickHouse as who may write, and against the query API's /sql as
 * who may only read. The programs of other languages are in `clients/`; what they run on is fetched on the way.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type ClickHouseClient, createClient, type DataFormat } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClickHouseService, startClickHouse } from '../embedded/clickhouse/index.ts';
import { rows_running_max } from '../embedded/clickhouse/threads.ts';
import { createClickHouse } from '../lib/clickhouse.ts';
import { type HttpServer, serveHttp, text } from '../lib/http.ts';
import { createLog } from '../lib/log.ts';
import { createMetrics } from '../lib/metrics.ts';
import { guarded } from '../query-api/auth/access.ts';
import { createTokens } from '../query-api/auth/tokens.ts';
import { createVerifier } from '../query-api/auth/verifier.ts';
import { sqlRoutes } from '../query-api/routes/sql.ts';
import { createSandbox } from '../query-api/sql/sandbox.ts';
import { Slots } from '../query-api/sql/slots.ts';
import { execute, prepare } from './foreign-program.ts';
import { until } from './instance.ts';

const user = 'millrace';
const password = 'a-generated-secret';
const run_ms_max = 90_000;
const programs = join(import.meta.dirname, 'clients');
const work_dir = mkdtempSync(join(tmpdir(), 'millrace-clients-'));

const columns = `u64 UInt64, s String, t DateTime64(3, 'UTC'), n0 Nullable(Int32), n1 Nullable(Int32), a Array(UInt8),
  lc LowCardinality(String), m Map(String, UInt8), f Float64, d Decimal(18, 2), e Enum8('a' = 1, 'b' = 2), u UUID,
  tp Tuple(UInt8, String), b Bool, dt Date`;
const row = String.raw`18446744073709551615, 'é"\n\'\t\\', '2026-01-02 03:04:05.678', NULL, 7, [1, 2, 3], 'low', map('k', 1), 0.5,
  12.34, 'b', '61f0c404-5cb3-11e7-907b-a6006ad3dba0', (1, 'z'), true, '2026-01-02'`;
const types = {
  ...{ u64: '18446744073709551615', s: 'é"\n\'\t\\', t: '2026-01-02T03:04:05.678Z', n0: null, n1: 7, a: [1, 2, 3] },
  ...{ lc: 'low', m: { k: 1 }, f: 0.5, d: '12.34', e: 'b', u: '61f0c404-5cb3-11e7-907b-a6006ad3dba0', tp: [1, 'z'] },
  ...{ b: true, dt: '2026-01-02' },
};

interface Front {
  readonly address: string;
  readonly path: string;
  readonly user: string;
  readonly password: string;
  readonly writes: boolean;
}

let service: ClickHouseService;
let api: HttpServer;
let writer: ClickHouseClient;
const fronts: Partial<Record<'embedded' | 'sql', Front>> = {};

beforeAll(async () => {
  service = await startClickHouse({ data_dir: join(work_dir, 'data'), user, password, onExit: () => {} });
  const clickhouse = { url: service.url, user, password, database: 'default' };
  const tokens = createTokens('a secret of at least thirty-two bytes');
  const verifier = createVerifier(tokens);
  const tables = createClickHouse(clickhouse);
  const databases = { of: async () => tables };
  const routes = sqlRoutes({
    ...{ clickhouse, verifier, databases },
    sandbox: createSandbox({ clickhouse: tables }),
    slots: new Slots(),
    page: async () => text(200, 'the page'),
  });
  api = await serveHttp({
    host: '127.0.0.1',
    port: 0,
    routes: routes.map(route =>
      guarded(route, { verifier, databases, audit: { tell: async () => undefined }, limiter: null }),
    ),
    metrics: createMetrics('test'),
    log: createLog('test', 'silent'),
  });
  const token = await tokens.sign('ada', 'admin');
  fronts.embedded = { address: new URL(service.url).host, path: '', user, password, writes: true };
  fronts.sql = { address: new URL(api.url).host, path: '/sql', user: 'anyone', password: token, writes: false };
  writer = clientOf('embedded');
  for (const table of ['seen', 'by_go', 'by_python', 'by_java', 'by_js']) {
    await writer.command({ query: `CREATE TABLE ${table} (${columns}) ENGINE = MergeTree ORDER BY u64` });
  }
  await writer.command({ query: `INSERT INTO seen VALUES (${row})` });
});

afterAll(async () => {
  await writer?.close();
  await api?.close();
  await service?.stop();
  rmSync(work_dir, { recursive: true, force: true });
});

function frontOf(name: keyof typeof fronts): Front {
  const front = fronts[name];
  if (!front) throw new Error(`${name} did not start`);
  return front;
}

function clientOf(name: keyof typeof fronts, compressed = false): ClickHouseClient {
  const front = frontOf(name);
  return createClient({
    url: `http://${front.address}`,
    pathname: front.path,
    username: front.user,
    password: front.password,
    compression: { response: compressed, request: compressed },
    log: { level: 127 },
  });
}

// ── Programs of other languages ──────────────────────────────────────────────────────────────────────────────────────

const path = (...parts: string[]): string => join(work_dir, ...parts);
const in_go = join(programs, 'go');
const python = path('venv', 'bin', 'python');
const requirements = ['install', '--quiet', '--requirement', join(programs, 'python', 'requirements.txt')];
const jars = ['-q', '-B', '-f', join(programs, 'java', 'pom.xml'), 'dependency:copy-dependencies'];

/** At once: most of it waits for the network. */
const prepared = {
  go: prepare(['go'], [['go', ['build', '-o', path('go-client'), '.'], in_go]], {
    command: path('go-client'),
    args: [],
  }),
  python: prepare(
    ['python3'],
    [
      ['python3', ['-m', 'venv', '--without-pip', path('venv')]],
      ['python3', ['-m', 'pip', '--python', python, ...requirements]],
    ],
    { command: python, args: [join(programs, 'python', 'main.py')] },
  ),
  java: prepare(['java', 'mvn'], [['mvn', [...jars, `-DoutputDirectory=${path('jars')}`, '-DincludeScope=runtime']]], {
    command: 'java',
    args: ['-XX:TieredStopAtLevel=1', '-cp', path('jars', '*'), join(programs, 'java', 'Main.java')],
  }),
};

/** What the program printed, or the reason why it could not be run. */
async function seenBy(language: keyof typeof prepared, name: keyof typeof fronts): Promise<Seen | string> {
  const program = await prepared[language];
  if (typeof program === 'string') {
    process.stderr.write(`skipped, ${language} against ${name}: ${program}\n`);
    return program;
  }
  const front = frontOf(name);
  const [host = '', port = ''] = front.address.split(':');
  const env = {
    TABLE: 'seen',
    INSERT: front.writes ? `by_${language}` : '',
    CLICKHOUSE_ADDRESS: front.address,
    CLICKHOUSE_HOST: host,
    CLICKHOUSE_PORT: port,
    CLICKHOUSE_PATH: front.path,
    CLICKHOUSE_URL: `http://${front.address}/default`,
    CLICKHOUSE_USER: front.user,
    CLICKHOUSE_PASSWORD: front.password,
    JAVA_TOOL_OPTIONS: '-Dfile.encoding=UTF-8',
  };
  const { stdout, error } = await execute(program.command, program.args, { env, ms_max: run_ms_max });
  if (error) throw new Error(error);
  const seen = JSON.parse(stdout) as Seen;
  process.stderr.write(`${language} against ${name}: client ${seen.version}\n`);
  return seen;
}

interface Seen {
  readonly version: string;
  readonly bound: string;
  /** By how the answer was compressed. */
  readonly reads: Record<string, unknown>;
  readonly inserted?: Record<string, unknown>;
  readonly errors: { syntax: unknown; create: unknown };
  readonly [more: string]: unknown;
}

const each = (methods: string[], value: unknown): Record<string, unknown> =>
  Object.fromEntries(methods.map(method => [method, value]));

/** What all of them have to see. `fault` is the error in the middle of a result. */
function expectSeen(seen: Seen, methods: string[], writes: boolean, fault: unknown = 395): void {
  expect(seen.reads).toEqual(each(methods, { rows: 300_000, fault, unknown: 60, types }));
  expect(seen.bound).toBe("it's\ta \\ 'quote'");
  expect(seen.errors).toEqual({ syntax: 62, create: writes ? null : 164 });
  expect(seen.inserted).toEqual(writes ? each(methods, { rows: 1_000, types }) : undefined);
}

describe.each(['embedded', 'sql'] as const)('against %s', name => {
  const writes = name === 'embedded';

  it('clickhouse-go, and what Grafana asks through it', async context => {
    const seen = await seenBy('go', name);
    if (typeof seen === 'string') return context.skip(seen);
    expectSeen(seen, ['none', 'gzip', 'deflate', 'br', 'lz4', 'zstd'], writes);
    expect(seen.editor).toMatchObject({ databases: 4, columns: 15, series: 1 });
    const { tables, functions } = seen.editor as { tables: number; functions: number };
    expect(tables).toBeGreaterThanOrEqual(5);
    expect(functions).toBeGreaterThan(1_000);
    expect(seen.cancelled).toBe(true);
  });

  it('clickhouse-connect', async context => {
    const seen = await seenBy('python', name);
    if (typeof seen === 'string') return context.skip(seen);
    expectSeen(seen, ['none', 'gzip', 'lz4', 'zstd', 'any'], writes);
    expect(seen).toMatchObject({ ping: true, limited: 1, raw: '{"one":1}\n' });
    expect(seen.session).toEqual(writes ? { threads: 3, sum: 3 } : undefined);
  });

  it('the JDBC driver', async context => {
    const seen = await seenBy('java', name);
    if (typeof seen === 'string') return context.skip(seen);
    // The driver does not read the exception block; that the body breaks off makes it an error all the same.
    expectSeen(seen, ['none', 'lz4', 'http', 'both'], writes, expect.any(String));
    expect(seen.columns).toBe(15);
  });

  it.each([false, true])('@clickhouse/client, compressed: %s', async compressed => {
    const client = clientOf(name, compressed);
    const read = async (format: DataFormat) => (await client.query({ query: 'SELECT * FROM seen', format })).text();
    const inJson = { ...types, t: '2026-01-02 03:04:05.678', u64: Number(types.u64), d: 12.34 };
    expect(JSON.parse(await read('JSONEachRow'))).toEqual(inJson);
    expect(JSON.parse(await read('JSON'))).toMatchObject({ data: [inJson], rows: 1 });
    expect(await read('CSVWithNames')).toContain('"2026-01-02 03:04:05.678",\\N,7,"[1,2,3]"');

    const counted = async (query: string, format: 'JSONEachRow' | 'JSONCompactEachRow' | 'TabSeparated') => {
      let rows = 0;
      for await (const batch of (await client.query({ query, format })).stream()) rows += batch.length;
      return rows;
    };
    expect(await counted('SELECT number FROM numbers(300000)', 'JSONCompactEachRow')).toBe(300_000);
    expect(await counted('SELECT number FROM numbers(300000)', 'TabSeparated')).toBe(300_000);
    await expect(counted('SELECT throwIf(number = 1500000) FROM numbers(2000000)', 'JSONEachRow')).rejects.toThrow();
    await expect(client.query({ query: 'SELEC 1' })).rejects.toMatchObject({ code: '62' });
    await expect(client.query({ query: 'SELECT * FROM nowhere' })).rejects.toMatchObject({ code: '60' });
    expect((await client.ping()).success).toBe(true);

    const values = Readable.from(Array.from({ length: 2_000 }, () => inJson));
    const insert = client.insert({ table: 'by_js', values, format: 'JSONEachRow' });
    if (writes) expect((await insert).summary?.written_rows).toBe('2000');
    else await expect(insert).rejects.toMatchObject({ code: '164' });
    await client.close();
  });

  it('gives the engine’s places back when clients go away in the middle of a result', async () => {
    const { address, path: pathname, ...front } = frontOf(name);
    const headers = { authorization: `Basic ${Buffer.from(`${front.user}:${front.password}`).toString('base64')}` };
    const body = "SELECT number, 'left behind' FROM numbers(100000000000)";
    const leave = async () => {
      const gone = new AbortController();
      const answer = await fetch(`http://${address}${pathname}`, {
        method: 'POST',
        headers,
        body,
        signal: gone.signal,
      });
      await answer.body?.getReader().read();
      gone.abort();
    };
    // Twice as many as there are places: the second half waits for what the first gives back.
    await Promise.all(Array.from({ length: 2 * rows_running_max }, leave));
    const query =
      "SELECT count() AS n FROM system.processes WHERE query LIKE '%left behind%' AND query NOT LIKE '%processes%'";
    await until('all to be ended', async () => {
      const [running] = await (await writer.query({ query, format: 'JSONEachRow' })).json<{ n: number }>();
      return running?.n === 0;
    });
  });

  it('tells a wrong password as ClickHouse does', async () => {
    const { address, path: pathname } = frontOf(name);
    const stranger = createClient({
      url: `http://${address}`,
      pathname,
      username: user,
      password: 'wrong',
      log: { level: 127 },
    });
    await expect(stranger.query({ query: 'SELECT 1' })).rejects.toMatchObject({ code: '516' });
    await stranger.close();
  });
});

it('the query API caps what a reader may set, and refuses the rest', async () => {
  const client = clientOf('sql');
  const limit = "SELECT getSetting('max_execution_time') AS s, getSetting('readonly') AS r";
  const asked = async (clickhouse_settings: Record<string, string>) =>
    (await client.query({ query: limit, format: 'JSONEachRow', clickhouse_settings })).json();
  expect(await asked({ max_execution_time: '86400' })).toEqual([{ s: 300, r: 1 }]);
  expect(await asked({ max_execution_time: '5', readonly: '0' })).toEqual([{ s: 5, r: 1 }]);
  await expect(asked({ max_memory_usage: '0' })).rejects.toMatchObject({ code: '164' });
  const withClause = client.query({ query: 'SELECT 1 SETTINGS max_execution_time = 0' });
  await expect(withClause).rejects.toMatchObject({ code: '164' });
  await client.close();
});
