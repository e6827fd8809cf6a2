/**
 * One WebSocket to /live that stays up: it reconnects with backoff and resumes each feed at its cursor.
 *
 *   connecting ──open──▶ open ──lost, silent──▶ waiting ──backoff over, retryNow()──▶ connecting
 *       └──────────lost──────────────────────▶ waiting
 *   any ──4401──▶ renewing ──another token──▶ connecting       renewing ──none──▶ closed and onUnauthorized
 *   any ──4403──▶ refused       any ──close()──▶ closed
 *
 * A cursor advances only after its record was handed over, so a cut connection repeats records rather than losing one;
 * whoever receives them merges by id. Where continuity cannot be had (the first subscription, a gap the server tells of,
 * a cursor it no longer knows) the feed reports `onResync`, and the page reads that part again by REST.
 */
import { isRow, text } from './decode.ts';
import type { Credentials } from './session.ts';
import { SessionEnded } from './session.ts';

export type Feed = 'emails' | 'customers' | 'interactions' | 'dead_letters' | 'duplicates';

/** The part of WebSocket that is used here; tests bring their own. */
export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

export interface LiveStatus {
  state: 'connecting' | 'open' | 'waiting' | 'refused' | 'closed';
  /** What went wrong last, for people; null where nothing did. */
  reason: string | null;
  /** When the next attempt is due; null unless waiting. */
  retry_at: number | null;
}

export interface LiveOptions {
  url: string;
  credentials: Pick<Credentials, 'present' | 'renewed'>;
  feeds: readonly Feed[];
  filter?: Record<string, string>;
  onRecord(feed: Feed, record: unknown): void;
  onResync(feed: Feed): void;
  onStatus(status: LiveStatus): void;
  onUnauthorized(reason: string): void;
  connect?: (url: string, protocols: string[]) => SocketLike;
  /** 0 to 1; spreads out the reconnects of many pages after a restart of the server. */
  random?: () => number;
}

export interface Live {
  /** Skips the rest of a backoff, for instance when the network is back. */
  retryNow(): void;
  close(): void;
}

export const backoff_first_ms = 500;
export const backoff_max_ms = 20_000;
/** After 4429 the server has said that there are too many connections; hurrying back would keep it so. */
export const backoff_too_many_ms = 10_000;
/** A socket that says nothing for this long, not even a heartbeat, is taken for dead. */
export const silence_max_ms = 60_000;

const close_bad_message = 4400;
const close_unauthorized = 4401;
const close_forbidden = 4403;
const close_too_many = 4429;

