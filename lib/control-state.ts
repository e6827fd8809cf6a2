/**
 * Control state: small compacted topics that every instance has whole, and that one fenced writer at a time fills with what
 * holds from then on, never with orders. A record that is in memory is the very object until a newer one takes its place.
 */
import { MillraceError, messageOf } from './errors.ts';
import { createFencedWriter } from './fenced-writer.ts';
import type { Positions } from './kafka.ts';
import { type EndReader, openEndReader } from './kafka-admin.ts';
import { pause } from './lifecycle.ts';
import type { Logger } from './log.ts';
import { openReader, type Reader } from './reader.ts';
import type { Serde } from './registry.ts';
import { type RegistryConfig, serdesOnDemand } from './registry-open.ts';
import type { Topic } from './topic.ts';

/** Of two records of a key, the one of the higher version holds. */
export interface Versioned {
  readonly version: number;
}

export interface Change {
  readonly topic: Topic<never>;
  readonly key: string;
  /** Null forgets it. */
  readonly record: Versioned | null;
}

export const changeOf = <T extends Versioned>(topic: Topic<T>, record: T): Change => ({
  // The cast: changes of several topics are written together.
  topic: topic as unknown as Topic<never>,
  key: topic.key(record),
  record,
});

export const forgetting = <T>(topic: Topic<T>, record: T): Change => ({
  topic: topic as unknown as Topic<never>,
  key: topic.key(record),
  record: null,
});

export interface ControlState {
  /** By key; the same map for good. */
  of<T extends Versioned>(topic: Topic<T>): ReadonlyMap<string, T>;
  /** Settles when all that was committed until now is known. Throws MillraceError `control.unavailable`. */
  caughtUp(): Promise<void>;
  /** Settles when everything was read once; throws as `caughtUp` does. */
  loaded(): Promise<void>;
  /** `decide` sees all that was ever written, and what it answers holds when this settles. What it throws is thrown. */
  change(decide: () => readonly Change[]): Promise<void>;
  close(): Promise<void>;
}

export interface ControlStateOptions extends RegistryConfig {
  readonly topics: readonly Topic<never>[];
  readonly transactional_id: string;
  readonly log: Logger;
}

const wait_ms = 100;
const reopen_ms = 1_000;
const caught_up_ms_max = 10_000;

export function openControlState(options: ControlStateOptions): ControlState {
  const { topics, log } = options;
  const names = topics.map(({ name }) => name);
  const state = new Map(names.map(name => [name, new Map<string, Versioned>()]));
  const closing = new AbortController();
  let positions: Positions = {};
  let is_loaded = false;
  let moved = (): void => undefined;
  let offsets: EndReader | null = null;
  const serdes = serdesOnDemand(options, topics);
  // The cast: a change's record is of its topic.
  const serdeFor = (topic: Topic<never>): Promise<Serde<Versioned>> => serdes(topic as unknown as Topic<Versioned>);

  function take(topic: string, key: string, record: Versioned | null): void {
    const records = state.get(topic);
    const known = records?.get(key);
    if (record === null) records?.delete(key);
    else if (!known || known.version < record.version) records?.set(key, record);
  }

  async function follow(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        const started = Object.keys(positions).length > 0;
        const reader = await openReader(options, topics as never, started ? positions : 'earliest');
        await read(reader).finally(reader.close);
      } catch (error) {
        log.warn({ topics: names, error: messageOf(error) }, 'control state cannot be read');
      }
      await pause(reopen_ms, closing.signal);
    }
  }

  async function read(reader: Reader): Promise<void> {
    while (!closing.signal.aborted) {
      for (const { topic, key, tombstone, read } of await reader.next(wait_ms)) {
        const value = read();
        // The cast: every record of these topics has a version. Bytes that are none say nothing.
        if (tombstone || value !== null) take(topic, key, value as Versioned | null);
      }
      positions = reader.positions();
      moved();
    }
  }

  async function ends(): Promise<Map<string, number>> {
    try {
      offsets ??= await openEndReader(options.kafka);
      const written = await offsets.written(names);
      // An end that is not told must not pass for one that was reached.
      const missing = names.filter(name => ![...written.keys()].some(place => place.startsWith(`${name}/`)));
      if (missing.length > 0) throw new Error(`no partition of ${missing.join(', ')}`);
      return written;
    } catch (error) {
      // A connection that broke is opened again the next time.
      void offsets?.close().catch(() => undefined);
      offsets = null;
      throw unavailable(error);
    }
  }

  async function reach(wanted: ReadonlyMap<string, number>): Promise<void> {
    const until_ms = Date.now() + caught_up_ms_max;
    const isThere = (): boolean =>
      [...wanted].every(([place, offset]) => {
        const at = place.lastIndexOf('/');
        return (positions[place.slice(0, at)]?.[Number(place.slice(at + 1))] ?? 0) >= offset;
      });
    while (!isThere()) {
      if (Date.now() > until_ms || closing.signal.aborted) throw unavailable('the topics are not read');
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, wait_ms);
        moved = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async function catchUp(): Promise<void> {
    await reach(await ends());
    is_loaded = true;
  }

  let asking: Promise<void> | null = null;
  let queued: Promise<void> | null = null;
  /** Whoever comes while the ends are asked for shares the next time: what was committed meanwhile lies beyond these. */
  function caughtUp(): Promise<void> {
    if (asking === null) {
      asking = catchUp().finally(() => {
        asking = null;
      });
      return asking;
    }
    queued ??= asking
      .catch(() => undefined)
      .then(() => {
        queued = null;
        return caughtUp();
      });
    return queued;
  }

  const writer = createFencedWriter({
    kafka: options.kafka,
    transactional_id: options.transactional_id,
    onTaken: caughtUp,
  });

  async function areThere(changes: readonly Change[]): Promise<boolean> {
    const found = await Promise.all(
      changes.map(async ({ topic, key, record }) => {
        const known = state.get(topic.name)?.get(key);
        if (record === null || known === undefined) return record === null && known === undefined;
        const { serialize } = await serdeFor(topic);
        return Buffer.compare(serialize(record), serialize(known)) === 0;
      }),
    );
    return found.every(isThere => isThere);
  }

  const following = follow();
  return {
    // The cast: each topic's records are in its own map.
    of: topic => (state.get(topic.name) ?? new Map()) as never,
    caughtUp,
    loaded: async () => (is_loaded ? undefined : caughtUp()),
    async change(decide) {
      let changes: readonly Change[] = [];
      await writer.write(async is_unclear => {
        if (is_unclear && (await areThere(changes))) return [];
        changes = decide();
        return Promise.all(
          changes.map(async ({ topic, key, record }) => {
            const serde = await serdeFor(topic);
            return { topic: topic.name, key, value: record && serde.serialize(record) };
          }),
        );
      });
      // Not by way of the topic: whoever asks next must find it.
      for (const { topic, key, record } of changes) take(topic.name, key, record);
    },
    async close() {
      closing.abort();
      moved();
      await writer.close();
      await following;
      await offsets?.close().catch(() => undefined);
    },
  };
}

const unavailable = (cause: unknown): MillraceError =>
  new MillraceError('control.unavailable', `the control topics cannot be read: ${messageOf(cause)}`, {
    retryable: true,
    remedy: 'check that Kafka is up',
    cause,
  });
