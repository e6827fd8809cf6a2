/** What every request passes, whatever its route: an id, who may call from which page, and headers that keep a browser careful. */
import { randomBytes } from 'node:crypto';
import type { Reply, RequestHead } from './http-exchange.ts';

export interface EdgeOptions {
  /** Pages of these origins may call and read the answers: `https://app.example.com`; `*` for any. */
  readonly cors_origins: readonly string[];
  /** Whether it is reached by https alone. */
  readonly secure: boolean;
}

export interface Edge {
  /**
   * The lines of a reply's head, each after a line break: what every reply has, and what this one says itself, which comes
   * first. Its id is not among them.
   */
  linesOf(asked: RequestHead['headers'], reply: Reply): string;
}

/** Of an answer that says nothing else: it is data, never a page. */
const data_headers = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};
const strict_transport = { 'strict-transport-security': 'max-age=31536000' };

/** Headers of ours that a page of another origin may read beside the usual ones. */
const exposed = 'etag, link, location, millrace-as-of, millrace-backlog, millrace-watermark, retry-after, x-request-id';
const allowed_headers =
  'authorization, content-type, idempotency-key, if-none-match, last-event-id, prefer, x-request-id';
const allowed_methods = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const preflight_s = 600;

const id_pattern = /^[\w.:-]{1,128}$/;

/** Of this process; a random id a request would cost as much as all that its answer needs from the cache. */
const ids_begin = randomBytes(12).toString('base64url');
let requests = 0;

/** The caller's own id of the request where it is one, so that it is found in the logs of both; else another one for each. */
export function requestIdOf(headers: RequestHead['headers']): string {
  const given = headers.get('x-request-id');
  return given !== undefined && id_pattern.test(given) ? given : `${ids_begin}-${++requests}`;
}

export function createEdge({ cors_origins, secure }: EdgeOptions): Edge {
  const always = { ...data_headers, ...(secure ? strict_transport : {}) };
  /** By what the reply says itself: an answer that is told again has the same lines. */
  const known = new WeakMap<object, string>();
  return {
    linesOf(asked, { headers = none }) {
      const origin = cors_origins.length > 0 ? asked.get('origin') : undefined;
      if (origin !== undefined) return linesOf({ ...always, ...corsHeaders(cors_origins, origin), ...headers });
      const present = known.get(headers);
      if (present !== undefined) return present;
      const lines = linesOf({ ...always, ...headers });
      known.set(headers, lines);
      return lines;
    },
  };
}

const none = {};

const linesOf = ({ 'x-request-id': _, ...headers }: Readonly<Record<string, string>>): string =>
  Object.entries(headers)
    // They are written as they are: a line break would let a value forge headers.
    .map(([name, value]) => `\r\n${name}: ${value.replace(/[\r\n\0]/g, ' ')}`)
    .join('');

/** Tokens travel in a header that a page must set itself, so no credentials are allowed: there are none to abuse. */
function corsHeaders(allowed: readonly string[], origin: string): Record<string, string> {
  // A cache must not give one page the answer to another.
  const vary = { vary: 'origin' };
  if (!allowed.includes('*') && !allowed.includes(origin)) return vary;
  return { ...vary, 'access-control-allow-origin': origin, 'access-control-expose-headers': exposed };
}

/** The answer to a browser that asks before it calls. */
export const preflightReply: Reply = {
  status: 204,
  headers: {
    'access-control-allow-methods': allowed_methods,
    'access-control-allow-headers': allowed_headers,
    'access-control-max-age': String(preflight_s),
  },
};
