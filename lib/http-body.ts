/**
 * A request's body as a bounded stream.
 *
 * uWS hands chunks over at once, wanted or not, and neuters them on return. So the reader is attached before the
 * handler runs, copies, and pauses the socket while more is queued than anyone has asked for: a request that is
 * refused before its body is read never holds more than the queue and one socket read (512 KiB).
 */
import type uWS from 'uWebSockets.js';
import { Problem } from './problem.ts';

export interface BodyLimits {
  /** A longer body is refused with 413. */
  readonly bytes_max: number;
  /** For a body read whole, from the first byte to the last: 408 beyond it. */
  readonly ms_max: number;
  /** For a body read as a stream, between two chunks: 408 beyond it. */
  readonly stall_ms_max: number;
}

export interface RequestBody {
  whole(): Promise<Buffer>;
  stream(): AsyncGenerator<Buffer, void, undefined>;
  /** The client is gone. */
  abort(): void;
  /** The reply is about to end: what is left of the body is read and dropped, so that the connection stays usable. */
  discard(): void;
}

const queued_bytes_max = 262_144;

export function receiveBody(res: uWS.HttpResponse, declared_bytes: number, limits: BodyLimits): RequestBody {
  const queue: Buffer[] = [];
  let queued_bytes = 0;
  let received_bytes = 0;
  let last = false;
  let paused = false;
  let over = false;
  let failure: Error | null = null;
  let wake = (): void => undefined;

  if (declared_bytes > limits.bytes_max) failure = tooLong(limits);

  res.onData((chunk, isLast) => {
    last ||= isLast;
    if (!over && failure === null) take(chunk);
    wake();
  });

  function take(chunk: ArrayBuffer): void {
    received_bytes += chunk.byteLength;
    if (received_bytes > limits.bytes_max) fail(tooLong(limits));
    if (chunk.byteLength === 0 || failure !== null) return;
    queue.push(Buffer.from(new Uint8Array(chunk)));
    queued_bytes += chunk.byteLength;
    if (queued_bytes <= queued_bytes_max || last || paused) return;
    paused = true;
    res.pause();
  }

  function fail(error: Error): void {
    failure ??= error;
    drop();
    wake();
  }

  function drop(): void {
    queue.length = 0;
    queued_bytes = 0;
    resume();
  }

  function resume(): void {
    if (!paused || over) return;
    paused = false;
    res.resume();
  }

  async function* chunks(ms_left: () => number): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      const chunk = queue.shift();
      if (chunk !== undefined) {
        queued_bytes -= chunk.length;
        if (queued_bytes <= queued_bytes_max) resume();
        yield chunk;
      } else if (failure !== null) throw failure;
      else if (last) return;
      else await arrival(ms_left());
    }
  }

  function arrival(ms_max: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(() => fail(new Problem(408, 'the body did not arrive in time')), ms_max);
      wake = () => {
        clearTimeout(timer);
        wake = () => undefined;
        resolve();
      };
    });
  }

  return {
    async whole() {
      const end_ms = Date.now() + limits.ms_max;
      const parts: Buffer[] = [];
      for await (const chunk of chunks(() => Math.max(0, end_ms - Date.now()))) parts.push(chunk);
      return Buffer.concat(parts);
    },
    stream: () => chunks(() => limits.stall_ms_max),
    abort() {
      over = true;
      fail(new Error('the client went away'));
    },
    discard() {
      drop();
      over = true;
      wake();
    },
  };
}

const tooLong = ({ bytes_max }: BodyLimits): Problem =>
  new Problem(413, `the body is longer than ${bytes_max} bytes`, { members: { bytes_max } });
