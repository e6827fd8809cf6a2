/**
 * One reader of all feeds' topics for all sockets: what it reads goes into each feed's ring, and the subscriptions are
 * told that there is more.
 *
 *   opening ──first positions known──▶ reading ──reader fails──▶ waiting ──pause over──▶ opening, where it left off
 */
import { messageOf } from '../../lib/errors.ts';
import type { Positions } from '../../lib/kafka.ts';
import { pause, within, withResolvers } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/log.ts';
import { Cohort, type Telling } from './cohort.ts';
import type { Offsets } from './cursor.ts';
import { type FeedName, feedNames, feeds } from './feeds.ts';
import { type Content, Ring, type RingLimits, ring_limits } from './ring.ts';
import type { Told } from './told.ts';

/** A record with its place. */
export interface FeedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp_ms: number;
  /** Whether it deletes its key. */
  readonly tombstone: boolean;
  /** As it lies in the topic. */
  readonly size_bytes: number;
  /** Decodes it; null for what is none of its topic's. */
  read(): unknown;
}

export interface FeedReader {
  /** What has arrived, after at most `wait_ms`. */
  next(wait_ms: number): Promise<readonly FeedRecord[]>;
  positions(): Positions;
  close(): Promise<void>;
}

export type OpenReader = (topics: readonly string[], from: 'earliest' | 'latest' | Positions) => Promise<FeedReader>;

export interface HubOptions {
  readonly openReader: OpenReader;
  readonly log: Logger;
  readonly limits?: RingLimits;
  /** Readers for those who resume from before the ring. */
  readonly readers_max?: number;
}

export interface Hub {
  /** Rejects when the feeds cannot be read soon. */
  ring(feed: FeedName): Promise<Ring>;
  /** Those who are told the same of the feed, to be joined at once. They are called after each batch. */
  cohort(feed: FeedName, telling: Telling, ring: Ring): Cohort;
  /** A reader of one feed of its own; null when too many are open. */
  openReader(feed: FeedName, from: 'earliest' | Offsets): Promise<FeedReader | null>;
  /** Whether the feeds are being read. */
  readonly reading: boolean;
  close(): Promise<void>;
}

const wait_ms = 100;
const reopen_ms = 1_000;
const ring_ms_max = 10_000;
// Told as they come: a large batch of large records could otherwise pass through the ring before anyone had seen it.
const chunk_records = 64;
/** A larger record takes less as a row, which holds only the beginning of a mail: that is made of it at once. */
const unread_bytes_max = 16_384;

export function openHub({ openReader, log, limits = ring_limits, readers_max = 16 }: HubOptions): Hub {
  const names = namesByTopic();
  const cohorts = new Map(feedNames.map(name => [name, new Map<string, Cohort>()]));
  const rings = new Map<FeedName, Ring>();
  const { promise: opened, resolve: setOpened } = withResolvers<void>();
  const closing = new AbortController();
  let reading = false;
  let readers = 0;

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await read();
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'the live feeds cannot be read');
      }
      reading = false;
      await pause(reopen_ms, closing.signal);
    }
  }

  async function read(): Promise<void> {
    const reader = await openReader([...names.keys()], rings.size === 0 ? 'latest' : positionsOf(rings));
    try {
      makeRings(reader.positions());
      reading = true;
      setOpened();
      while (!closing.signal.aborted) take(await reader.next(wait_ms), reader.positions());
    } finally {
      await reader.close();
    }
  }

  function makeRings(positions: Positions): void {
    for (const name of feedNames) {
      if (!rings.has(name)) rings.set(name, new Ring(feeds[name].topic, positions[feeds[name].topic] ?? {}, limits));
    }
  }

  function take(records: readonly FeedRecord[], positions: Positions): void {
    for (let begin = 0; begin < records.length; begin += chunk_records) {
      tell(new Set(records.slice(begin, begin + chunk_records).flatMap(push)));
    }
    for (const [name, ring] of rings) ring.advance(positions[feeds[name].topic] ?? {});
  }

  /** Answers the feeds that have more to tell now. */
  function push(record: FeedRecord): readonly FeedName[] {
    // A compaction's tombstone tells nothing.
    if (record.tombstone) return [];
    const following = names.get(record.topic) ?? [];
    for (const name of following) rings.get(name)?.push(record.partition, record.offset, contentOf(name, record, log));
    return following;
  }

  function tell(touched: ReadonlySet<FeedName>): void {
    for (const name of touched) {
      for (const cohort of cohorts.get(name)?.values() ?? []) cohort.tell();
    }
  }

  const running = run();
  return {
    get reading() {
      return reading;
    },
    async ring(feed) {
      await within(ring_ms_max, opened).catch(() => undefined);
      const ring = rings.get(feed);
      if (ring === undefined) throw new Error('the live feeds cannot be read at the moment');
      return ring;
    },
    cohort(feed, telling, ring) {
      const of_feed = cohorts.get(feed);
      const known = of_feed?.get(telling.key);
      if (known !== undefined) return known;
      const cohort = new Cohort(telling, ring, () => of_feed?.delete(telling.key));
      of_feed?.set(telling.key, cohort);
      return cohort;
    },
    async openReader(feed, from) {
      if (readers >= readers_max) return null;
      readers++;
      const { topic } = feeds[feed];
      try {
        const reader = await openReader([topic], from === 'earliest' ? from : { [topic]: { ...from } });
        let closed: Promise<void> | null = null;
        const close = (): Promise<void> => {
          closed ??= reader.close().finally(() => readers--);
          return closed;
        };
        return { next: reader.next, positions: reader.positions, close };
      } catch (error) {
        readers--;
        throw error;
      }
    },
    async close() {
      closing.abort();
      setOpened();
      await running;
    },
  };
}

function contentOf(feed: FeedName, record: FeedRecord, log: Logger): Content {
  if (record.size_bytes <= unread_bytes_max) {
    return { size: record.size_bytes, make: () => toldOf(feed, record, log) };
  }
  const told = toldOf(feed, record, log);
  return { size: 2 * (told?.json(true).length ?? 0), make: () => told };
}

/** Null for a compaction's tombstone, and for a record that makes no row. */
export function toldOf(feed: FeedName, record: FeedRecord, log: Logger): Told | null {
  const { timestamp_ms, partition, offset } = record;
  try {
    const value = record.read();
    return value === null ? null : feeds[feed].told(value, timestamp_ms);
  } catch (error) {
    log.warn({ feed, partition, offset, error: messageOf(error) }, 'a record makes no row');
    return null;
  }
}

function namesByTopic(): ReadonlyMap<string, readonly FeedName[]> {
  const names = new Map<string, FeedName[]>();
  for (const name of feedNames) names.set(feeds[name].topic, [...(names.get(feeds[name].topic) ?? []), name]);
  return names;
}

/** Rings of one topic stand at the same place once a batch has been taken. */
function positionsOf(rings: ReadonlyMap<FeedName, Ring>): Positions {
  return Object.fromEntries([...rings].map(([name, ring]) => [feeds[name].topic, { ...ring.position }]));
}
