/** Reads typed topics outside any group, from a cursor on: what live feeds stand on. */
import { MillraceError } from './errors.ts';
import { openRawReader, type Positions, type ReadFrom } from './kafka.ts';
import { partitionsOf } from './kafka-admin.ts';
import { type Serde, serdeOf } from './registry.ts';
import { type AnyTopic, openRegistry, type RegistryConfig } from './registry-open.ts';

export type { Positions, ReadFrom } from './kafka.ts';

export interface ReadRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp_ms: number;
  readonly key: string;
  /** Whether it deletes its key. */
  readonly tombstone: boolean;
  /** The decoded record; null for a tombstone, and for bytes that are no record of the topic. */
  readonly value: unknown;
}

export interface Reader {
  /** Records that have arrived, after at most `wait_ms`; none where none came. */
  next(wait_ms: number): Promise<readonly ReadRecord[]>;
  /** Where reading goes on, after everything delivered so far. */
  positions(): Positions;
  close(): Promise<void>;
}

const records_max = 500;

export async function openReader(config: RegistryConfig, topics: readonly AnyTopic[], from: ReadFrom): Promise<Reader> {
  const registry = await openRegistry(config, topics);
  const serdes = new Map(topics.map(topic => [topic.name, serdeOf<unknown>(registry, topic)]));
  const partitions = await partitionsOf(
    config.kafka,
    topics.map(topic => topic.name),
  );
  const reader = await openRawReader({ kafka: config.kafka, partitions, from, batch_records_max: records_max });
  return {
    async next(wait_ms) {
      const batch = await reader.poll(wait_ms);
      const records: ReadRecord[] = [];
      for (let i = 0; i < batch.count; i++) {
        const topic = batch.topic(i);
        records.push({
          topic,
          partition: batch.partition(i),
          offset: batch.offset(i),
          timestamp_ms: batch.timestamp_ms(i),
          key: batch.key(i),
          tombstone: batch.value(i) === null,
          value: await recordOf(serdes.get(topic) as Serde<unknown>, batch.value(i)),
        });
      }
      return records;
    },
    positions: reader.positions,
    close: reader.close,
  };
}

async function recordOf(serde: Serde<unknown>, bytes: Buffer | null): Promise<unknown> {
  if (bytes === null) return null;
  try {
    return await serde.deserialize(bytes);
  } catch (error) {
    if (error instanceof MillraceError && error.code.startsWith('avro.')) return null;
    throw error;
  }
}
