/** Events at a steady rate, written by a plain producer: Millrace has no use for one itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import rdkafka from 'node-rdkafka';
import type { KafkaConfig } from '../../lib/kafka.ts';
import { serdeOf } from '../../lib/registry.ts';
import { openRegistry } from '../../lib/registry-open.ts';
import type { Event } from './topology.ts';
import { eventTopic } from './topology.ts';

export interface Load {
  readonly kafka: KafkaConfig;
  readonly topic: string;
  readonly rate: number;
  readonly seconds: number;
  readonly events: Iterator<Event>;
}

const tick_ms = 5;

/** Resolves with how many were written. Each event's `at_ms` is when it was due, in milliseconds since 1970. */
export async function writeSteadily({ kafka, topic: name, rate, seconds, events }: Load): Promise<number> {
  const topic = eventTopic(name);
  const serde = serdeOf(await openRegistry({ kafka }, [topic]), topic);
  const producer = await open(kafka);
  const began_at_ms = Date.now();
  const all = rate * seconds;
  let written = 0;
  while (written < all) {
    const due = Math.min(all, Math.floor(((Date.now() - began_at_ms) * rate) / 1000));
    for (; written < due; written++) {
      const event: Event = { ...events.next().value, at_ms: Math.round(began_at_ms + (written * 1000) / rate) };
      producer.produce(topic.name, null, serde.serialize(event), event.person);
    }
    await sleep(tick_ms);
  }
  await new Promise<void>((done, fail) => producer.flush(10_000, error => (error ? fail(error) : done())));
  await new Promise(done => producer.disconnect(done));
  return written;
}

async function open({ brokers, sasl }: KafkaConfig): Promise<rdkafka.Producer> {
  const producer = new rdkafka.Producer(
    {
      'metadata.broker.list': brokers,
      ...(sasl && {
        'security.protocol': 'sasl_plaintext',
        'sasl.mechanisms': 'PLAIN',
        'sasl.username': sasl.username,
        'sasl.password': sasl.password,
      }),
      'linger.ms': 0,
      dr_cb: false,
    },
    { partitioner: 'murmur2_random' },
  );
  await new Promise<void>((done, fail) => producer.connect({}, error => (error ? fail(error) : done())));
  producer.setPollInterval(100);
  return producer;
}
