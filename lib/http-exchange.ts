/**
 * One request and its reply on uWS.
 *
 * A uWS response is freed when it ended or was aborted, and touching it afterwards throws; a request lives only until
 * the handler's first await. Everything that touches either is in this file and behind `open`.
 */

import type uWS from 'uWebSockets.js';
import { STATUS_CODES } from 'node:http';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type BodyLimits, type RequestBody, receiveBody } from './http-body.ts';
import { pause } from './lifecycle.ts';
import { Problem } from './problem.ts';

/** What a request says in its first lines. */
export interface RequestHead {
  /** Upper case. */
  readonly method: string;
  /** As sent: percent-encoded, without the query. */
  readonly path: string;
  /** As sent: percent-encoded, what follows the `?`. */
  readonly query_text: string;
  /** Lower-case names; a repeated header's values are joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
}

export interface HttpRequest extends RequestHead {
  readonly query: URLSearchParams;
  /** What `:name` in the route's path matched, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly remote_address: string;
  /** Whether the peer is on this machine. */
  readonly loopback: boolean;
  /** Aborted when the client goes away before the reply has ended. */
  readonly signal: AbortSignal;
  /** Of the span of this request, where it is traced. */
  readonly traceparent?: string | undefined;
  /** The whole body; empty where there is none. Throws Problem 413 or 408. */
  body(): Promise<Buffer>;
  /** The body as it arrives, with back-pressure. Throws Problem 413 or 408. */
  stream(): AsyncGenerator<Buffer, void, undefined>;
}

export type ReplyBody = string | Uint8Array | AsyncIterable<Uint8Array>;

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An iterable is sent chunk by chunk, as fast as the client reads; its failure cuts the connection. */
  readonly body?: ReplyBody;
}

/** A reply whose head is put together. */
export interface Outgoing {
  readonly status: number;
  readonly request_id: string;
  /** The rest of its head, each line after a line break. */
  readonly lines: string;
  readonly body: ReplyBody | undefined;
}

export function headOf(req: uWS.HttpRequest): RequestHead {
  return {
    method: req.getCaseSensitiveMethod().toUpperCase(),
    path: req.getUrl(),
    query_text: req.getQuery() ?? '',
    headers: headersOf(req),
  };
}

/** Sends a whole reply. Before the handler of a request returns, nothing has to be listened to for that. */
export function sendWhole(res: uWS.HttpResponse, reply: Outgoing, body: string | Uint8Array, head_only: boolean): void {
  res.cork(() => {
    writeHead(res, reply);
    if (!head_only) return res.end(body);
    // Given the length itself, uWS would wait for a body of it.
    res.writeHeader('content-length', String(Buffer.byteLength(body)));
    res.endWithoutBody();
  });
}

/** uWS writes what it is given, so all lines go in one call: a call each costs as much as the rest of a quick request. */
function writeHead(res: uWS.HttpResponse, { status, request_id, lines }: Outgoing): void {
  res.writeStatus(`${status} ${STATUS_CODES[status] ?? 'Unknown'}`);
  res.writeHeader('x-request-id', request_id + lines);
}

/** So long a client has to read what came before a break. */
const break_pause_ms = 50;
/** Chunks of more than so much are not gathered. */
const piece_bytes = 262_144;

export class Exchange {
  readonly #res: uWS.HttpResponse;
  readonly #body: RequestBody;
  readonly #controller = new AbortController();
  readonly #head_only: boolean;
  #open = true;
  /** Whether the head of a reply that is sent in pieces has gone out. */
  #begun = false;
  #drained = (): void => undefined;

  /** `head_only` sends a reply's headers without its body. */
  constructor(res: uWS.HttpResponse, options: { declared_bytes: number; limits: BodyLimits; head_only: boolean }) {
    this.#res = res;
    this.#head_only = options.head_only;
    this.#body = receiveBody(res, options.declared_bytes, options.limits);
    // Without an abort handler uWS ends the process.
    res.onAborted(() => {
      this.#open = false;
      this.#body.abort();
      this.#controller.abort();
      this.#drained();
    });
    res.onWritable(() => {
      this.#drained();
      return true;
    });
  }

  /** False once the reply ended or the client went away. */
  get open(): boolean {
    return this.#open;
  }

