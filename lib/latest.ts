/** The newest record of each key of a compacted partition: what it means as a whole. */
import { type KafkaConfig, readBatchesToEnd } from './kafka.ts';
import type { Serde } from './registry.ts';

export interface Latest<T> {
  readonly latest: Map<string, T>;
  /** Everything below it is in `latest`. */
  readonly next_offset: number;
}

const batch_records_max = 2_000;

export async function readLatest<T>(kafka: KafkaConfig, serde: Serde<T>, partition: number): Promise<Latest<T>> {
  const { name: topic } = serde.topic;
  const latest = new Map<string, T>();
  let next_offset = 0;
  await readBatchesToEnd(kafka, [{ topic, partition }], 'earliest', batch_records_max, async (batch, next) => {
    for (let i = 0; i < batch.count; i++) {
      const value = batch.value(i);
      if (value === null) latest.delete(batch.key(i));
      else latest.set(batch.key(i), await serde.deserialize(value));
    }
    next_offset = next[topic]?.[partition] ?? 0;
  });
  return { latest, next_offset };
}
