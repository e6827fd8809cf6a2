/** An HTTP server on uWebSockets.js: routes and sockets as data, every request bounded, counted and answered. */

import uWS from 'uWebSockets.js';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { MillraceError, messageOf } from './errors.ts';
import type { BodyLimits } from './http-body.ts';
import { createEdge, type Edge, preflightReply, requestIdOf } from './http-edge.ts';
import {
  Exchange,
  type HttpRequest,
  headOf,
  type Outgoing,
  type Reply,
  type RequestHead,
  sendWhole,
} from './http-exchange.ts';
import { type Count, type HttpMetrics, httpMetrics } from './http-metrics.ts';
import { mountSocket, type SocketRoute } from './http-socket.ts';
import { pause } from './lifecycle.ts';
import type { Logger } from './log.ts';
import type { Registry } from './metrics.ts';
import { Problem, problemOf, problemReply } from './problem.ts';
import { type Span, type Tracer, traceparentOf } from './traces.ts';

export type { HttpRequest, Reply, ReplyBody, RequestHead } from './http-exchange.ts';
export { Problem } from './problem.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Route {
  readonly method: Method;
  /** `/api/emails/:id`; a trailing `/*` matches the rest. Also the label of the route's metrics. */
  readonly path: string;
  /** A longer body is refused with 413. Default 1 MiB. */
  readonly body_bytes_max?: number;
  /**
   * The reply where it is at hand, which spares the request all that waiting takes: a body to receive, a client that may go
   * away. Null leaves it to `handler`. What is thrown is answered as what that throws.
   */
  ready?(head: RequestHead): WholeReply | null;
  /** A Problem that is thrown is answered as such; any other error is logged and answered with 500 or 503. */
  handler(request: HttpRequest): Promise<Reply>;
}

export interface WholeReply extends Reply {
  readonly body?: string | Uint8Array;
}

export interface HttpOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly routes: readonly Route[];
  readonly sockets?: readonly SocketRoute[];
  readonly metrics: Registry;
  readonly log: Logger;
  readonly limits?: Partial<HttpLimits>;
  /** Pages of these origins may call; none unless given. */
  readonly cors_origins?: readonly string[];
  readonly tls?: HttpTls | undefined;
  /** Makes a span of each request, but for those by which the process is watched. */
  readonly tracer?: Tracer | null;
}

/** Files in PEM. */
export interface HttpTls {
  readonly certificate_path: string;
  readonly key_path: string;
}

export interface HttpLimits {
  readonly body_bytes_max: number;
  readonly body_ms_max: number;
  readonly body_stall_ms_max: number;
  /** A client that reads nothing of a streamed reply for this long is cut off. */
  readonly write_stall_ms_max: number;
  /** More requests at once are refused with 503. */
  readonly requests_max: number;
  /** How long `close` waits for the requests in flight. */
  readonly close_ms_max: number;
}

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** Stops listening, lets the requests in flight finish, then cuts what is left. Safe to call twice. */
  close(): Promise<void>;
}

const default_limits: HttpLimits = {
  body_bytes_max: 1_048_576,
  body_ms_max: 30_000,
  body_stall_ms_max: 30_000,
  write_stall_ms_max: 60_000,
  requests_max: 1_024,
  close_ms_max: 5_000,
};

