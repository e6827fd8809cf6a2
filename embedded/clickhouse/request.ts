/** Taking an HTTP request apart: which of its parameters are settings, which are the statement's, and its body. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { PassThrough, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { refusal } from './errors.ts';

/** A statement held in memory, in bytes. Data belongs in the body of a request whose statement is in the URL. */
export const statement_bytes_max = 16 * 1024 * 1024;
/** The data of one INSERT on disk, decompressed, in bytes. */
export const insert_bytes_max = 2 * 1024 * 1024 * 1024;

export interface Parameters {
  query: string;
  database: string | null;
  query_id: string | null;
  default_format: string;
  /** The response may be held back until its outcome is known. */
  wait_end_of_query: boolean;
  compress_response: boolean;
  settings: Map<string, string>;
  /** Values of `{name:Type}`, as ClickHouse's TabSeparated writes them. */
  params: Map<string, string>;
}

/** Parameters of the transport, which the engine in process does not know; their counterparts here are above. */
const TRANSPORT_PARAMETERS = new Set([
  ...['query', 'database', 'user', 'password', 'default_format', 'query_id', 'role', 'quota_key', 'stacktrace'],
  ...['session_id', 'session_timeout', 'session_check', 'close_session', 'client_protocol_version', 'buffer_size'],
  ...['compress', 'decompress', 'enable_http_compression', 'wait_end_of_query', 'network_compression_method'],
  ...['send_progress_in_http_headers', 'cancel_http_readonly_queries_on_client_close', 'add_http_cors_header'],
]);
const NAME = /^[A-Za-z_][A-Za-z0-9_.]*$/;

export function readParameters(search: URLSearchParams): Parameters {
  const settings = new Map<string, string>();
  const params = new Map<string, string>();
  for (const [name, value] of search) {
    if (name.startsWith('param_')) params.set(checkedName(name.slice('param_'.length)), value);
    else if (!TRANSPORT_PARAMETERS.has(name) && !name.startsWith('http_')) settings.set(checkedName(name), value);
  }
  if (search.get('decompress') === '1') {
    throw refusal('NOT_IMPLEMENTED', 'ClickHouse-framed request bodies (decompress=1); send Content-Encoding: gzip');
  }
  return {
    query: search.get('query') ?? '',
    database: search.get('database') || null,
    query_id: search.get('query_id') || null,
    default_format: search.get('default_format') || 'TabSeparated',
    wait_end_of_query: search.get('wait_end_of_query') === '1',
    compress_response: search.get('enable_http_compression') === '1',
    settings,
    params,
  };
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
  const given = credentialsOf(request, search);
  return same(given.user, known.user) && same(given.password, known.password);
}

/** A bearer token is the password of the one user there is. */
function credentialsOf(request: IncomingMessage, search: URLSearchParams): Credentials {
  const { authorization = '', 'x-clickhouse-user': user, 'x-clickhouse-key': key } = request.headers;
  if (user !== undefined || key !== undefined) return { user: String(user ?? 'default'), password: String(key ?? '') };
  const [scheme = '', value = ''] = authorization.split(' ', 2);
  if (scheme.toLowerCase() === 'basic') {
    const [name = '', ...rest] = Buffer.from(value, 'base64').toString().split(':');
    return { user: name, password: rest.join(':') };
  }
  if (scheme.toLowerCase() === 'bearer') return { user: search.get('user') ?? 'default', password: value };
  return { user: search.get('user') ?? 'default', password: search.get('password') ?? '' };
}

function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** The body, decompressed, whole. @throws ClickHouseError 307 beyond `statement_bytes_max` */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await pipeline(decoded(request), limit(statement_bytes_max), async source => {
    for await (const chunk of source) chunks.push(chunk as Buffer);
  });
  return Buffer.concat(chunks);
}

/** Writes `head` and what follows it in the request's body, decompressed, to a new file. */
export async function spoolData(head: Buffer, request: IncomingMessage | null, path: string): Promise<void> {
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  if (head.length > 0) file.write(head);
  const source = request ? decoded(request) : Readable.from([]);
  await pipeline(source, limit(insert_bytes_max), file);
}

function decoded(request: IncomingMessage): Readable {
  const encoding = request.headers['content-encoding'] ?? '';
  // Even as it is, the body goes through a stream of its own: a limit that ends the request itself ends its answer too.
  if (encoding === '' || encoding === 'identity') return piped(request, new PassThrough());
  const decoders = { gzip: createGunzip, 'x-gzip': createGunzip, deflate: createInflate, br: createBrotliDecompress };
  const create = decoders[encoding as keyof typeof decoders];
  if (!create) throw refusal('UNKNOWN_COMPRESSION_METHOD', `Unknown Content-Encoding ${encoding.slice(0, 20)}`);
  return piped(request, create());
}

/** A body that breaks off must not pass for a complete one. */
function piped<T extends Transform>(request: IncomingMessage, decoder: T): T {
  request.once('error', error => decoder.destroy(error));
  return request.pipe(decoder);
}

function limit(bytes_max: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > bytes_max) done(refusal('TOO_MANY_BYTES', `The request's body is larger than ${bytes_max} bytes`));
      else done(null, chunk);
    },
  });
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
