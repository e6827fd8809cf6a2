/** Hands a request on to another server and its answer back, both as they stream. */
import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { finished, pipeline } from 'node:stream/promises';
import { messageOf } from './errors.ts';
import type { Reply, ReplyBody } from './http-exchange.ts';
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

/** An answer that says its length, up to so much, is passed on in one piece. */
const whole_bytes_max = 262_144;

/** Throws Problem 502 or 504, and what reading the request's own body throws. */
export async function forward(to: Forward): Promise<Reply> {
  const answer = await answerOf(to, await inOnePiece(to.body));
  const { statusCode: status = 502, headers } = answer;
  const isSmall = Number(headers['content-length']) <= whole_bytes_max;
  return { status, headers: endToEnd(headers), body: isSmall ? await wholeOf(answer) : answer };
}

/** The body of an answer that is not passed on. */
export async function textOf(body: ReplyBody = ''): Promise<string> {
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? Buffer.from(body).toString() : text(body);
}

/** Throws Problem 502. */
async function wholeOf(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  answer.on('data', (chunk: Buffer) => chunks.push(chunk));
  await finished(answer).catch(error => {
    throw new Problem(502, `the answer of the server behind broke off: ${messageOf(error)}`);
  });
  return Buffer.concat(chunks);
}

/** A body that came in one piece goes on in one, with its length. */
async function inOnePiece(body: Forward['body']): Promise<Uint8Array | Readable> {
  if (body === null) return new Uint8Array();
  if (body instanceof Uint8Array) return body;
  const chunks = body[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done) return new Uint8Array();
  const second = await chunks.next();
  if (second.done) return first.value;
  return Readable.from(
    (async function* () {
      yield first.value;
      yield second.value;
      yield* { [Symbol.asyncIterator]: () => chunks };
    })(),
  );
}

function answerOf(
  { url, method, headers, signal, answer_ms_max, ca }: Forward,
  body: Uint8Array | Readable,
): Promise<IncomingMessage> {
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
    if (body instanceof Uint8Array) outgoing.end(body);
    else pipeline(body, outgoing).catch(fail);
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
