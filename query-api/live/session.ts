/**
 * One socket: signs in, then subscribes and unsubscribes as the client says.
 *
 *   signing in ──token good──▶ open ──token expires──▶ closed 4401
 *       └──token bad──▶ closed 4401     └──nothing subscribed for too long──▶ closed 4408
 *   any ──message that is none──▶ closed 4400      any ──too many messages──▶ closed 4429
 */
import { messageOf } from '../../lib/errors.ts';
import type { Handshake, Socket, SocketHandlers } from '../../lib/http-socket.ts';
import { parseJson } from '../../lib/json.ts';
import type { Logger } from '../../lib/log.ts';
import { requireAccess } from '../auth/access.ts';
import type { Identity, Verifier } from '../auth/identity.ts';
import type { Hub } from './hub.ts';
import { bearer_prefix, type ClientMessage, clientMessage, close, type FaultCode, type Subscribe } from './protocol.ts';
import type { Queries } from './query/queries.ts';
import { SocketOutlet } from './socket-outlet.ts';
import { openSubscription, type Subscription, SubscriptionFault } from './subscription.ts';

export interface SessionParts {
  readonly verifier: Verifier;
  readonly hub: Hub;
  readonly queries: Queries;
  readonly log: Logger;
  readonly limits: SessionLimits;
}

export interface SessionLimits {
  readonly subscriptions_max: number;
  /** Client messages within `messages_window_ms`. */
  readonly messages_max: number;
  readonly messages_window_ms: number;
  /** What may wait in the socket before the subscriptions hold back. */
  readonly waiting_bytes_max: number;
  /** How long a socket may be without a subscription. */
  readonly unsubscribed_ms_max: number;
}

export const session_limits: SessionLimits = {
  subscriptions_max: 16,
  messages_max: 100,
  messages_window_ms: 10_000,
  waiting_bytes_max: 262_144,
  unsubscribed_ms_max: 60_000,
};

export interface Session extends SocketHandlers {
  heartbeat(now_ms: number): void;
}

export function openSession(
  socket: Socket,
  handshake: Handshake,
  { verifier, hub, queries, log, limits }: SessionParts,
): Session {
  /** By id; null while it is being opened. */
  const subscriptions = new Map<string, Subscription | null>();
  let identity: Identity | null = null;
  let subscribed_ms = Date.now();
  let window = { begun_ms: Date.now(), messages: 0 };

  const outlet = new SocketOutlet(socket, limits);
  const signedIn = signIn();

  /** Who asks; null once the socket is closed. */
  async function signIn(): Promise<Identity | null> {
    try {
      const token = tokenOf(handshake);
      const verdict = token === null ? { refusal: 'a token is needed' } : await verifier.verify(token);
      if ('refusal' in verdict) socket.close(close.bad_token, verdict.refusal);
      else identity = allowed(verdict.identity);
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'nobody can sign in');
      socket.close(close.going_away, 'nobody can sign in at the moment');
    }
    return identity;
  }

  function allowed(known: Identity): Identity | null {
    try {
      requireAccess(known, 'read');
      return known;
    } catch (refusal) {
      socket.close(close.forbidden, messageOf(refusal).slice(0, reason_chars_max));
      return null;
    }
  }

  function countMessage(): boolean {
    const now_ms = Date.now();
    if (now_ms - window.begun_ms > limits.messages_window_ms) window = { begun_ms: now_ms, messages: 0 };
    return ++window.messages <= limits.messages_max;
  }

  async function obey(message: ClientMessage): Promise<void> {
    const known = await signedIn;
    if (known === null || !socket.open) return;
    if (message.op === 'unsubscribe') return unsubscribe(message.id);
    await subscribe(message, known);
  }

  function unsubscribe(id: string): void {
    const subscription = subscriptions.get(id);
    if (!subscription) {
      fault(id, 'unknown_id', 'nothing is subscribed under this id');
      return;
    }
    subscription.close();
    subscriptions.delete(id);
    subscribed_ms = Date.now();
    outlet.send({ type: 'unsubscribed', id });
  }

  async function subscribe(message: Subscribe, known: Identity): Promise<void> {
    const { id } = message;
    if (subscriptions.has(id)) return fault(id, 'duplicate_id', 'this id is subscribed already');
    if (subscriptions.size >= limits.subscriptions_max) {
      return fault(id, 'too_many', `at most ${limits.subscriptions_max} subscriptions on one socket`);
    }
    subscriptions.set(id, null);
    try {
      const onEnd = (): void => void subscriptions.delete(id);
      const subscription =
        message.feed === 'queries'
          ? queries.open(message, { outlet, identity: known })
          : await openSubscription(message, { outlet, hub, log, sight: known.sight, onEnd });
      if (!socket.open) return subscription.close();
      subscriptions.set(id, subscription);
    } catch (error) {
      subscriptions.delete(id);
      if (error instanceof SubscriptionFault) fault(id, error.code, error.message);
      else {
        log.error({ feed: message.feed, error }, 'a subscription failed');
        fault(id, 'unavailable', 'the subscription failed');
      }
    }
  }

  function fault(id: string, code: FaultCode, detail: string): void {
    if (socket.open) outlet.send({ type: 'error', id, code, detail });
  }

  return {
    message(text) {
      if (!countMessage()) return socket.close(close.too_many, 'too many messages');
      const message = messageFrom(text);
      if ('fault' in message) socket.close(close.bad_message, message.fault);
      else void obey(message.value);
    },
    drained() {
      if (!outlet.drained()) return;
      for (const subscription of [...subscriptions.values()]) subscription?.pump();
    },
    closed() {
      for (const subscription of subscriptions.values()) subscription?.close();
      subscriptions.clear();
      outlet.release();
    },
    heartbeat(now_ms) {
      if (identity && now_ms >= identity.expires_ms) return socket.close(close.bad_token, 'the token has expired');
      if (identity?.isCurrent() === false)
        return socket.close(close.bad_token, 'what you may see has changed: sign in again');
      if (subscriptions.size > 0) subscribed_ms = now_ms;
      else if (now_ms - subscribed_ms > limits.unsubscribed_ms_max)
        return socket.close(close.idle, 'nothing is subscribed');
      const at = new Date(now_ms).toISOString();
      for (const subscription of subscriptions.values()) subscription?.heartbeat(at);
      if (subscriptions.size === 0 && outlet.hasRoom()) outlet.send({ type: 'heartbeat', at });
    },
  };
}

/** From `?token=`, or the subprotocol `bearer.<token>`: a browser can set no header on a WebSocket. */
function tokenOf({ query, protocols }: Handshake): string | null {
  const offered = protocols.find(name => name.startsWith(bearer_prefix));
  return query.get('token') ?? offered?.slice(bearer_prefix.length) ?? null;
}

// A close reason holds 123 bytes.
const reason_chars_max = 100;

function messageFrom(text: string | null): { value: ClientMessage } | { fault: string } {
  if (text === null) return { fault: 'messages are text' };
  const json = parseJson(text);
  if ('error' in json) return { fault: 'a message is a JSON object' };
  const parsed = clientMessage.safeParse(json.value);
  if (parsed.success) return { value: parsed.data };
  const [issue] = parsed.error.issues;
  const fault = `${issue?.path.map(String).join('.') || 'message'}: ${issue?.message ?? 'does not fit'}`;
  return { fault: fault.replace(/[^\x20-\x7e]/g, '?').slice(0, reason_chars_max) };
}
