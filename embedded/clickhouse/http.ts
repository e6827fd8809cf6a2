/** ClickHouse's HTTP interface before the engine: sign-in, dispatch, limits. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Body, bodyOf, readBody, spoolData } from './body.ts';
import type { Engine, Terms } from './engine.ts';
import { faultOf, refusal } from './errors.ts';
import { greetingBlock, isGreeting } from './hello.ts';
import { packingOf } from './packing.ts';
import { display_name, Reply, type Summary } from './reply.ts';
import { type Credentials, isSignedIn, multipartFields, type Parameters, readParameters } from './request.ts';
import { readOnlyFault, sessionFault } from './sandbox.ts';
import type { Lease } from './sessions.ts';
import {
  type CommandStatement,
  type DataInsert,
  parseStatement,
  type RowsStatement,
  type Statement,
  withInfile,
} from './sql.ts';

/** A statement in the URL, and headers; ClickHouse's own limit for a URI. */
const head_bytes_max = 1024 * 1024;
const keep_alive_ms = 30_000;
const drained_bytes_max = 4 * 1024 * 1024;
const drain_ms_max = 1_000;

export function createFront(engine: Engine, credentials: Credentials): Server {
  const server = createServer({ maxHeaderSize: head_bytes_max, requestTimeout: 0 }, (request, response) => {
    response.on('error', () => {});
    handle(engine, credentials, request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = keep_alive_ms;
  return server;
}

async function handle(engine: Engine, known: Credentials, request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const asks = request.method !== 'GET' || url.searchParams.has('query');
  if (url.pathname === '/ping' || (url.pathname === '/' && !asks)) return void response.end('Ok.\n');
  if (url.pathname !== '/') return void response.writeHead(404).end(`There is no handle ${url.pathname}\n`);

  const { searchParams: search } = url;
  const headers = { query_id: search.get('query_id') || randomUUID(), timezone: engine.timezone };
  const packing = packingOf(request, search);
  const wait_end_of_query = search.get('wait_end_of_query') === '1';
  const progress = search.get('send_progress_in_http_headers') === '1';
  const replyIn = (format: string) => new Reply(response, { ...headers, format, packing, wait_end_of_query, progress });
  let lease: Lease | null = null;
  try {
    if (!isSignedIn(request, search, known)) throw signInFault();
    const parameters = readParameters(search, request.headers);
    const body = bodyOf(request, search.get('decompress') === '1');
    if (parameters.session) lease = engine.sessions.take(parameters.session);
    const terms = termsOf(request.method ?? '', parameters, lease);
    await answer(engine, { request, parameters, body, terms, replyIn, zstd: packing === 'zstd' });
  } catch (error) {
    await drain(request);
    // What is left of the body would be read as the next request.
    response.shouldKeepAlive = request.complete;
    replyIn(search.get('default_format') || 'TabSeparated').fail(faultOf(error));
  } finally {
    lease?.release();
  }
}

/** A client that is still writing does not read why it is refused: what is left of a small body is taken first. */
async function drain(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return;
  request.unpipe();
  const drained = new Promise<void>(resolve => {
    let left = drained_bytes_max;
    request.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) resolve();
    });
    request.once('end', resolve).once('close', resolve);
  });
  await Promise.race([drained, wait(drain_ms_max, undefined, { ref: false })]);
}

interface Call {
  request: IncomingMessage;
  parameters: Parameters;
  body: Body;
  terms: Terms;
  /** The answer's rows are to come in zstd. */
  zstd: boolean;
  replyIn(format: string): Reply;
}

async function answer(engine: Engine, call: Call) {
  const { request, parameters } = call;
  const insert = parameters.query === '' ? null : dataInsertIn(parameters.query);
  if (insert) return runInsert(engine, { insert, head: rest(insert), body: call.body }, call);

  const { bytes, coding } = await readBody(call.body);
  const body = coding && bytes.length > 0 ? await engine.inflate(bytes, coding) : bytes;
  const text = statementText(request, parameters, body);
  if (isGreeting(text, call.terms.format, parameters.client_revision)) return greet(engine, call);
  const statement = parseStatement(text);
  if (statement.kind !== 'data_insert') return runStatement(engine, statement, call);
  // The data is taken from the body's bytes: it need not be text.
  const in_body = parameters.query === '' && !isMultipart(request);
  const start = Buffer.byteLength(text.slice(0, statement.data_start));
  const head = in_body ? body.subarray(start) : rest(statement);
  return runInsert(engine, { insert: statement, head, body: null }, call);
}

function greet({ version, timezone }: Engine, { parameters, terms, replyIn }: Call) {
  const block = greetingBlock({ display_name, version, timezone }, parameters.client_revision);
  replyIn(terms.format).whole(block, { elapsed_ns: 0, read_rows: 1, read_bytes: 1 });
}