/** Throws MillraceError `http.listen` where the address cannot be had, `http.tls` for files that are no certificate and its key. */
export async function serveHttp(options: HttpOptions): Promise<HttpServer> {
  const app = appOf(options.tls);
  const { cors_origins = [] } = options;
  const server: Serving = {
    limits: { ...default_limits, ...options.limits },
    counts: httpMetrics(options.metrics),
    log: options.log,
    edge: createEdge({ cors_origins, secure: options.tls !== undefined }),
    tracer: options.tracer ?? null,
  };
  const flight = { requests: 0 };
  for (const route of options.routes) mountRoute(app, route, server, flight);
  mountFallbacks(app, options.routes, cors_origins.length > 0, server, flight);
  for (const socket of options.sockets ?? []) mountSocket(app, socket, options.log);

  const listener = await listen(app, options.host, options.port);
  const port = uWS.us_socket_local_port(listener as uWS.us_socket);
  // Closing a listener twice would free it twice.
  let closed: Promise<void> | null = null;

  async function closeAll(): Promise<void> {
    uWS.us_listen_socket_close(listener);
    const end_ms = Date.now() + server.limits.close_ms_max;
    while (flight.requests > 0 && Date.now() < end_ms) await pause(10);
    app.close();
  }

  return {
    url: `${options.tls ? 'https' : 'http'}://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    port,
    close() {
      closed ??= closeAll();
      return closed;
    },
  };
}

/** Throws MillraceError `http.tls`: uWS would serve nothing and not say why. */
function appOf(tls: HttpTls | undefined): uWS.TemplatedApp {
  if (tls === undefined) return uWS.App();
  const { certificate_path, key_path } = tls;
  try {
    createSecureContext({ cert: readFileSync(certificate_path), key: readFileSync(key_path) });
  } catch (error) {
    throw new MillraceError('http.tls', `${certificate_path} and ${key_path}: ${messageOf(error)}`, {
      remedy: 'both are files in PEM, the certificate first in its chain, the key its own and not encrypted',
    });
  }
  return uWS.SSLApp({ cert_file_name: certificate_path, key_file_name: key_path });
}

// LIBUS_LISTEN_EXCLUSIVE_PORT, which the typings hide in an enum that is not there at run time. Without it a second
// server shares the port silently, and each gets some of the connections.
const exclusive_port = 1;

interface ExclusiveListener {
  listen(host: string, port: number, options: number, done: (listener: uWS.us_listen_socket | false) => void): void;
}

function listen(app: uWS.TemplatedApp, host: string, port: number): Promise<uWS.us_listen_socket> {
  return new Promise((resolve, reject) => {
    const done = (listener: uWS.us_listen_socket | false): void => {
      if (listener) resolve(listener);
      else
        reject(
          new MillraceError('http.listen', `cannot listen on ${host}:${port}`, {
            remedy: 'another program may have the port: choose another with --port, or --port 0 for any',
          }),
        );
    };
    // The typings lack the form with a host and options.
    (app as unknown as ExclusiveListener).listen(host, port, exclusive_port, done);
  });
}

// ── Routes ───────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Serving {
  readonly limits: HttpLimits;
  readonly counts: HttpMetrics;
  readonly log: Logger;
  readonly edge: Edge;
  readonly tracer: Tracer | null;
}
interface Flight {
  requests: number;
}

/** A route with what is worked out once for all of its requests. */
interface Mounted extends Route {
  readonly parameter_names: readonly string[];
  readonly body_limits: BodyLimits;
  readonly count: Count;
}

function mounted(route: Route, { limits, counts }: Serving): Mounted {
  const { path, body_bytes_max = limits.body_bytes_max } = route;
  return {
    ...route,
    parameter_names: Array.from(path.matchAll(/:(\w+)/g), match => match[1] ?? ''),
    body_limits: { bytes_max: body_bytes_max, ms_max: limits.body_ms_max, stall_ms_max: limits.body_stall_ms_max },
    count: counts.of(path),
  };
}

const verbs = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'del' } as const;

function mountRoute(app: uWS.TemplatedApp, route: Route, serving: Serving, flight: Flight): void {
  const one = mounted(route, serving);
  app[verbs[route.method]](route.path, (res, req) => run(res, req, one, serving, flight));
  if (route.method === 'GET') app.head(route.path, (res, req) => run(res, req, one, serving, flight));
}

/** 405 for a path that other methods have, 404 for the rest. */
function mountFallbacks(
  app: uWS.TemplatedApp,
  routes: readonly Route[],
  preflights: boolean,
  serving: Serving,
  flight: Flight,
): void {
  const mount = (path: string, handler: Route['handler']): void => {
    const one = mounted({ method: 'GET', path, handler }, serving);
    app.any(path, (res, req) => run(res, req, one, serving, flight));
  };
  if (preflights) {
    const preflight = mounted({ method: 'GET', path: '/*', handler: async () => preflightReply }, serving);
    app.options('/*', (res, req) => run(res, req, preflight, serving, flight));
  }
  for (const path of new Set(routes.map(route => route.path))) {
    if (path === '/*') continue;
    const allow = routes.filter(route => route.path === path).map(route => route.method);
    mount(path, async ({ method }) => {
      throw new Problem(405, `${method} is not offered here`, { headers: { allow: allow.join(', ') } });
    });
  }
  mount('/*', async ({ path }) => {
    throw new Problem(404, `there is nothing at ${path}`);
  });
}

function run(res: uWS.HttpResponse, req: uWS.HttpRequest, route: Mounted, serving: Serving, flight: Flight): void {
  const begun_ms = performance.now();
  const head = headOf(req);
  const asked = { head, id: requestIdOf(head.headers), begun_ms };
  const reply = flight.requests < serving.limits.requests_max ? readyReply(asked, route, serving) : null;
  if (reply === null) return void receive(res, req, asked, route, serving, flight);
  sendWhole(res, reply, reply.body ?? '', head.method === 'HEAD');
  route.count(head.method, reply.status, (performance.now() - begun_ms) / 1_000);
}

interface Asked {
  readonly head: RequestHead;
  readonly id: string;
  readonly begun_ms: number;
}

/** Never throws: nobody would answer, and uWS ends the process where nobody does. */
function readyReply(asked: Asked, route: Mounted, serving: Serving): (Outgoing & WholeReply) | null {
  try {
    const reply = route.ready?.(asked.head) ?? null;
    return reply && outgoing(reply, asked, serving);
  } catch (error) {
    return outgoing(faultReply(error, asked, route, serving.log), asked, serving);
  }
}

async function receive(
  res: uWS.HttpResponse,
  req: uWS.HttpRequest,
  asked: Asked,
  route: Mounted,
  serving: Serving,
  flight: Flight,
): Promise<void> {
  const { method, headers } = asked.head;
  const exchange = new Exchange(res, {
    declared_bytes: Number(headers.get('content-length')) || 0,
    limits: route.body_limits,
    head_only: method === 'HEAD',
  });
  const span = serving.tracer && beginSpan(serving.tracer, method, route.path, req);
  flight.requests++;
  let status = 499;
  try {
    const reply = await answer(exchange, req, asked, route, serving, flight, span);
    if (exchange.open) status = reply.status;
    await exchange.send(outgoing(reply, asked, serving), serving.limits.write_stall_ms_max);
  } catch (error) {
    // The reply had begun: only cutting it says that it is not whole.
    serving.log.error({ route: route.path, error }, 'a reply broke off');
    exchange.cut();
  } finally {
    flight.requests--;
    route.count(method, status, (performance.now() - asked.begun_ms) / 1_000);
    span?.end({ 'http.response.status_code': status }, status >= 500 ? String(status) : undefined);
  }
}

const watching: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics']);

/** Neither the path nor the query: both may name somebody. */
function beginSpan(tracer: Tracer, method: string, path: string, req: uWS.HttpRequest): Span | null {
  if (watching.has(path)) return null;
  const attributes = { 'http.request.method': method, 'http.route': path };
  return tracer.begin(`${method} ${path}`, 'server', traceparentOf(req.getHeader('traceparent')), attributes);
}

/** Never rejects. Runs up to the handler's first await before it returns: uWS's request is valid no longer. */
async function answer(
  exchange: Exchange,
  req: uWS.HttpRequest,
  asked: Asked,
  route: Mounted,
  { limits, log }: Serving,
  flight: Flight,
  span: Span | null,
): Promise<Reply> {
  try {
    const request = exchange.request(asked.head, req, route.parameter_names, span?.traceparent);
    if (flight.requests > limits.requests_max) throw new Problem(503, 'too many requests at once', busy);
    return await route.handler(request);
  } catch (error) {
    return faultReply(error, asked, route, exchange.open ? log : null);
  }
}

/** What is no fault of the caller's is logged, where there is a log to tell. */
function faultReply(error: unknown, { id }: Asked, { path }: Mounted, log: Logger | null): WholeReply {
  const problem = problemOf(error);
  // Neither the query nor the body: both may carry a secret or a mail.
  if (problem.status >= 500) log?.error({ route: path, request_id: id, error }, 'request failed');
  return problemReply(problem);
}

const outgoing = <R extends Reply>(
  reply: R,
  { head, id }: Asked,
  { edge }: Serving,
): Outgoing & { readonly body: R['body'] } => ({
  status: reply.status,
  request_id: id,
  lines: edge.linesOf(head.headers, reply),
  body: reply.body,
});

const busy = { headers: { 'retry-after': '1' } };

// ── Replies ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(value),
  };
}

export function text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body };
}

/** The body as JSON. Throws Problem 400 where it is not. */
export async function jsonBody(request: HttpRequest): Promise<unknown> {
  return jsonOf(await request.body());
}

/** Throws Problem 400. */
export function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw new Problem(400, `the body is not JSON: ${messageOf(error)}`);
  }
}
