/**
 * One subscription of one socket.
 *
 *   from now on, or the ring holds its cursor ─────────────────────────────▶ following the ring
 *   its cursor is older ──▶ catching up by a reader of its own ──reached it──▶ following the ring
 *   following ──the socket was too slow, the ring has forgotten──▶ gap told ──▶ following from the ring's start
 */
import { messageOf } from '../../lib/errors.ts';
import { pause } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/log.ts';
import type { Sight } from '../permission/sight.ts';
import type { Telling } from './cohort.ts';
import { decodeCursor, isAtMost, type Offsets } from './cursor.ts';
import { type FeedName, feeds } from './feeds.ts';
import { matcherOf, unknownFields } from './filter.ts';
import { Follower } from './follower.ts';
import { type FeedReader, type Hub, toldOf } from './hub.ts';
import type { Outlet } from './outlet.ts';
import type { FaultCode, SubscribeFeed } from './protocol.ts';
import type { Ring } from './ring.ts';

export interface Subscription {
  /** Sends what the ring has and the socket takes. */
  pump(): void;
  heartbeat(at: string): void;
  close(): void;
}

export interface SubscriptionParts {
  readonly outlet: Outlet;
  readonly hub: Hub;
  readonly log: Logger;
  /** What the client may be told. */
  readonly sight: Pick<Sight, 'key' | 'seesRow' | 'seesBody'>;
  /** Called when the subscription ends by itself, after its client was told why. */
  onEnd(): void;
}

export class SubscriptionFault extends Error {
  readonly code: FaultCode;
  constructor(code: FaultCode, detail: string) {
    super(detail);
    this.code = code;
  }
}

const read_wait_ms = 100;
const ahead_ms_max = 3_000;
const ahead_poll_ms = 50;

/** Answers once `subscribed` was sent; throws SubscriptionFault before that. */
export async function openSubscription(asked: SubscribeFeed, parts: SubscriptionParts): Promise<Subscription> {
  const { feed, from = 'latest' } = asked;
  const { topic } = feeds[feed];
  requireKnownFields(asked);
  const ring = await parts.hub.ring(feed).catch(unavailable);
  const follow = (next: number | null, own: Offsets | null): Followed => followFrom(asked, ring, { next, own }, parts);

  if (from === 'latest') return follow(ring.end, null).subscription;
  const wanted = from === 'earliest' ? null : await offsetsOf(from, topic, ring);
  if (wanted !== null && ring.covers(wanted)) return follow(ring.start, wanted).subscription;

  const reader = await readerFor(parts.hub, feed, wanted);
  const begins = reader.positions()[topic] ?? {};
  const { follower, subscription } = follow(null, wanted ?? begins);
  if (wanted !== null && !isAtMost(begins, wanted)) follower.tellGap(begins, null);
  void catchUp(follower, reader, feed, parts).then(whole => {
    if (whole) return;
    subscription.close();
    parts.onEnd();
  });
  return subscription;
}

interface Followed {
  readonly follower: Follower;
  readonly subscription: Subscription;
}

interface Place {
  /** The ring's entry to come; null while it is told by a reader of its own. */
  readonly next: number | null;
  readonly own: Offsets | null;
}

function followFrom(asked: SubscribeFeed, ring: Ring, { next, own }: Place, parts: SubscriptionParts): Followed {
  const { id, feed } = asked;
  const { hub, outlet } = parts;
  const telling = tellingOf(asked, parts);
  const cohort = hub.cohort(feed, telling, ring);
  const follower = new Follower({ id, topic: feeds[feed].topic, ring, outlet, telling, cohort }, next, own);
  const work = (): void => follower.pump();
  const pump = (): void => outlet.batch(work);
  follower.begin();
  cohort.join(pump);
  pump();
  const subscription: Subscription = {
    pump,
    heartbeat(at) {
      if (outlet.hasRoom()) follower.heartbeat(at);
    },
    close() {
      cohort.leave(pump);
      follower.close();
    },
  };
  return { follower, subscription };
}

function tellingOf({ id, filter }: SubscribeFeed, { outlet: { form }, sight }: SubscriptionParts): Telling {
  const quoted_id = JSON.stringify(id);
  return {
    key: JSON.stringify([form.kind, id, sight.key, filter]),
    matches: matcherOf(filter),
    sight,
    encode: (cursor, row_json) => form.encode(quoted_id, cursor, row_json),
  };
}

/** False when it ended early: the client was told, or is gone. */
async function catchUp(
  follower: Follower,
  reader: FeedReader,
  feed: FeedName,
  { outlet, log }: SubscriptionParts,
): Promise<boolean> {
  try {
    while (!follower.closed && outlet.open) {
      for (const record of await reader.next(read_wait_ms)) {
        // Kafka waits as long as the client needs: nothing is skipped here.
        if (!outlet.hasRoom()) await outlet.room();
        if (follower.closed || !outlet.open) return false;
        const told = toldOf(feed, record, log);
        if (told !== null) follower.take(record.partition, record.offset, told);
      }
      if (follower.joinRing(reader.positions())) return true;
    }
  } catch (error) {
    log.warn({ feed, error: messageOf(error) }, 'a subscriber could not catch up');
    follower.fail('unavailable', 'the records between the cursor and now cannot be read at the moment');
  } finally {
    await reader.close().catch(() => undefined);
  }
  return false;
}

// ── What can be refused ──────────────────────────────────────────────────────────────────────────────────────────────

function requireKnownFields({ feed, filter }: SubscribeFeed): void {
  const { fields } = feeds[feed];
  const unknown = unknownFields(filter, fields);
  if (unknown.length === 0) return;
  const detail = `${feed} cannot be filtered by ${unknown.join(', ')}; by: ${fields.join(', ')}`;
  throw new SubscriptionFault('unknown_field', detail);
}

/** A cursor may be ahead of this process for a moment, never for long: then it is of a topic that was made anew. */
async function offsetsOf(cursor: string, topic: string, ring: Ring): Promise<Offsets> {
  const offsets = decodeCursor(topic, cursor);
  if (offsets === null) throw new SubscriptionFault('bad_cursor', 'this is not a cursor of this feed');
  for (let waited_ms = 0; !isAtMost(offsets, ring.position); waited_ms += ahead_poll_ms) {
    if (waited_ms >= ahead_ms_max) throw new SubscriptionFault('bad_cursor', "the cursor is beyond the feed's end");
    await pause(ahead_poll_ms);
  }
  return offsets;
}

async function readerFor(hub: Hub, feed: FeedName, from: Offsets | null): Promise<FeedReader> {
  const reader = await hub.openReader(feed, from ?? 'earliest').catch(unavailable);
  if (reader !== null) return reader;
  throw new SubscriptionFault('unavailable', 'too many are catching up: try again, or from latest');
}

function unavailable(error: unknown): never {
  throw new SubscriptionFault('unavailable', messageOf(error));
}
