/** Reads whole topics outside any group: control state, restores, live feeds. */
import rdkafka from 'node-rdkafka';
import type { MillraceError } from './errors.ts';
import {
  call,
  call_ms_max,
  clientSettings,
  connect,
  consumerSettings,
  disconnect,
  type KafkaConfig,
  type TopicPartition,
} from './kafka-client.ts';
import { openFetcher } from './kafka-fetch.ts';
import { pause } from './lifecycle.ts';
import type { Batch } from './slab.ts';

/** Topic to partition to next offset. */
export type Positions = Record<string, Record<number, number>>;
export type ReadFrom = 'earliest' | 'latest' | Positions;

export interface RawReader {
  /** Records that have arrived, after at most `wait_ms`; valid until the next call. */
  poll(wait_ms: number): Promise<Batch>;
  /** Whether everything below the ends (the high watermarks, read uncommitted, at opening) has been delivered. */
  caughtUp(): boolean;
  positions(): Positions;
  close(): Promise<void>;
}

export interface RawReaderOptions {
  readonly kafka: KafkaConfig;
  readonly partitions: readonly TopicPartition[];
  readonly from: ReadFrom;
  /** How many records a batch can have. */
  readonly batch_records_max: number;
}

export async function openRawReader(options: RawReaderOptions): Promise<RawReader> {
  const { kafka, partitions, from } = options;
  const consumer = new rdkafka.KafkaConsumer(
    { ...consumerSettings(kafka), 'group.id': 'millrace-reader' },
    { 'auto.offset.reset': 'earliest' },
  );
  await connect(consumer, kafka);
  const ends: Positions = {};
  const next: Positions = {};
  const bounds = await watermarksOf(kafka, partitions);
  for (const [i, { topic, partition }] of partitions.entries()) {
    const watermarks = bounds[i] ?? { low: 0, high: 0 };
    set(ends, topic, partition, watermarks.high);
    const wanted =
      from === 'latest' ? watermarks.high : from === 'earliest' ? watermarks.low : from[topic]?.[partition];
    // A position below the log's start was deleted or compacted away; what is left begins at the start.
    set(next, topic, partition, Math.max(wanted ?? watermarks.low, watermarks.low));
  }
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  const fetcher = openFetcher(consumer, topics, options.batch_records_max, kafka);
  consumer.assign(
    partitions.map(({ topic, partition }) => ({ topic, partition, offset: next[topic]?.[partition] ?? 0 })),
  );
  return {
    async poll(wait_ms) {
      const batch = await fetcher.next(wait_ms);
      for (let i = 0; i < batch.count; i++) reach(batch.topic(i), batch.partition(i), batch.offset(i) + 1);
      // The end of a partition is where nothing more can be delivered *now*; control records and open transactions lie
      // before it without ever arriving, so positions do not come from the last record alone.
      for (const { topic, partition, offset } of batch.ends) reach(topic, partition, offset);
      return batch;
    },
    caughtUp: () =>
      partitions.every(({ topic, partition }) => (next[topic]?.[partition] ?? 0) >= (ends[topic]?.[partition] ?? 0)),
    positions: () => structuredClone(next),
    close: async () => {
      await fetcher.close();
      consumer.unassign();
      await disconnect(consumer);
    },
  };

  function reach(topic: string, partition: number, offset: number): void {
    set(next, topic, partition, Math.max(next[topic]?.[partition] ?? 0, offset));
  }
}

function set(positions: Positions, topic: string, partition: number, offset: number): void {
  const of = positions[topic] ?? {};
  of[partition] = offset;
  positions[topic] = of;
}

/**
 * Where each partition begins and ends, the end being the offset after the last record *written*, whatever its
 * transaction's fate: a restore that stopped at the last stable offset would miss what a still open transaction
 * commits a moment later (KAFKA-10167). librdkafka answers this to a read-uncommitted client alone.
 */
export async function watermarksOf(
  kafka: KafkaConfig,
  partitions: readonly TopicPartition[],
): Promise<{ low: number; high: number }[]> {
  const client = await connect(
    new rdkafka.KafkaConsumer(
      { ...clientSettings(kafka), 'group.id': 'millrace-reader', 'isolation.level': 'read_uncommitted' },
      {},
    ),
    kafka,
  );
  try {
    return await Promise.all(
      partitions.map(async ({ topic, partition }) => {
        const { lowOffset, highOffset } = await whileMoving(() =>
          call<rdkafka.WatermarkOffsets>(`query the watermarks of ${topic}`, done =>
            client.queryWatermarkOffsets(topic, partition, call_ms_max, done as never),
          ),
        );
        return { low: lowOffset, high: highOffset };
      }),
    );
  } finally {
    await disconnect(client);
  }
}

const moving_ms_max = 15_000;
const moving_pause_ms = 100;

/** Tries again while a partition's leader is being chosen: after a topic's creation, and after a broker's return. */
async function whileMoving<T>(ask: () => Promise<T>): Promise<T> {
  const { ERR_NOT_LEADER_FOR_PARTITION, ERR_LEADER_NOT_AVAILABLE, ERR_UNKNOWN_TOPIC_OR_PART, ERR__UNKNOWN_PARTITION } =
    rdkafka.CODES.ERRORS;
  const moving = [
    ERR_NOT_LEADER_FOR_PARTITION,
    ERR_LEADER_NOT_AVAILABLE,
    ERR_UNKNOWN_TOPIC_OR_PART,
    ERR__UNKNOWN_PARTITION,
  ];
  const until_ms = Date.now() + moving_ms_max;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const code = ((error as MillraceError).cause as rdkafka.LibrdKafkaError | undefined)?.code;
      if (code === undefined || !moving.includes(code) || Date.now() >= until_ms) throw error;
      await pause(moving_pause_ms);
    }
  }
}

const read_records_max = 2_000;
const read_stall_ms_max = 60_000;

/** Hands every record of the partitions to `visit`, as `readBatchesToEnd` reads them. */
export function readToEnd(
  kafka: KafkaConfig,
  partitions: readonly TopicPartition[],
  visit: (batch: Batch, i: number) => Promise<void> | void,
): Promise<void> {
  return readBatchesToEnd(kafka, partitions, 'earliest', read_records_max, async batch => {
    for (let i = 0; i < batch.count; i++) await visit(batch, i);
  });
}

/**
 * Reads the partitions up to the high watermarks of this moment. `visit` gets each batch with where reading goes on after
 * it. A foreign transaction that is still open is waited out, as long as there is progress; throws after a minute without.
 */
export async function readBatchesToEnd(
  kafka: KafkaConfig,
  partitions: readonly TopicPartition[],
  from: ReadFrom,
  batch_records_max: number,
  visit: (batch: Batch, next: Positions) => Promise<void>,
): Promise<void> {
  const reader = await openRawReader({ kafka, partitions, from, batch_records_max });
  try {
    let progressed_at_ms = Date.now();
    while (!reader.caughtUp()) {
      const batch = await reader.poll(100);
      await visit(batch, reader.positions());
      if (batch.count > 0) progressed_at_ms = Date.now();
      else if (Date.now() - progressed_at_ms > read_stall_ms_max) {
        const names = partitions.map(({ topic, partition }) => `${topic}/${partition}`).join(', ');
        throw new Error(`${names}: no progress for ${read_stall_ms_max} ms while reading to the end`);
      }
    }
  } finally {
    await reader.close();
  }
}
