/**
 * Millrace's feed: the hub, a session a socket and the HTTP server, all as the api has them. The hub's reader gives it records
 * as they lie in the topic, to be decoded as lib/reader.ts does. They do not come from a broker: at the few hundred
 * records a second that two hundred sockets are sent, a broker and a producer would only take processor time
 * from this contestant that the others keep. What the way through Kafka costs is measured by `end-to-end`.
 */
import { serveHttp } from '../../lib/http.ts';
import type { SocketRoute } from '../../lib/http-socket.ts';
import { createLog } from '../../lib/log.ts';
import { createMetrics } from '../../lib/metrics.ts';
import { createTokens } from '../../query-api/auth/tokens.ts';
import { createVerifier } from '../../query-api/auth/verifier.ts';
import { type FeedReader, openHub } from '../../query-api/live/hub.ts';
import { createLive } from '../../query-api/live/index.ts';
import { Audience } from './pace.ts';
import { at_ms, first_offset, mails, records_in_all, serde, topic } from './records.ts';
import { answerAs } from './server.ts';

const audience = new Audience();
const encoded = mails.map(mail => serde.serialize(mail));
let given = 0;
let read = 0;
let wake = (): void => undefined;

const reader: FeedReader = {
  async next() {
    while (read === given) {
      await new Promise<void>(done => {
        wake = done;
      });
    }
    const records = [];
    for (; read < given; read++) {
      const bytes = encoded[read % records_in_all] as Buffer;
      records.push({
        topic: topic.name,
        partition: 0,
        offset: first_offset + read,
        timestamp_ms: at_ms,
        tombstone: false,
        size_bytes: bytes.length,
        read: () => serde.deserialize(bytes),
      });
    }
    return records;
  },
  positions: () => ({ [topic.name]: { 0: first_offset + read } }),
  close: async () => undefined,
};

/** Tells the audience of a socket and of what it takes. */
function watched(route: SocketRoute): SocketRoute {
  return {
    ...route,
    connect(socket, handshake) {
      const leave = audience.add(() => socket.buffered_bytes());
      const handlers = route.connect(socket, handshake);
      return {
        ...handlers,
        drained() {
          handlers.drained();
          audience.drained();
        },
        closed() {
          leave();
          handlers.closed();
        },
      };
    },
  };
}

answerAs({
  audience,
  async listen() {
    const log = createLog('bench', 'warn');
    const metrics = createMetrics('bench');
    const tokens = createTokens('a secret of a benchmark, on loopback alone');
    const hub = openHub({ openReader: async () => reader, log });
    const live = createLive({ hub, verifier: createVerifier(tokens), log, metrics });
    const sockets = [watched(live.socket)];
    const { port } = await serveHttp({ host: '127.0.0.1', port: 0, routes: [], sockets, metrics, log });
    return { port, path: `${live.socket.path}?token=${await tokens.sign('bench', 'admin')}` };
  },
  tell(records) {
    given += records;
    wake();
  },
});
