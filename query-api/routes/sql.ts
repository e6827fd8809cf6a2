/**
 * SQL in ClickHouse's own HTTP protocol, read-only, so that any ClickHouse client connects.
 *
 * The engine sees our credentials, never the caller's. Whatever would widen what a request may do is taken off it, and
 * `readonly` is set by us. The embedded engine is no sandbox even so: hence administrators on this machine only.
 */
import type { ClickHouseConfig } from '../../lib/clickhouse.ts';
import { type HttpRequest, Problem, type Reply, text } from '../../lib/http.ts';
import { forward } from '../../lib/http-proxy.ts';
import { type ApiRoute, identify, requireAccess, requireLoopback } from '../auth/access.ts';
import type { Verifier } from '../auth/identity.ts';
import { execution_s_max, type Refusal, readParameters } from './sql-parameters.ts';

const sql_bytes_max = 1_048_576;
/** Beyond the engine's own limit, whose error tells more. */
const answer_ms_max = (execution_s_max + 10) * 1_000;

export interface SqlRoutes {
  readonly clickhouse: ClickHouseConfig;
  readonly verifier: Verifier;
  /** What a browser gets at `/`. */
  page(request: HttpRequest): Promise<Reply>;
}

export function sqlRoutes(parts: SqlRoutes): ApiRoute[] {
  // `open`, because ClickHouse's clients carry the token in places of their own, looked up below.
  const common = { access: 'open', body_bytes_max: sql_bytes_max } as const;
  const query = (request: HttpRequest): Promise<Reply> => run(request, parts);
  return [
    { ...common, method: 'GET', path: '/sql', handler: query },
    { ...common, method: 'POST', path: '/sql', handler: query },
    { ...common, method: 'GET', path: '/', handler: request => front(request, parts) },
    { ...common, method: 'POST', path: '/', handler: query },
    // Clients ask below the path that they were given.
    { ...common, method: 'GET', path: '/ping', handler: async () => text(200, 'Ok.\n') },
    { ...common, method: 'GET', path: '/sql/ping', handler: async () => text(200, 'Ok.\n') },
  ];
}

/** A browser asks for the page; ClickHouse's clients ask for `Ok.` or for a query's rows. */
async function front(request: HttpRequest, parts: SqlRoutes): Promise<Reply> {
  if (request.query.has('query')) return run(request, parts);
  return (request.headers.get('accept') ?? '').includes('text/html') ? parts.page(request) : text(200, 'Ok.\n');
}

async function run(request: HttpRequest, parts: SqlRoutes): Promise<Reply> {
  try {
    return await ask(request, parts);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return faultReply(error.status, faultOf(error), error.headers);
  }
}

async function ask(request: HttpRequest, { clickhouse, verifier }: SqlRoutes): Promise<Reply> {
  requireLoopback(request);
  requireAccess(await identify(tokenOf(request), verifier), 'admin');
  const parameters = readParameters(request.query);
  if ('code' in parameters) return faultReply(parameters.code === 164 ? 500 : 400, parameters);
  return forward({
    url: targetOf(clickhouse, parameters, request.headers.has('x-clickhouse-database')),
    method: request.method === 'HEAD' ? 'GET' : request.method,
    headers: { ...passedOn(request.headers), ...credentials(clickhouse) },
    body: request.method === 'POST' ? request.stream() : null,
    signal: request.signal,
    answer_ms_max,
    ca: clickhouse.tls?.ca,
  });
}

/** A bearer token, or the token in place of a ClickHouse password: header, basic sign-in, or parameter. */
export function tokenOf({ headers, query }: Pick<HttpRequest, 'headers' | 'query'>): string | null {
  const [scheme = '', value = ''] = (headers.get('authorization') ?? '').split(' ');
  if (scheme.toLowerCase() === 'bearer') return value || null;
  if (scheme.toLowerCase() === 'basic') return passwordOf(value);
  return headers.get('x-clickhouse-key') ?? query.get('password');
}

function passwordOf(basic: string): string | null {
  const [, password] = /^[^:]*:(.+)$/s.exec(Buffer.from(basic, 'base64').toString('utf8')) ?? [];
  return password ?? null;
}

function targetOf({ url, database }: ClickHouseConfig, parameters: URLSearchParams, named: boolean): URL {
  const target = new URL('/', url);
  target.search = parameters.toString();
  if (!named && !target.searchParams.get('database')) target.searchParams.set('database', database);
  return target;
}

/** ClickHouse's clients read its own form of an error: code, text, and the code in a header. */
function faultReply(status: number, { code, name, message }: Refusal, headers: Readonly<Record<string, string>> = {}) {
  const body = `Code: ${code}. DB::Exception: ${message} (${name})\n`;
  return text(status, body, { ...headers, 'x-clickhouse-exception-code': String(code), 'cache-control': 'no-store' });
}

/** Our faults by ClickHouse's names of them. */
function faultOf({ status, message }: Problem): Refusal {
  const [code, name] = codes.get(status) ?? [1_002, 'UNKNOWN_EXCEPTION'];
  return { code, name, message };
}

const codes = new Map<number, [number, string]>([
  [401, [516, 'AUTHENTICATION_FAILED']],
  [403, [497, 'ACCESS_DENIED']],
  [408, [159, 'TIMEOUT_EXCEEDED']],
  [413, [307, 'TOO_MANY_BYTES']],
  [502, [210, 'NETWORK_ERROR']],
  [504, [159, 'TIMEOUT_EXCEEDED']],
]);

const credentials = ({ user, password }: ClickHouseConfig): Record<string, string> => ({
  'x-clickhouse-user': user,
  'x-clickhouse-key': password,
});

const passed_headers = [
  'accept',
  'accept-encoding',
  'content-encoding',
  'content-type',
  'user-agent',
  'x-clickhouse-database',
  'x-clickhouse-format',
];

function passedOn(headers: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(
    passed_headers.flatMap(name => {
      const value = headers.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
