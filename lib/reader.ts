/** Reads typed topics outside any group, from a cursor on: what live feeds stand on. */
import { MillraceError } from './errors.ts';
import { openRawReader, type Positions, type ReadFrom } from './kafka.ts';
import { partitionsOf } from './kafka-admin.ts';
import { type Serde, schemaIdOf, serdeOf } from './registry.ts';
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
  /** As it lies in the topic. */
  readonly size_bytes: number;
  /** Decodes it; null for a tombstone, and for bytes that are no record of the topic. */
  read(): unknown;
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
        const value = batch.value(i);
        // A copy: the batch's own are overwritten by the next one, and the record may be read later than that.
        const bytes = value && Buffer.from(value);
        const serde = serdes.get(topic) as Serde<unknown>;
        const schema_id = bytes && schemaIdOf(bytes);
        // One that nobody knows is met again when the record is read.
        if (schema_id !== null && !serde.knows(schema_id)) await serde.learn(schema_id).catch(overlookRecord);
        records.push({
          topic,
          partition: batch.partition(i),
          offset: batch.offset(i),
          timestamp_ms: batch.timestamp_ms(i),
          key: batch.key(i),
          tombstone: bytes === null,
          size_bytes: bytes?.length ?? 0,
          read: () => recordOf(serde, bytes),
        });
      }
      return records;
    },
    positions: reader.positions,
    close: reader.close,
  };
}

function recordOf(serde: Serde<unknown>, bytes: Buffer | null): unknown {
  const id = bytes && schemaIdOf(bytes);
  if (id === null || !serde.knows(id)) return null;
  try {
    return serde.deserialize(bytes);
  } catch (error) {
    return overlookRecord(error);
  }
}

/** Null for a fault of the record; throws any other. */
function overlookRecord(error: unknown): null {
  if (error instanceof MillraceError && error.code.startsWith('avro.')) return null;
  throw error;
}
