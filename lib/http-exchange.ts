/**
 * One request and its reply on uWS.
 *
 * A uWS response is freed when it ended or was aborted, and touching it afterwards throws; a request lives only until
 * the handler's first await. Everything that touches either is in this file and behind `open`.
 */

import type uWS from 'uWebSockets.js';
import { STATUS_CODES } from 'node:http';
import { type BodyLimits, type RequestBody, receiveBody } from './http-body.ts';
import { Problem } from './problem.ts';

export interface HttpRequest {
  /** Upper case. */
  readonly method: string;
  /** As sent: percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names; a repeated header's values are joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
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

export class Exchange {
  readonly #res: uWS.HttpResponse;
  readonly #body: RequestBody;
  readonly #controller = new AbortController();
  readonly #head_only: boolean;
  #open = true;
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
  request(req: uWS.HttpRequest, parameter_names: readonly string[], traceparent: string | undefined): HttpRequest {
    const address = this.#res.getRemoteAddress();
    return {
      method: req.getCaseSensitiveMethod().toUpperCase(),
      path: req.getUrl(),
      query: new URLSearchParams(req.getQuery()),
      headers: headersOf(req),
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
  async send(reply: Reply, write_stall_ms_max: number): Promise<void> {
    const body = reply.body ?? '';
    const whole = typeof body === 'string' || body instanceof Uint8Array;
    if (!this.#open) {
      if (!whole) await giveUp(body);
    } else if (this.#head_only) {
      if (!whole) await giveUp(body);
      this.#finish(reply, () => this.#res.endWithoutBody(whole ? Buffer.byteLength(body) : 0));
    } else if (whole) {
      this.#finish(reply, () => this.#res.end(body));
    } else {
      await this.#stream(reply, body, write_stall_ms_max);
    }
  }

  /** Cuts the connection: the client must not take a part for the whole. */
  cut(): void {
    if (this.#open) this.#res.close();
  }

  async #stream(reply: Reply, body: AsyncIterable<Uint8Array>, stall_ms_max: number): Promise<void> {
    let begun = false;
    // Leaving the loop early returns the iterator, and with it releases what the body is read from.
    for await (const chunk of body) {
      if (!this.#open) return;
      // A chunk of length zero would end the reply.
      if (chunk.byteLength === 0) continue;
      let flowing = true;
      this.#res.cork(() => {
        if (!begun) this.#head(reply);
        flowing = this.#res.write(chunk);
      });
      begun = true;
      if (!flowing && !(await this.#writable(stall_ms_max))) return this.cut();
    }
    if (!this.#open) return;
    this.#body.discard();
    this.#res.cork(() => {
      if (!begun) this.#head(reply);
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

  #finish(reply: Reply, end: () => void): void {
    this.#body.discard();
    this.#res.cork(() => {
      this.#head(reply);
      end();
    });
    this.#ended();
  }

  #head({ status, headers = {} }: Reply): void {
    this.#res.writeStatus(`${status} ${STATUS_CODES[status] ?? 'Unknown'}`);
    for (const [name, value] of Object.entries(headers)) {
      // uWS writes what it is given: a line break would let a value forge headers.
      this.#res.writeHeader(name, value.replace(/[\r\n\0]/g, ' '));
    }
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
