/** /live: the feeds over WebSocket, and as server-sent events. */
import type { SocketRoute } from '../../lib/http-socket.ts';
import type { Logger } from '../../lib/log.ts';
import { Gauge, type Registry } from '../../lib/metrics.ts';
import type { ApiRoute } from '../auth/access.ts';
import type { Verifier } from '../auth/identity.ts';
import type { Hub } from './hub.ts';
import { close, subprotocol } from './protocol.ts';
import { createQueries, no_queries, type QueriesOptions } from './query/queries.ts';
import { openSession, type Session, type SessionLimits, session_limits } from './session.ts';
import { createStreams } from './stream.ts';

export interface Live {
  readonly socket: SocketRoute;
  readonly stream: ApiRoute;
  /** Tells every client to come back later. */
  close(): void;
}

export interface LiveOptions {
  readonly hub: Hub;
  /** What runs the queries that are followed; without, none are. */
  readonly queries?: Pick<QueriesOptions, 'runQuery' | 'version'>;
  readonly verifier: Verifier;
  readonly log: Logger;
  readonly metrics: Registry;
}

const sockets_max = 16_384;
const message_bytes_max = 16_384;
// Far above what a session lets wait: reaching it means that sending went wrong.
const buffered_bytes_max = 16 * 1_048_576;
/** What may wait in all sockets together, about: thousands that read nothing hold little more than hundreds do. */
const waiting_bytes_total_max = 16 * 1_048_576;
const idle_s = 60;
const heartbeat_ms = 10_000;

export function createLive({ hub, queries: asked, verifier, log, metrics }: LiveOptions): Live {
  const sessions = new Map<Session, (code: number, reason: string) => void>();
  const limits: SessionLimits = {
    ...session_limits,
    get waiting_bytes_max() {
      return Math.min(session_limits.waiting_bytes_max, waiting_bytes_total_max / sessions.size);
    },
  };
  const queries = asked === undefined ? no_queries : createQueries({ ...asked, log });
  const streams = createStreams({ hub, queries, verifier, log });
  const gauge = new Gauge({ name: 'live_sockets', help: 'Open sockets on /live', registers: [metrics] });
  const timer = setInterval(() => {
    const now_ms = Date.now();
    for (const session of sessions.keys()) session.heartbeat(now_ms);
    streams.heartbeat(now_ms);
  }, heartbeat_ms);

  return {
    stream: streams.route,
    socket: {
      path: '/live',
      protocol: subprotocol,
      message_bytes_max,
      buffered_bytes_max,
      idle_s,
      connect(socket, handshake) {
        if (sessions.size >= sockets_max) {
          socket.close(close.too_many, `at most ${sockets_max} sockets`);
          return nobody;
        }
        const session = openSession(socket, handshake, { verifier, hub, queries, log, limits });
        sessions.set(session, (code, reason) => socket.close(code, reason));
        gauge.set(sessions.size);
        return {
          ...session,
          closed() {
            sessions.delete(session);
            gauge.set(sessions.size);
            session.closed();
          },
        };
      },
    },
    close() {
      clearInterval(timer);
      queries.close();
      streams.close();
      for (const end of [...sessions.values()]) end(close.going_away, 'the server stops');
    },
  };
}

const nobody = { message: () => undefined, drained: () => undefined, closed: () => undefined };
