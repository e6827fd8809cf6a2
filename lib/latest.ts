/** The newest record of each key of a compacted partition: what it means as a whole. */
import { type KafkaConfig, readToEnd } from './kafka.ts';
import type { Serde } from './registry.ts';

export async function readLatest<T>(kafka: KafkaConfig, serde: Serde<T>, partition = 0): Promise<Map<string, T>> {
  const latest = new Map<string, T>();
  await readToEnd(kafka, [{ topic: serde.topic.name, partition }], async (batch, i) => {
    const value = batch.value(i);
    if (value === null) latest.delete(batch.key(i));
    else latest.set(batch.key(i), await serde.deserialize(value));
  });
  return latest;
}
