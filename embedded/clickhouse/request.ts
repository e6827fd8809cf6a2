/** Taking an HTTP request apart: which of its parameters are settings, which are the statement's, and its body. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { refusal } from './errors.ts';
import { type SessionRequest, sessionOf } from './sessions.ts';

export interface Parameters {
  query: string;
  database: string | null;
  default_format: string;
  /** The revision of the protocol that the client speaks; 0 where it names none. */
  client_revision: number;
  session: SessionRequest | null;
  settings: Map<string, string>;
  /** Values of `{name:Type}`, as ClickHouse's TabSeparated writes them. */
  params: Map<string, string>;
}

/** Parameters of the transport, which the engine in process does not know; their counterparts here are above. */
const TRANSPORT_PARAMETERS = new Set([
  ...['query', 'database', 'user', 'password', 'default_format', 'query_id', 'role', 'quota_key', 'stacktrace'],
  ...['session_id', 'session_timeout', 'session_check', 'close_session', 'client_protocol_version', 'buffer_size'],
  ...['compress', 'decompress', 'enable_http_compression', 'wait_end_of_query', 'network_compression_method'],
  ...['network_zstd_compression_level', 'send_progress_in_http_headers', 'add_http_cors_header'],
  ...['cancel_http_readonly_queries_on_client_close'],
]);
const NAME = /^[A-Za-z_][A-Za-z0-9_.]*$/;

/** @throws ClickHouseError 36 or 374 */
export function readParameters(search: URLSearchParams, headers: IncomingMessage['headers'] = {}): Parameters {
  const settings = new Map<string, string>();
  const params = new Map<string, string>();
  for (const [name, value] of search) {
    if (name.startsWith('param_')) params.set(checkedName(name.slice('param_'.length)), value);
    else if (!TRANSPORT_PARAMETERS.has(name) && !name.startsWith('http_')) settings.set(checkedName(name), value);
  }
  return {
    query: search.get('query') ?? '',
    database: search.get('database') || text(headers['x-clickhouse-database']) || null,
    default_format: search.get('default_format') || text(headers['x-clickhouse-format']) || 'TabSeparated',
    client_revision: Number(search.get('client_protocol_version') ?? 0) || 0,
    session: sessionOf(search),
    settings,
    params,
  };
}

function text(header: string | string[] | undefined): string {
  return String(header ?? '');
}

function checkedName(name: string): string {
  if (!NAME.test(name)) throw refusal('BAD_ARGUMENTS', `Bad parameter name ${JSON.stringify(name.slice(0, 100))}`);
  return name;
}

export interface Credentials {
  user: string;
  password: string;
}

/** Compared by digest, in a time that does not tell how much of a guess was right. */
export function isSignedIn(request: IncomingMessage, search: URLSearchParams, known: Credentials): boolean {
  const given = credentialsOf(request, search, known.user);
  return same(given.user, known.user) && same(given.password, known.password);
}

/** A bearer token is the password of the one user there is. */
function credentialsOf(request: IncomingMessage, search: URLSearchParams, only_user: string): Credentials {
  const { authorization = '', 'x-clickhouse-user': user, 'x-clickhouse-key': key } = request.headers;
  if (user !== undefined || key !== undefined) return { user: String(user ?? 'default'), password: String(key ?? '') };
  const [scheme = '', value = ''] = authorization.split(' ', 2);
  if (scheme.toLowerCase() === 'basic') {
    const [name = '', ...rest] = Buffer.from(value, 'base64').toString().split(':');
    return { user: name, password: rest.join(':') };
  }
  if (scheme.toLowerCase() === 'bearer') return { user: search.get('user') ?? only_user, password: value };
  return { user: search.get('user') ?? 'default', password: search.get('password') ?? '' };
}

function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** The fields of a multipart/form-data body. Clients put a query's parameters there when a URL cannot hold them. */
export function multipartFields(body: Buffer, content_type: string): Map<string, string> {
  const boundary = /boundary="?([^";]+)"?/i.exec(content_type)?.[1];
  if (!boundary) throw refusal('BAD_ARGUMENTS', 'multipart/form-data names no boundary');
  const fields = new Map<string, string>();
  for (const part of body.toString().split(`--${boundary}`).slice(1, -1)) {
    const [head = '', ...rest] = part.replace(/^\r\n/, '').split('\r\n\r\n');
    const name = /name="([^"]*)"/i.exec(head)?.[1];
    if (name === undefined || /filename=/i.test(head)) {
      throw refusal('NOT_IMPLEMENTED', 'External tables are not supported by the embedded engine');
    }
    fields.set(name, rest.join('\r\n\r\n').replace(/\r\n$/, ''));
  }
  return fields;
}
