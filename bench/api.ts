/**
 * What the api costs beside servers that do nothing but answer. A mail is asked for again and again of a whole Millrace, of
 * uWebSockets.js and of Fastify, the two with Millrace's own answer in memory; and queries go to ClickHouse through
 * `/sql` and directly. One load generator for all, in a process of its own; the contestants take turns.
 */
import { join } from 'node:path';
import { openDataDir } from '../cli/data-dir.ts';
import { type Instance, startInstance, until } from '../test/instance.ts';
import type { LoadResult, LoadTask } from './api/load.ts';
import type { Answer } from './peers/http/answer.ts';
import { usageOfProcess } from './processes.ts';
import { type Program, startProgram } from './program.ts';
import { median } from './quantiles.ts';

export interface ApiBenchOptions {
  readonly dir: string;
  /** Of each measurement, after the warm-up. */
  readonly seconds: number;
  readonly repetitions: number;
  /** At once, for the mail; queries are asked one after another. */
  readonly connections: number;
  progress(line: string): void;
}

const peerNames = ['uwebsockets', 'fastify'] as const;
const servers = ['millrace', ...peerNames] as const;
/** A mail told whole, and one that whoever asks has already. */
const reads = ['get', 'not_modified'] as const;
const queries = ['short', 'long', 'large'] as const;
const ways = ['through', 'direct'] as const;
type Peer = (typeof peerNames)[number];
type Server = (typeof servers)[number];
type Read = (typeof reads)[number];
type Query = (typeof queries)[number];
type Way = (typeof ways)[number];

interface Measured extends LoadResult {
  /** Microseconds of processor time a request, of the server and of the engine where it asks one. */
  readonly cpu_us: number;
}
interface Rate extends Pick<Measured, 'requests_per_second' | 'p50_ms' | 'p99_ms' | 'cpu_us'> {}

export interface ApiResult {
  readonly name: 'api';
  /** Requests a second for a mail told whole, against uWebSockets.js: medians of each repetition's ratio, as are all ratios. */
  readonly ratio: number;
  readonly ratios: Readonly<Record<Read, Readonly<Record<Peer, number>>>>;
  /**
   * Of a peer's processor time a request to ours. Against servers quicker than the load generator this tells more than requests
   * a second do.
   */
  readonly cpu_ratios: Readonly<Record<Read, Readonly<Record<Peer, number>>>>;
  readonly medians: Readonly<Record<Read, Readonly<Record<Server, Rate>>>>;
  readonly sql: Readonly<Record<Query, SqlResult>>;
  readonly runs: readonly Run[];
}

export interface SqlResult {
  /** The median query of ClickHouse asked directly, divided by the one through `/sql`. */
  readonly ratio: number;
  /** What `/sql` adds to the median query. */
  readonly added_ms: number;
  readonly medians: Readonly<Record<Way, Rate>>;
}

interface Run {
  readonly reads: Readonly<Record<Read, Readonly<Record<Server, Measured>>>>;
  readonly sql: Readonly<Record<Query, Readonly<Record<Way, Measured>>>>;
}

/** A request that can be asked again and again, and what each reply must be. */
interface Target extends Pick<LoadTask, 'port' | 'request' | 'status' | 'body_bytes'> {
  /** Whose processor time it takes. */
  readonly pids: readonly number[];
}

const warm_up_seconds = 1;

export async function benchApi(options: ApiBenchOptions): Promise<ApiResult> {
  const { dir, repetitions, progress } = options;
  progress('starting, with the sample company');
  const instance = await startInstance({ data_dir: join(dir, 'data'), sample: true });
  const program = (path: string): Program => startProgram(new URL(path, import.meta.url));
  const peers = { uwebsockets: program('peers/http/uwebsockets.js'), fastify: program('peers/http/fastify.js') };
  const load = program('api/load.js');
  const { seconds, connections } = options;
  const measure = (target: Target, at_once: number): Promise<Measured> =>
    measureOne(load, target, { seconds, connections: at_once });
  const runs: Run[] = [];
  try {
    await until('the sample company', () => isSettled(instance), 120_000);
    const mail = await mailTargets(instance, peers);
    const sql = await sqlTargets(instance);
    for (let i = 0; i < repetitions; i++) {
      const run = {
        reads: await each(reads, read => each(inTurn(servers, i), server => measure(mail[read][server], connections))),
        sql: await each(queries, query => each(inTurn(ways, i), way => measure(sql[query][way], 1))),
      };
      runs.push(run);
      for (const [name, rates] of Object.entries({ ...run.reads, ...run.sql })) progress(told(name, rates));
    }
  } finally {
    for (const one of [load, ...Object.values(peers)]) await one.stop();
    await instance.stop();
  }
  return resultOf(runs);
}

