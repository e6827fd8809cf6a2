/**
 * SQL in ClickHouse's own HTTP protocol, read-only, so that any ClickHouse client connects.
 *
 * The engine sees our credentials, never the caller's. So what a request may do is decided here: its settings by name
 * (`sql-parameters.ts`), its statement by what it is made of (`../sql/sandbox.ts`), and `readonly` is set by us. The text that is
 * handed on is the engine's own of the statement that was looked at.
 */
import { Readable } from 'node:stream';
import type { ClickHouseConfig } from '../../lib/clickhouse.ts';
import { MillraceError } from '../../lib/errors.ts';
import { type HttpRequest, Problem, type Reply, text } from '../../lib/http.ts';
import { forward } from '../../lib/http-proxy.ts';
import { problemOf } from '../../lib/problem.ts';
import { type ApiRoute, identify, requireAccess } from '../auth/access.ts';
import type { Identity, Verifier } from '../auth/identity.ts';
import type { Databases } from '../permission/databases.ts';
import { withLimits } from '../sql/limits.ts';
import { isRefusal, quote, type Refusal, refuse, statusOf } from '../sql/refusal.ts';
import { type Given, readRequest } from '../sql/request.ts';
import type { Checked, Sandbox } from '../sql/sandbox.ts';
import { scopeOf } from '../sql/scope.ts';
import type { Slots } from '../sql/slots.ts';
import { withoutDetails } from '../sql/told-error.ts';
import { execution_s_max, readParameters, VIEW_SETTINGS, withClause } from './sql-parameters.ts';

const sql_bytes_max = 1_048_576;
/** Of what is handed on in a URL, parameters of the statement among it; servers take 1 MiB. */
const url_chars_max = 1_000_000;
/** Beyond the engine's own limit, whose error tells more. */
const answer_ms_max = (execution_s_max + 10) * 1_000;

export interface SqlRoutes {
  readonly clickhouse: ClickHouseConfig;
  readonly verifier: Verifier;
  /** What a browser gets at `/`. */
  page(request: HttpRequest): Promise<Reply>;
  /** Where each caller's tables are, as he sees them. */
  readonly databases: Pick<Databases, 'of'>;
  readonly sandbox: Sandbox;
  readonly slots: Slots;
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
    const problem = error instanceof MillraceError ? problemOf(error) : error;
    if (!(problem instanceof Problem)) throw error;
    return faultReply(problem.status, faultOf(problem), problem.headers);
  }
}

async function ask(request: HttpRequest, parts: SqlRoutes): Promise<Reply> {
  const caller = await identify(tokenOf(request), parts.verifier);
  requireAccess(caller, 'read');
  const given = await readRequest(request);
  if (isRefusal(given)) return faultReply(statusOf(given), given);
  // Not before the body is there, which may take its time; but before the statement is looked at, which the engine does too.
  const release = await parts.slots.take(caller, request.signal);
  if (typeof release !== 'function') return faultReply(statusOf(release), release, { 'retry-after': '1' });
  try {
    const reply = await replyTo(request, { given, caller }, parts);
    return { ...reply, body: releasing(reply.body ?? '', release, request.signal) };
  } catch (error) {
    release();
    throw error;
  }
}

interface Asked {
  readonly given: Given;
  readonly caller: Identity;
}

async function replyTo(request: HttpRequest, asked: Asked, parts: SqlRoutes): Promise<Reply> {
  const question = await questionOf(request, asked, parts);
  if (isRefusal(question)) return faultReply(statusOf(question), question);
  const reply = await forward({
    url: question.url,
    method: 'POST',
    headers: { ...passedOn(request.headers), ...credentials(parts.clickhouse) },
    body: Buffer.from(question.text),
    signal: request.signal,
    answer_ms_max,
    ca: parts.clickhouse.tls?.ca,
  });
  return question.limited ? withoutDetails(reply) : reply;
}

interface Question {
  readonly url: URL;
  readonly text: string;
  /** The caller may not know what is behind his views. */
  readonly limited: boolean;
}

async function questionOf(
  request: HttpRequest,
  { given, caller }: Asked,
  parts: SqlRoutes,
): Promise<Question | Refusal> {
  const parameters = readParameters(request.query);
  if (isRefusal(parameters)) return parameters;
  const scope = await scopeOf(caller, parts.databases);
  const named = request.query.get('database') || request.headers.get('x-clickhouse-database');
  const database = named || scope.database;
  const checked = await parts.sandbox.check({ ...given, database }, scope);
  if (isRefusal(checked)) return checked;
  const asked = withClause(parameters, checked.settings);
  if (isRefusal(asked)) return asked;
  const forbidden = scope.definitions ? undefined : [...asked.keys()].find(name => VIEW_SETTINGS.has(name));
  if (forbidden !== undefined) return refuse('READONLY', `Cannot modify ${quote(forbidden)} setting in readonly mode.`);
  const url = targetOf(parts.clickhouse, withLimits(asked, caller.role), { given, checked, database });
  if (url.href.length > url_chars_max) return refuse('TOO_MANY_BYTES', 'The parameters of the query are too long');
  return { url, text: checked.text, limited: !scope.definitions };
}

interface Target {
  readonly given: Given;
  readonly checked: Checked;
  readonly database: string;
}

function targetOf({ url }: ClickHouseConfig, asked: URLSearchParams, { given, checked, database }: Target): URL {
  const target = new URL('/', url);
  const search = new URLSearchParams(asked);
  search.delete('query');
  for (const [name, value] of given.params) search.set(`param_${name}`, value);
  for (const [name, value] of checked.imposed) search.set(name, value);
  search.set('database', database);
  if (checked.format !== null) search.set('default_format', checked.format);
  target.search = search.toString();
  return target;
}

/** The place is the caller's until his answer has ended, also where nobody reads it. */
function releasing(body: NonNullable<Reply['body']>, release: () => void, signal: AbortSignal): Reply['body'] {
  if (typeof body === 'string' || body instanceof Uint8Array) {
    release();
    return body;
  }
  signal.addEventListener('abort', release, { once: true });
  // It is handed on by the stream's own way, which an iterable around it would close.
  if (body instanceof Readable) {
    body.once('close', release);
    return body;
  }
  const chunks = body[Symbol.asyncIterator]();
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        try {
          const result = await chunks.next();
          if (result.done) release();
          return result;
        } catch (error) {
          release();
          throw error;
        }
      },
      async return() {
        release();
        return (await chunks.return?.()) ?? { done: true, value: undefined };
      },
    }),
  };
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
  [503, [210, 'NETWORK_ERROR']],
  [504, [159, 'TIMEOUT_EXCEEDED']],
]);

const credentials = ({ user, password }: ClickHouseConfig): Record<string, string> => ({
  'x-clickhouse-user': user,
  'x-clickhouse-key': password,
});

const passed_headers = ['accept', 'accept-encoding', 'user-agent', 'x-clickhouse-format'];

function passedOn(headers: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(
    passed_headers.flatMap(name => {
      const value = headers.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
