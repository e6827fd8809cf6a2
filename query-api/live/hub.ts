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
import { Ring, type RingLimits, ring_limits } from './ring.ts';
import type { Told } from './told.ts';

/** A decoded record with its place. */
export interface FeedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp_ms: number;
  readonly value: unknown;
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

  /** Answers the feeds that have more to tell now: none where the record tells nothing. */
  function push(record: FeedRecord): readonly FeedName[] {
    return (names.get(record.topic) ?? []).filter(name => {
      const told = toldOf(name, record, log);
      if (told !== null) rings.get(name)?.push(record.partition, record.offset, told);
      return told !== null;
    });
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

/** Null for a compaction's tombstone, and for a record that makes no row. */
export function toldOf(
  feed: FeedName,
  { value, timestamp_ms, partition, offset }: FeedRecord,
  log: Logger,
): Told | null {
  if (value === null || value === undefined) return null;
  try {
    return feeds[feed].told(value, timestamp_ms);
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