/** Nobody is always the first. */
const inTurn = <Name>(names: readonly Name[], repetition: number): readonly Name[] =>
  repetition % 2 === 0 ? names : [...names].reverse();

/** In this order, one after another. */
async function each<Name extends string, T>(
  names: readonly Name[],
  work: (name: Name) => Promise<T>,
): Promise<Record<Name, T>> {
  const done: [Name, T][] = [];
  for (const name of names) done.push([name, await work(name)]);
  return Object.fromEntries(done) as Record<Name, T>;
}

async function isSettled(instance: Instance): Promise<boolean> {
  const { balanced, sources } = await instance.json<{ balanced: boolean; sources: { done: boolean }[] }>(['reconcile']);
  return balanced && sources.length > 0 && sources.every(({ done }) => done);
}

const cpuSeconds = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + (usageOfProcess(pid)?.cpu_seconds ?? Number.NaN), 0);

async function measureOne(
  load: Program,
  { pids, ...target }: Target,
  { seconds, connections }: Pick<LoadTask, 'seconds' | 'connections'>,
): Promise<Measured> {
  const before = cpuSeconds(pids);
  const task: LoadTask = { ...target, connections, seconds, warm_up_seconds };
  const result = await load.ask<LoadResult>(task);
  if (result.requests === 0) throw new Error(`no reply within ${seconds} s`);
  return { ...result, cpu_us: ((cpuSeconds(pids) - before) * 1e6) / result.requests_in_all };
}

// ── A mail ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What a server says of itself and of the connection, and each in its own way. */
const own_headers = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'transfer-encoding',
  'uwebsockets',
  'x-request-id',
]);

async function mailTargets(
  instance: Instance,
  peers: Readonly<Record<Peer, Program>>,
): Promise<Record<Read, Record<Server, Target>>> {
  const token = await instance.token();
  const headers = { authorization: `Bearer ${token}` };
  const { items } = (await (await instance.fetch('/api/emails?limit=1')).json()) as { items: { id: string }[] };
  const path = `/api/emails/${encodeURIComponent(items[0]?.id ?? '')}`;
  const answer = await answerOf(Number(new URL(instance.url).port), path, headers);
  const api = { port: Number(new URL(instance.url).port), pids: [instance.pid('api'), instance.pid('clickhouse')] };
  const target = async (read: Read, { port, pids }: Pick<Target, 'port' | 'pids'>): Promise<Target> => {
    const asking = read === 'get' ? headers : { ...headers, 'if-none-match': answer.headers.etag ?? '' };
    const asked = await answerOf(port, path, asking);
    const { status, body_bytes } =
      read === 'get' ? { status: 200, body_bytes: Buffer.byteLength(answer.body) } : { status: 304, body_bytes: 0 };
    const expected = { status, headers: answer.headers, body: read === 'get' ? answer.body : '' };
    if (JSON.stringify(asked) !== JSON.stringify(expected)) throw new Error('a peer answers otherwise than Millrace');
    return { port, pids, status, body_bytes, request: requestOf('GET', path, asking) };
  };
  const listening = await each(peerNames, async name => {
    const { port } = await peers[name].ask<{ port: number }>({ headers: answer.headers, body: answer.body });
    return { port, pids: [peers[name].pid] };
  });
  return each(reads, read => each(servers, name => target(read, name === 'millrace' ? api : listening[name])));
}

