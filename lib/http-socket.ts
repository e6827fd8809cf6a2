/** WebSocket routes on uWS, with sockets that may be touched at any time. */
import type uWS from 'uWebSockets.js';
import type { Logger } from './log.ts';

export interface Handshake {
  readonly query: URLSearchParams;
  /** The subprotocols that the client offers. */
  readonly protocols: readonly string[];
  readonly remote_address: string;
}

export interface Socket {
  readonly open: boolean;
  /** A text message, in UTF-8. False when it did not go out: the socket is closed, or more than `buffered_bytes_max` waits in it. */
  send(message: Buffer): boolean;
  /** What the client has not taken yet. uWS drops messages silently beyond its limit, so look before sending. */
  buffered_bytes(): number;
  /** The messages that `work` sends go out together: a system call a batch rather than a message. */
  batch(work: () => void): void;
  close(code: number, reason: string): void;
}

export interface SocketHandlers {
  /** A text message; null for a binary one. */
  message(text: string | null): void;
  /** The client has taken some of what was buffered. */
  drained(): void;
  closed(): void;
}

export interface SocketRoute {
  readonly path: string;
  /** The subprotocol that is spoken. A client that offers others only is connected without one. */
  readonly protocol: string;
  /** A longer message closes the socket. */
  readonly message_bytes_max: number;
  readonly buffered_bytes_max: number;
  /** A peer that answers no ping for this long is closed; 8 to 960. */
  readonly idle_s: number;
  connect(socket: Socket, handshake: Handshake): SocketHandlers;
}

interface Connection {
  readonly handshake: Handshake;
  handlers: SocketHandlers | null;
  open: boolean;
}

export function mountSocket(app: uWS.TemplatedApp, route: SocketRoute, log: Logger): void {
  // An error in a handler must end its socket, never the process.
  const guard = (ws: uWS.WebSocket<Connection>, work: () => void): void => {
    try {
      work();
    } catch (error) {
      log.error({ route: route.path, error }, 'a socket failed');
      if (ws.getUserData().open) ws.end(1011, 'internal error');
    }
  };
  app.ws<Connection>(route.path, {
    maxPayloadLength: route.message_bytes_max,
    maxBackpressure: route.buffered_bytes_max,
    idleTimeout: route.idle_s,
    sendPingsAutomatically: true,
    upgrade(res, req, context) {
      const protocols = req
        .getHeader('sec-websocket-protocol')
        .split(',')
        .map(name => name.trim())
        .filter(name => name !== '');
      const handshake: Handshake = {
        query: new URLSearchParams(req.getQuery()),
        protocols,
        remote_address: Buffer.from(res.getRemoteAddressAsText()).toString('latin1'),
      };
      res.upgrade<Connection>(
        { handshake, handlers: null, open: true },
        req.getHeader('sec-websocket-key'),
        protocols.includes(route.protocol) ? route.protocol : '',
        req.getHeader('sec-websocket-extensions'),
        context,
      );
    },
    open(ws) {
      guard(ws, () => {
        const connection = ws.getUserData();
        connection.handlers = route.connect(new OpenSocket(ws), connection.handshake);
        if (!connection.open) connection.handlers.closed();
      });
    },
    message(ws, message, isBinary) {
      guard(ws, () => ws.getUserData().handlers?.message(isBinary ? null : Buffer.from(message).toString('utf8')));
    },
    drain(ws) {
      guard(ws, () => ws.getUserData().handlers?.drained());
    },
    close(ws) {
      const connection = ws.getUserData();
      connection.open = false;
      connection.handlers?.closed();
    },
  });
}

const dropped = 2;

class OpenSocket implements Socket {
  readonly #ws: uWS.WebSocket<Connection>;
  readonly #connection: Connection;

  constructor(ws: uWS.WebSocket<Connection>) {
    this.#ws = ws;
    this.#connection = ws.getUserData();
  }

  get open(): boolean {
    return this.#connection.open;
  }

  send(message: Buffer): boolean {
    return this.open && this.#ws.send(message, false) !== dropped;
  }

  buffered_bytes(): number {
    return this.open ? this.#ws.getBufferedAmount() : 0;
  }

  batch(work: () => void): void {
    if (this.open) this.#ws.cork(work);
  }

  close(code: number, reason: string): void {
    if (this.open) this.#ws.end(code, reason);
  }
}
