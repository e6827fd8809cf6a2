/**
 * The load generator, a process of its own: as many connections as asked for, each sending its next request when the
 * reply is whole. Plain sockets: a client of a library costs several times as much, and would hide what servers differ by.
 */
import { connect } from 'node:net';
import { answering } from '../program.ts';
import { quantiles } from '../quantiles.ts';
import { ReplyReader } from './reply.ts';

export interface LoadTask {
  /** Of a server on this machine. */
  readonly port: number;
  /** As it is sent, head and body. */
  readonly request: string;
  readonly connections: number;
  /** Sent as well, and not counted. */
  readonly warm_up_seconds: number;
  readonly seconds: number;
  /** What each reply must be; another one ends the program. */
  readonly status: number;
  readonly body_bytes: number;
}

export interface LoadResult {
  /** Whose replies came within the seconds that are counted. */
  readonly requests: number;
  /** With those of the warm-up. */
  readonly requests_in_all: number;
  readonly requests_per_second: number;
  /** Milliseconds from the first byte sent to the last one received. */
  readonly p50_ms: number;
  readonly p99_ms: number;
}

const read_bytes = 65_536;

answering(async (task: LoadTask): Promise<LoadResult> => {
  const from_ms = performance.now() + task.warm_up_seconds * 1_000;
  const until_ms = from_ms + task.seconds * 1_000;
  const took_ms: number[] = [];
  let requests_in_all = 0;
  const request = Buffer.from(task.request);

  const drive = (): Promise<void> =>
    new Promise((done, fail) => {
      const reader = new ReplyReader();
      let sent_at_ms = 0;
      const send = (): void => {
        sent_at_ms = performance.now();
        socket.write(request);
      };
      const replied = (): void => {
        const { status, body_bytes } = reader;
        if (status !== task.status || body_bytes !== task.body_bytes) {
          throw new Error(`HTTP ${status} with ${body_bytes} bytes for ${task.status} with ${task.body_bytes}`);
        }
        const now_ms = performance.now();
        requests_in_all++;
        if (now_ms >= from_ms && now_ms < until_ms) took_ms.push(now_ms - sent_at_ms);
        reader.reset();
        if (now_ms < until_ms) send();
        else socket.end();
      };
      const socket = connect({
        host: '127.0.0.1',
        port: task.port,
        noDelay: true,
        // One buffer for all that is read: a fresh one each time would cost more than the reading.
        onread: {
          buffer: Buffer.allocUnsafe(read_bytes),
          callback(bytes, buffer) {
            if (reader.push((buffer as Buffer).subarray(0, bytes))) replied();
            return true;
          },
        },
      });
      socket.once('connect', send);
      socket.once('error', fail);
      socket.once('close', () =>
        performance.now() >= until_ms ? done() : fail(new Error('the server closed a connection')),
      );
    });

  await Promise.all(Array.from({ length: task.connections }, drive));
  const { p50, p99 } = quantiles(took_ms, 3);
  const requests = took_ms.length;
  return { requests, requests_in_all, requests_per_second: requests / task.seconds, p50_ms: p50, p99_ms: p99 };
});