  /** Copies what the handler may need; call it before the first await. `parameter_names` are those of the route. */
  request(
    head: RequestHead,
    req: uWS.HttpRequest,
    parameter_names: readonly string[],
    traceparent: string | undefined,
  ): HttpRequest {
    const address = this.#res.getRemoteAddress();
    return {
      ...head,
      query: new URLSearchParams(head.query_text),
      parameters: parametersOf(req, parameter_names),
      remote_address: Buffer.from(this.#res.getRemoteAddressAsText()).toString('latin1'),
      loopback: isLoopback(new Uint8Array(address)),
      signal: this.#controller.signal,
      traceparent,
      body: () => this.#body.whole(),
      stream: () => this.#body.stream(),
    };
  }

  /** Sends the reply; resolves when it was handed to the socket whole, or the client went away. */
  async send(reply: Outgoing, write_stall_ms_max: number): Promise<void> {
    const body = reply.body ?? '';
    const whole = typeof body === 'string' || body instanceof Uint8Array;
    if (!this.#open) {
      if (!whole) await giveUp(body);
    } else if (this.#head_only) {
      if (!whole) await giveUp(body);
      this.#finish(reply, whole ? body : '');
    } else if (whole) {
      this.#finish(reply, body);
    } else if (body instanceof Readable) {
      await this.#pass(reply, body, write_stall_ms_max);
    } else {
      await this.#stream(reply, body, write_stall_ms_max);
    }
  }

  /** Cuts the connection: the client must not take a part for the whole. */
  cut(): void {
    if (this.#open) this.#res.close();
  }

  async #stream(reply: Outgoing, body: AsyncIterable<Uint8Array>, stall_ms_max: number): Promise<void> {
    // Leaving the loop early returns the iterator, and with it releases what the body is read from.
    for await (const chunk of body) {
      if (!this.#open) return;
      if (!this.#write(reply, chunk) && !(await this.#writable(stall_ms_max))) return this.cut();
    }
    this.#endStream(reply);
  }

  /**
   * The same for what tells of its chunks by itself. They are sent together, as many as come in one turn of the event loop: uWS
   * makes two system calls of each, however small.
   *
   * A body that breaks off breaks off here too, all that came of it delivered. uWS closes a chunk when it writes the next, and
   * clients drop a chunk that is not closed; so a line break follows, which no client gets to see.
   */
  async #pass(reply: Outgoing, body: Readable, stall_ms_max: number): Promise<void> {
    let gathered: Buffer[] = [];
    let bytes = 0;
    let draining = false;
    const flush = async (): Promise<void> => {
      while (this.#open && !draining && bytes > 0) {
        const piece = Buffer.concat(gathered, bytes);
        gathered = [];
        bytes = 0;
        if (this.#write(reply, piece)) return;
        body.pause();
        draining = true;
        if (!(await this.#writable(stall_ms_max))) return this.cut();
        draining = false;
        body.resume();
      }
    };
    this.#controller.signal.addEventListener('abort', () => body.destroy(), { once: true });
    body.on('data', (chunk: Buffer) => {
      if (bytes === 0) setImmediate(flush);
      gathered.push(chunk);
      bytes += chunk.length;
      if (bytes >= piece_bytes) void flush();
    });
    const broken = await finished(body).catch((error: unknown) => ({ error }));
    await flush();
    if (!broken) return this.#endStream(reply);
    if (this.#begun) await pause(break_pause_ms);
    if (this.#begun && this.#open) this.#write(reply, Buffer.from('\n'));
    if (this.#open) throw broken.error;
  }

  /** A piece of a reply, after its head where it is the first. False where the client reads slower than it is sent. */
  #write(reply: Outgoing, chunk: Uint8Array): boolean {
    // A chunk of length zero would end the reply.
    if (chunk.byteLength === 0) return true;
    let flowing = true;
    this.#res.cork(() => {
      if (!this.#begun) writeHead(this.#res, reply);
      flowing = this.#res.write(chunk);
    });
    this.#begun = true;
    return flowing;
  }

  #endStream(reply: Outgoing): void {
    if (!this.#open) return;
    this.#body.discard();
    this.#res.cork(() => {
      if (!this.#begun) writeHead(this.#res, reply);
      this.#res.end();
    });
    this.#ended();
  }

  /** True when the client has read on; false when it has not for too long, or is gone. */
  #writable(stall_ms_max: number): Promise<boolean> {
    return new Promise(resolve => {
      const settle = (drained: boolean): void => {
        clearTimeout(timer);
        this.#drained = () => undefined;
        resolve(drained && this.#open);
      };
      const timer = setTimeout(settle, stall_ms_max, false);
      this.#drained = () => settle(true);
    });
  }

  #finish(reply: Outgoing, body: string | Uint8Array): void {
    this.#body.discard();
    sendWhole(this.#res, reply, body, this.#head_only);
    this.#ended();
  }

  #ended(): void {
    this.#open = false;
  }
}

/** Releases a body that nobody will read. */
async function giveUp(body: AsyncIterable<Uint8Array>): Promise<void> {
  // A generator that never began runs no `finally`; a stream's own iterator must be begun before it can be returned.
  if ('destroy' in body && typeof body.destroy === 'function') body.destroy();
  else await body[Symbol.asyncIterator]().return?.();
}

function headersOf(req: uWS.HttpRequest): Map<string, string> {
  const headers = new Map<string, string>();
  req.forEach((name, value) => {
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  });
  return headers;
}

/** Throws Problem 400 where a parameter is no valid percent-encoding. */
function parametersOf(req: uWS.HttpRequest, names: readonly string[]): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [i, name] of names.entries()) {
    try {
      parameters[name] = decodeURIComponent(req.getParameter(i) ?? '');
    } catch {
      throw new Problem(400, `${name} in the path is not percent-encoded UTF-8`);
    }
  }
  return parameters;
}

/** 127.0.0.0/8, ::1, and the former mapped into IPv6. */
export function isLoopback(address: Uint8Array): boolean {
  if (address.length === 4) return address[0] === 127;
  if (address.length !== 16) return false;
  const leading = address.subarray(0, 10).every(byte => byte === 0);
  const mapped = leading && address[10] === 0xff && address[11] === 0xff && address[12] === 127;
  return mapped || (leading && address.subarray(10, 15).every(byte => byte === 0) && address[15] === 1);
}