async function runStatement(engine: Engine, statement: RowsStatement | CommandStatement, call: Call) {
  const { terms, replyIn } = call;
  await refuseForbidden(engine, statement, terms);
  if (statement.kind === 'rows') {
    const reply = replyIn(statement.format ?? terms.format);
    return reply.rows(await engine.query(statement, terms, call.zstd));
  }
  terms.lease?.touch();
  const { rows: answered, stats } = await engine.command(statement.text, terms);
  replyIn(terms.format).whole(answered, stats);
}

/** A reader's mistyped statement is told as such, before what it would not be allowed. */
async function refuseForbidden(engine: Engine, statement: RowsStatement | CommandStatement, terms: Terms) {
  const { tokens, text } = statement;
  const rows = statement.kind === 'rows';
  const { lease, params, read_only } = terms;
  const inSession = lease ? sessionFault(tokens, read_only) : null;
  if (inSession) throw inSession;
  const fault = read_only > 0 ? readOnlyFault({ rows, tokens, params }, engine.unsafe_calls) : null;
  if (fault) throw (!rows && (await engine.syntaxFault(text))) || fault;
}

interface InsertSource {
  insert: DataInsert;
  /** The beginning of the data; the rest is the request's body, or there is no more. */
  head: Buffer;
  body: Body | null;
}

/** The data goes to a file before the engine sees any of it: a body that breaks off is never inserted in part. */
async function runInsert(engine: Engine, { insert, head, body }: InsertSource, { terms, replyIn }: Call) {
  if (terms.read_only > 0) throw refusal('READONLY', 'Cannot execute query in readonly mode.');
  const written = await insertFrom(engine, { insert, head, body }, terms);
  replyIn(terms.format).whole(new Uint8Array(), written);
}

async function insertFrom(engine: Engine, { insert, head, body }: InsertSource, terms: Terms): Promise<Summary> {
  const path = join(engine.spool_dir, `insert-${randomUUID()}`);
  try {
    const coding = await spoolData(head, body, path);
    terms.lease?.touch();
    const { stats } = await engine.command(withInfile(insert, path, coding), terms);
    return insert.input ? stats : { ...stats, written_rows: stats.read_rows };
  } finally {
    // Before the answer: whoever has that may ask on, and finds his session free.
    await rm(path, { force: true });
  }
}

/** A GET may be repeated or prefetched by anything on its way, so it never writes. */
function termsOf(method: string, parameters: Parameters, lease: Lease | null): Terms {
  const settings = new Map(parameters.settings);
  const wanted = settings.get('readonly') ?? '0';
  settings.delete('readonly');
  if (!['0', '1', '2'].includes(wanted)) throw refusal('BAD_ARGUMENTS', 'readonly must be 0, 1 or 2');
  const read_only = wanted === '0' && method !== 'POST' ? 2 : (Number(wanted) as 0 | 1 | 2);
  // The engine's own switch cannot be taken back, and a session goes on to its next request.
  if (lease && wanted !== '0') throw refusal('NOT_IMPLEMENTED', 'readonly together with session_id');
  const { default_format: format, database, params } = parameters;
  return { format, database, settings, params, read_only, lease };
}

/** The URL's statement where it is an INSERT whose data the body holds. */
function dataInsertIn(query: string): DataInsert | null {
  const statement = attempt(() => parseStatement(query));
  return statement?.kind === 'data_insert' ? statement : null;
}

/** Data that stands behind the clause in the statement itself. */
function rest({ text, data_start }: DataInsert): Buffer {
  return Buffer.from(text.slice(data_start));
}

/** The URL's query and the body are one text, as ClickHouse joins them; in a form the body holds parameters too. */
function statementText(request: IncomingMessage, parameters: Parameters, body: Buffer): string {
  if (!isMultipart(request)) return [parameters.query, body.toString()].filter(part => part !== '').join('\n');
  const fields = multipartFields(body, request.headers['content-type'] ?? '');
  for (const [name, value] of fields) {
    if (name.startsWith('param_')) parameters.params.set(name.slice('param_'.length), value);
  }
  return fields.get('query') ?? parameters.query;
}

function isMultipart(request: IncomingMessage): boolean {
  return (request.headers['content-type'] ?? '').startsWith('multipart/form-data');
}

function signInFault() {
  const reason = 'password is incorrect, or there is no user with such name.';
  return refusal('AUTHENTICATION_FAILED', `Authentication failed: ${reason}`);
}

function attempt(parse: () => Statement): Statement | null {
  try {
    return parse();
  } catch {
    return null;
  }
}