async function answerOf(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Answer & { status: number }> {
  const response = await fetch(new URL(path, `http://127.0.0.1:${port}`), { headers });
  const told = [...response.headers].filter(([name]) => !own_headers.has(name));
  return { status: response.status, headers: Object.fromEntries(told), body: await response.text() };
}

function requestOf(method: string, path: string, headers: Readonly<Record<string, string>>, body = ''): string {
  const length = method === 'POST' ? { 'content-length': String(Buffer.byteLength(body)) } : {};
  const lines = Object.entries({ host: '127.0.0.1', ...headers, ...length }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}

// ── Queries ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A page of mails: a few milliseconds, in which every step between asker and engine shows. */
const short_query = `SELECT email_id, sender, subject, importance FROM messages
  ORDER BY received_at DESC, email_id DESC LIMIT 50 FORMAT JSONEachRow`;
/** A hundred rows for much work. */
const longQuery = (
  numbers: number,
): string => `SELECT number % 100 AS bucket, count() AS numbers, sum(sipHash64(number)) AS hash
  FROM numbers_mt(${numbers}) GROUP BY bucket ORDER BY bucket FORMAT JSONEachRow`;
/** Many rows for little work: 16 MB to hand on. */
const large_query = `SELECT number, reinterpretAsUInt64(reverse(reinterpretAsString(number))) AS reversed
  FROM numbers(1000000) FORMAT RowBinary`;
/** What the long query takes at its quickest; how much work that is differs between machines. */
const long_ms_min = 50;
const long_tries = 5;
const least_numbers = 1_000_000;

async function sqlTargets(instance: Instance): Promise<Record<Query, Record<Way, Target>>> {
  const dir = openDataDir(instance.data_dir);
  const engine = new URL(dir.readRun()?.clickhouse ?? '');
  const pids = [instance.pid('clickhouse')];
  const asked: Record<
    Way,
    Omit<Target, 'request' | 'status' | 'body_bytes'> & { path: string; headers: Record<string, string> }
  > = {
    through: {
      port: Number(new URL(instance.url).port),
      path: '/sql',
      headers: { authorization: `Bearer ${await instance.token('admin')}` },
      pids: [...pids, instance.pid('api')],
    },
    direct: {
      port: Number(engine.port),
      path: '/?database=millrace',
      headers: { 'x-clickhouse-user': 'default', 'x-clickhouse-key': dir.secrets().clickhouse },
      pids,
    },
  };
  const ask = async (way: Way, query: string): Promise<Buffer> => {
    const { port, path, headers } = asked[way];
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: query, headers });
    if (response.status !== 200) throw new Error(`${way}: ${await response.text()}`);
    return Buffer.from(await response.arrayBuffer());
  };
  const targets = async (query: string): Promise<Record<Way, Target>> => {
    const answers = await each(ways, way => ask(way, query));
    if (!answers.through.equals(answers.direct)) throw new Error('/sql answers otherwise than ClickHouse');
    return each(ways, async way => {
      const { port, path, headers, pids } = asked[way];
      return {
        port,
        pids,
        request: requestOf('POST', path, headers, query),
        status: 200,
        body_bytes: answers[way].length,
      };
    });
  };
  const isLong = async (query: string): Promise<boolean> => {
    for (let i = 0; i < long_tries; i++) {
      const began_at_ms = performance.now();
      await ask('direct', query);
      if (performance.now() - began_at_ms < long_ms_min) return false;
    }
    return true;
  };
  let numbers = least_numbers;
  while (!(await isLong(longQuery(numbers)))) numbers *= 2;
  return {
    short: await targets(short_query),
    long: await targets(longQuery(numbers)),
    large: await targets(large_query),
  };
}

// ── Results ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function resultOf(runs: readonly Run[]): ApiResult {
  const medianOf = (of: (run: Run) => number): number => median(runs.map(of));
  const rateOf = (of: (run: Run) => Measured): Rate => ({
    requests_per_second: medianOf(run => of(run).requests_per_second),
    p50_ms: medianOf(run => of(run).p50_ms),
    p99_ms: medianOf(run => of(run).p99_ms),
    cpu_us: medianOf(run => of(run).cpu_us),
  });
  const by = <Name extends string, T>(names: readonly Name[], value: (name: Name) => T): Record<Name, T> =>
    Object.fromEntries(names.map(name => [name, value(name)])) as Record<Name, T>;
  const against = (ratio: (ours: Measured, theirs: Measured) => number): ApiResult['ratios'] =>
    by(reads, read => by(peerNames, peer => medianOf(run => ratio(run.reads[read].millrace, run.reads[read][peer]))));
  const ratios = against((ours, theirs) => ours.requests_per_second / theirs.requests_per_second);
  return {
    name: 'api',
    ratio: ratios.get.uwebsockets,
    ratios,
    cpu_ratios: against((ours, theirs) => theirs.cpu_us / ours.cpu_us),
    medians: by(reads, read => by(servers, server => rateOf(run => run.reads[read][server]))),
    sql: by(queries, query => ({
      ratio: medianOf(({ sql }) => sql[query].direct.p50_ms / sql[query].through.p50_ms),
      added_ms: medianOf(({ sql }) => sql[query].through.p50_ms - sql[query].direct.p50_ms),
      medians: by(ways, way => rateOf(run => run.sql[query][way])),
    })),
    runs,
  };
}

const told = (name: string, rates: Readonly<Record<string, Measured>>): string =>
  `${name.padEnd(12)} ${Object.entries(rates)
    .map(
      ([who, { requests_per_second, p50_ms, p99_ms, cpu_us }]) =>
        `${who} ${requests_per_second.toFixed(1)}/s (p50 ${p50_ms}, p99 ${p99_ms} ms, ${Math.round(cpu_us)} µs)`,
    )
    .join(', ')}`;
