/** A TCP proxy on a fixed port, whose target may move; requests and answers of Kafka's protocol can be held up or lost on the way. */
import { connect, createServer, type Server, type Socket } from 'node:net';

/** `lose` breaks the connection off instead of handing the frame on; a number hands it on so many milliseconds later. */
export type Verdict = 'pass' | 'lose' | number;

export const add_partitions_to_txn = 24;
/** The one API whose answers are told apart. */
export const end_txn = 26;

export interface TcpProxy {
  readonly port: number;
  target: number;
  /** Asked for each answer of the broker, with its request. */
  answer: ((api_key: number, request: Buffer) => Verdict) | null;
  /** Asked for each request. */
  request: ((api_key: number, request: Buffer) => Verdict) | null;
  close(): Promise<void>;
}

/** `plain`: whatever the protocol, bytes are handed on as they come. */
export async function startProxy(port: number, target: number, plain = false): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const server: Server = createServer(client => {
    const upstream = connect(proxy.target, '127.0.0.1');
    const end = (): void => {
      client.destroy();
      upstream.destroy();
      sockets.delete(client);
      sockets.delete(upstream);
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    if (plain) {
      // What has come is handed on, whole, before the end is.
      upstream.removeListener('close', end);
      upstream.on('close', () => client.destroySoon());
      client.pipe(upstream);
      upstream.on('data', chunk => {
        if (proxy.answer?.(-1, chunk) === 'lose') end();
        else client.write(chunk);
      });
      return;
    }
    const asked = new Map<number, Buffer>();
    forward(client, upstream, end, frame => {
      const api_key = frame.readInt16BE(0);
      if (api_key === end_txn) asked.set(frame.readInt32BE(4), frame);
      return proxy.request?.(api_key, frame) ?? 'pass';
    });
    forward(upstream, client, end, frame => {
      const correlation = frame.readInt32BE(0);
      const request = asked.get(correlation);
      asked.delete(correlation);
      return (request && proxy.answer?.(end_txn, request)) ?? 'pass';
    });
  });
  const proxy: TcpProxy = {
    port: 0,
    target,
    answer: null,
    request: null,
    close: () =>
      new Promise(done => {
        server.close(() => done());
        for (const socket of sockets) socket.destroy();
      }),
  };
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', done);
  });
  return Object.assign(proxy, { port: (server.address() as { port: number }).port });
}

/** Whole frames of Kafka's protocol: four bytes of length, then so many. Their order is kept. */
function forward(from: Socket, to: Socket, end: () => void, judge: (frame: Buffer) => Verdict): void {
  let pending: Buffer = Buffer.alloc(0);
  let queue = Promise.resolve();
  from.on('data', chunk => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length >= 4) {
      const length = pending.readInt32BE(0);
      if (pending.length < 4 + length) break;
      const whole = pending.subarray(0, 4 + length);
      const verdict = judge(whole.subarray(4));
      pending = pending.subarray(4 + length);
      queue = queue.then(async () => {
        if (verdict === 'lose') return end();
        if (typeof verdict === 'number') await new Promise(done => setTimeout(done, verdict));
        if (!to.destroyed) to.write(whole);
      });
    }
  });
}
