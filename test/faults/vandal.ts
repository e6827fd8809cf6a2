/** Somebody who writes what is no record into the topics, with a client of their own. */
import rdkafka from 'node-rdkafka';
import { createRandom } from '../../bench/random.ts';
import type { KafkaConfig } from '../../lib/kafka.ts';
import { corrupt_key, corruptBytes } from './input.ts';

export interface Vandalism {
  readonly topic: string;
  readonly count: number;
  readonly seed: number;
  /** A record of the topic as it is in Kafka, from which corrupt ones are made. */
  readonly sound: Buffer;
}

const partition_count = 4;

export async function vandalize(kafka: KafkaConfig, { topic, count, seed, sound }: Vandalism): Promise<void> {
  const producer = new rdkafka.Producer({ 'metadata.broker.list': kafka.brokers, 'compression.codec': 'lz4' }, {});
  await new Promise<void>((done, fail) => producer.connect({}, error => (error ? fail(error) : done())));
  const random = createRandom(seed);
  let i = 0;
  for (const bytes of corruptBytes(count, seed, sound)) {
    producer.produce(topic, random.int(0, partition_count - 1), bytes, `${corrupt_key}${i++}`);
  }
  await new Promise<void>((done, fail) => producer.flush(20_000, error => (error ? fail(error) : done())));
  await new Promise(done => producer.disconnect(done));
}