export function openLive(options: LiveOptions): Live {
  const { connect = browserSocket, random = Math.random } = options;
  const cursors = new Map<Feed, string>();
  let socket: SocketLike | null = null;
  let attempts = 0;
  let done = false;
  /** A token that was renewed and is refused all the same must not be renewed for ever. */
  let renewed = false;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let silenceTimer: ReturnType<typeof setTimeout> | undefined;

  function open(): void {
    report('connecting');
    const token = options.credentials.present();
    // The token travels as a subprotocol: an address would put it into every access log on the way.
    const opened = connect(options.url, ['millrace.v1', `bearer.${token}`]);
    socket = opened;
    opened.onopen = () => {
      for (const feed of options.feeds) subscribe(feed);
    };
    opened.onmessage = event => {
      expectSound();
      receive(event.data);
    };
    opened.onclose = event => lost(event.code, event.reason, token);
    expectSound();
  }

  function subscribe(feed: Feed): void {
    const from = cursors.get(feed);
    const message = { op: 'subscribe', id: feed, feed, filter: options.filter, from };
    socket?.send(JSON.stringify(message));
  }

  function receive(data: unknown): void {
    const message = parse(data);
    const feed = options.feeds.find(each => each === message.id);
    switch (message.type) {
      case 'record':
        if (feed === undefined) return;
        options.onRecord(feed, message.record);
        advance(feed, message.cursor);
        return;
      case 'subscribed': {
        attempts = 0;
        renewed = false;
        report('open');
        if (feed === undefined) return;
        const resumed = cursors.has(feed);
        advance(feed, message.cursor);
        if (!resumed) options.onResync(feed);
        return;
      }
      case 'heartbeat':
        if (feed !== undefined) advance(feed, message.cursor);
        return;
      case 'gap':
        if (feed === undefined) return;
        advance(feed, message.cursor);
        options.onResync(feed);
        return;
      case 'error':
        refusedFeed(feed, message);
    }
  }

  /** A refused resumption is tried once more from now on; what lies between comes by REST. */
  function refusedFeed(feed: Feed | undefined, message: Record<string, unknown>): void {
    if (feed !== undefined && cursors.delete(feed)) {
      subscribe(feed);
      return;
    }
    const reason = text(message.detail) || text(message.message) || text(message.title) || 'refused';
    report('open', feed === undefined ? reason : `${feed}: ${reason}`);
  }

  function advance(feed: Feed, cursor: unknown): void {
    if (typeof cursor === 'string' && cursor !== '') cursors.set(feed, cursor);
  }

  function lost(code: number, reason: string, token: string): void {
    release();
    if (code === close_unauthorized) {
      void renew(token, reason || 'The token is not valid any more.');
      return;
    }
    if (code === close_forbidden) {
      done = true;
      report('refused', reason || 'this role may not follow live records');
      return;
    }
    // A cursor that the server cannot read must not keep the page out for ever.
    if (code === close_bad_message) cursors.clear();
    wait(code === close_too_many ? backoff_too_many_ms : 0, reason || 'the connection was lost');
  }

  async function renew(refused: string, reason: string): Promise<void> {
    try {
      if (renewed) throw new SessionEnded(reason);
      renewed = true;
      await options.credentials.renewed(refused);
      if (!done) open();
    } catch (error) {
      if (done) return;
      if (error instanceof SessionEnded) {
        done = true;
        report('closed', reason);
        options.onUnauthorized(reason);
        return;
      }
      renewed = false;
      wait(0, 'the sign-in could not be renewed');
    }
  }

  function wait(min_ms: number, reason: string): void {
    const backoff_ms = Math.min(backoff_max_ms, backoff_first_ms * 2 ** attempts);
    const delay_ms = Math.max(min_ms, backoff_ms * (0.5 + random() / 2));
    attempts += 1;
    retryTimer = setTimeout(open, delay_ms);
    options.onStatus({ state: 'waiting', reason, retry_at: Date.now() + delay_ms });
  }

  /** A dead network tells nobody: without this the page would look live for ever. */
  function expectSound(): void {
    clearTimeout(silenceTimer);
    silenceTimer = setTimeout(() => {
      const silent = socket;
      release();
      silent?.close(4408, 'silent');
      wait(0, `nothing heard for ${silence_max_ms / 1000} s`);
    }, silence_max_ms);
  }

  /** Handlers go first: a late event of an old socket must not touch the new one. */
  function release(): void {
    clearTimeout(silenceTimer);
    clearTimeout(retryTimer);
    if (socket !== null) socket.onopen = socket.onmessage = socket.onclose = null;
    socket = null;
  }

  function report(state: LiveStatus['state'], reason: string | null = null): void {
    options.onStatus({ state, reason, retry_at: null });
  }

  open();
  return {
    retryNow() {
      if (done || socket !== null) return;
      release();
      attempts = 0;
      open();
    },
    close() {
      const open = socket;
      release();
      open?.close(1000, 'page left');
      if (!done) report('closed');
      done = true;
    },
  };
}

function parse(data: unknown): Record<string, unknown> {
  try {
    const message: unknown = JSON.parse(String(data));
    return isRow(message) ? message : {};
  } catch {
    return {};
  }
}

function browserSocket(url: string, protocols: string[]): SocketLike {
  return new WebSocket(url, protocols) as SocketLike;
}
