/**
 * SQL in ClickHouse's own HTTP protocol, read-only, so that any ClickHouse client connects.
 *
 * The engine sees our credentials, never the caller's. Whatever would widen what a request may do is taken off it, and
 * `readonly` is set by us. The embedded engine is no sandbox even so: hence administrators on this machine only.
 */
import type { ClickHouseConfig } from '../../lib/clickhouse.ts';
import { type HttpRequest, type Reply, text } from '../../lib/http.ts';
import { forward } from '../../lib/http-proxy.ts';
import { type ApiRoute, identify, requireAccess, requireLoopback } from '../auth/access.ts';
import type { Tokens } from '../auth/tokens.ts';

const sql_bytes_max = 1_048_576;
const answer_ms_max = 300_000;

export interface SqlRoutes {
  readonly clickhouse: ClickHouseConfig;
  readonly tokens: Tokens;
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
    { ...common, method: 'GET', path: '/ping', handler: async () => text(200, 'Ok.\n') },
  ];
}

/** A browser asks for the page; ClickHouse's clients ask for `Ok.` or for a query's rows. */
async function front(request: HttpRequest, parts: SqlRoutes): Promise<Reply> {
  if (request.query.has('query')) return run(request, parts);
  return (request.headers.get('accept') ?? '').includes('text/html') ? parts.page(request) : text(200, 'Ok.\n');
}

async function run(request: HttpRequest, { clickhouse, tokens }: SqlRoutes): Promise<Reply> {
  requireLoopback(request);
  requireAccess(await identify(tokenOf(request), tokens), 'admin');
  return forward({
    url: targetOf(clickhouse, request.query),
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

/** Ours to say: who asks, and what the asker may do. */
const withheld = new Set([
  'user',
  'password',
  'quota_key',
  'role',
  'readonly',
  'allow_ddl',
  'session_id',
  'session_check',
  'session_timeout',
]);

export function targetOf({ url, database }: ClickHouseConfig, query: URLSearchParams): URL {
  const target = new URL('/', url);
  for (const [name, value] of query) if (!withheld.has(name)) target.searchParams.append(name, value);
  if (!target.searchParams.has('database')) target.searchParams.set('database', database);
  target.searchParams.set('readonly', '1');
  return target;
}

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
