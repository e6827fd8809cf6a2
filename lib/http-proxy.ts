/** Hands a request on to another server and its answer back, both as they stream. */
import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf } from './errors.ts';
import type { Reply } from './http-exchange.ts';
import { pause } from './lifecycle.ts';
import { Problem } from './problem.ts';

export interface Forward {
  readonly url: URL;
  readonly method: string;
  /** Sent as they are, and no others. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array> | Uint8Array | null;
  /** Ends the forwarded request too. */
  readonly signal: AbortSignal;
  /** Until the other server's answer begins: 504 beyond it. */
  readonly answer_ms_max: number;
  /** PEM text of the authority that an https server is to be known by; the public ones without it. */
  readonly ca?: string | undefined;
}

/** Throws Problem 502 or 504, and what reading the request's own body throws. */
export async function forward(to: Forward): Promise<Reply> {
  const answer = await answerOf(to);
  return { status: answer.statusCode ?? 502, headers: endToEnd(answer.headers), body: chunksOf(answer) };
}

/** So long a client has to read what came before a break. */
const break_pause_ms = 50;

/**
 * A body that breaks off breaks off here too, all that came of it delivered. uWS closes a chunk when it writes the next,
 * and clients drop a chunk that is not closed; so a line break follows, which no client gets to see.
 */
async function* chunksOf(answer: IncomingMessage): AsyncGenerator<Uint8Array, void, undefined> {
  let begun = false;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      begun = true;
      yield chunk;
    }
  } catch (error) {
    if (begun) {
      await pause(break_pause_ms);
      yield Buffer.from('\n');
    }
    throw error;
  } finally {
    answer.destroy();
  }
}

function answerOf({ url, method, headers, body, signal, answer_ms_max, ca }: Forward): Promise<IncomingMessage> {
  const start = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const outgoing = start(url, { method, headers, signal, ...(ca === undefined ? {} : { ca }) });
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      outgoing.destroy();
      reject(
        error instanceof Problem ? error : new Problem(502, `the server behind does not answer: ${messageOf(error)}`),
      );
    };
    const timer = setTimeout(() => fail(new Problem(504, 'the server behind did not answer in time')), answer_ms_max);
    outgoing.on('response', answer => {
      clearTimeout(timer);
      resolve(answer);
    });
    outgoing.on('error', fail);
    if (body === null || body instanceof Uint8Array) outgoing.end(body ?? undefined);
    else pipeline(Readable.from(body), outgoing).catch(fail);
  });
}

/** RFC 9110 7.6.1: these speak of one connection. The length goes too: the reply is chunked anew. */
const hop_by_hop = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The headers that concern the two ends, of those the sender's `Connection` does not name. */
export function endToEnd(headers: IncomingHttpHeaders): Record<string, string> {
  const named = (headers.connection ?? '').split(',').map(name => name.trim().toLowerCase());
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || hop_by_hop.has(name) || named.includes(name)) continue;
    kept[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return kept;
}
