/**
 * How records get from librdkafka into slabs and out of them: by our addon, thousands at a time, or by node-rdkafka's own
 * calls, one at a time, where the addon was not built or is not wanted.
 */
import { createRequire } from 'node:module';
import type * as Addon from '@millrace/border';
import rdkafka from 'node-rdkafka';
import { messageOf } from './errors.ts';
import { adaptivePoll, type KafkaConfig, kafkaError, type Position } from './kafka-client.ts';
import { entry_fields, head_fields, type Outbox, type Slab } from './slab.ts';

export interface Inlet {
  /** Fills the slab with what has arrived, at the latest after `wait_ms`. One at a time. */
  fill(slab: Slab, wait_ms: number): Promise<void>;
  /** Ends of partitions that were met beside the slab since the last call. */
  ends(): Position[];
  /** Forgets what was consumed and not delivered yet. */
  discard(): void;
  close(): void;
}

export interface Outlet {
  /** The topic's place in an entry of the outbox. */
  topicAt(name: string): number;
  /** Hands over the records from `from` on; answers the first that found the client's buffer full, or their count. */
  hand(outbox: Outbox, from: number): number;
  close(): void;
}

/** Why the addon is not used; null where it is. */
export function withoutAddon(kafka: KafkaConfig): string | null {
  if (kafka.native === false) return 'the configuration says so';
  return typeof addon === 'string' ? addon : null;
}

const addon = load();

function load(): typeof Addon | string {
  try {
    return createRequire(import.meta.url)('@millrace/border') as typeof Addon;
  } catch (error) {
    return messageOf(error);
  }
}

const addonFor = ({ native }: KafkaConfig): typeof Addon | null =>
  native === false || typeof addon === 'string' ? null : addon;

/** node-rdkafka's own object, which has the handle; a connected client has it. */
const nativeClient = (client: object): object => (client as { _client: object })._client;

export function openInlet(consumer: rdkafka.KafkaConsumer, topics: readonly string[], kafka: KafkaConfig): Inlet {
  const native = addonFor(kafka);
  return native ? nativeInlet(native, consumer, topics) : plainInlet(consumer, topics);
}

export function openOutlet(producer: rdkafka.Producer, kafka: KafkaConfig): Outlet {
  const native = addonFor(kafka);
  const names: string[] = [];
  const outlet = native ? nativeOutlet(native, producer) : plainOutlet(producer, names);
  return {
    topicAt(name) {
      const at = names.indexOf(name);
      if (at >= 0) return at;
      outlet.add(name);
      return names.push(name) - 1;
    },
    hand: outlet.hand,
    close: outlet.close,
  };
}

// ── By the addon ───────────────────────────────────────────────────────────────────────────────────────────────────────

function nativeInlet(native: typeof Addon, consumer: rdkafka.KafkaConsumer, topics: readonly string[]): Inlet {
  const handle = native.openConsumer(nativeClient(consumer), topics);
  return {
    async fill(slab, wait_ms) {
      await native.poll(handle, slab.bytes, slab.index, slab.offsets, wait_ms);
      const lacking = slab.index[2] as number;
      if (lacking === 0) return;
      slab.bytes = Buffer.allocUnsafeSlow(slab.bytes.length + lacking);
      await native.poll(handle, slab.bytes, slab.index, slab.offsets, 0);
    },
    ends: () => [],
    discard: () => native.discard(handle),
    close: () => native.closeConsumer(handle),
  };
}

interface BareOutlet extends Omit<Outlet, 'topicAt'> {
  add(name: string): void;
}

function nativeOutlet(native: typeof Addon, producer: rdkafka.Producer): BareOutlet {
  const handle = native.openProducer(nativeClient(producer));
  return {
    add: name => native.addTopic(handle, name),
    hand: (outbox, from) => native.produce(handle, outbox.bytes, outbox.index, from, outbox.count),
    close: () => native.closeProducer(handle),
  };
}

// ── By node-rdkafka's own calls ────────────────────────────────────────────────────────────────────────────────────────

function plainInlet(consumer: rdkafka.KafkaConsumer, topics: readonly string[]): Inlet {
  let met: Position[] = [];
  let told: Position[] = [];
  let waiting: rdkafka.Message[] = [];
  consumer.on('partition.eof', ({ topic, partition, offset }) => void met.push({ topic, partition, offset }));
  return {
    async fill(slab, wait_ms) {
      const count_max = (slab.index.length - head_fields) / entry_fields;
      if (waiting.length === 0) waiting = await adaptivePoll(consumer, count_max, wait_ms);
      const taken = copyInto(slab, waiting, topics);
      waiting = waiting.slice(taken);
      // Told no sooner than the records before it are delivered: whoever commits an end has done with them.
      if (waiting.length > 0) return;
      told.push(...met);
      met = [];
    },
    ends() {
      const ends = told;
      told = [];
      return ends;
    },
    discard() {
      waiting = [];
      met = [];
      told = [];
    },
    close: () => undefined,
  };
}

/** Copies as many messages as there is room for, one at least, and answers how many. */
function copyInto(slab: Slab, messages: readonly rdkafka.Message[], topics: readonly string[]): number {
  const { index, offsets } = slab;
  let used = 0;
  let count = 0;
  for (const { topic, partition, key, value, offset, timestamp } of messages) {
    const key_bytes = key === null || key === undefined ? null : Buffer.from(key as Buffer | string);
    const length = (key_bytes?.length ?? 0) + (value?.length ?? 0);
    if (used + length > slab.bytes.length) {
      if (count > 0) break;
      slab.bytes = Buffer.allocUnsafeSlow(length);
    }
    const entry = head_fields + count * entry_fields;
    index.set([topics.indexOf(topic), partition, used, key_bytes?.length ?? -1], entry);
    if (key_bytes) used += key_bytes.copy(slab.bytes, used);
    index.set([used, value?.length ?? -1], entry + 4);
    if (value) used += value.copy(slab.bytes, used);
    offsets[2 * count] = offset;
    offsets[2 * count + 1] = timestamp ?? 0;
    count++;
  }
  index[0] = count;
  index[1] = 0;
  return count;
}

function plainOutlet(producer: rdkafka.Producer, names: readonly string[]): BareOutlet {
  return {
    add: () => undefined,
    hand(outbox, from) {
      for (let i = from; i < outbox.count; i++) {
        const { topic, partition, key, value } = outbox.at(i);
        try {
          producer.produce(names[topic] as string, partition, value as Buffer, key);
        } catch (error) {
          if ((error as rdkafka.LibrdKafkaError).code === rdkafka.CODES.ERRORS.ERR__QUEUE_FULL) return i;
          throw kafkaError(`produce to ${names[topic]}`, error as rdkafka.LibrdKafkaError);
        }
      }
      return outbox.count;
    },
    close: () => undefined,
  };
}
