/** Administration of topics, through kafkajs; what it lacks (topic ids) is asked in the protocol's own words. */
import { createRequire } from 'node:module';
import type { ConnectionOptions } from 'node:tls';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { MillraceError, messageOf } from './errors.ts';
import { type KafkaConfig, type KafkaTls, type TopicPartition, unreachable } from './kafka.ts';
import { pause } from './lifecycle.ts';
import { type Topic, topicSettings } from './topic.ts';

function connect(kafka: KafkaConfig): Kafka {
  return new Kafka({
    clientId: 'millrace-admin',
    brokers: kafka.brokers.split(','),
    logLevel: logLevel.NOTHING,
    ssl: kafka.tls?.enabled ? tlsOptions(kafka.tls) : false,
    ...(kafka.sasl ? { sasl: kafka.sasl as never } : {}),
  });
}

function tlsOptions({ ca, certificate, key, key_password }: KafkaTls): ConnectionOptions {
  return {
    ...(ca === undefined ? {} : { ca: [ca] }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
    ...(key_password === undefined ? {} : { passphrase: key_password }),
  };
}

async function withAdmin<T>(kafka: KafkaConfig, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = connect(kafka).admin();
  await reached(kafka, admin.connect());
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

async function reached(kafka: KafkaConfig, connecting: Promise<void>): Promise<void> {
  try {
    await connecting;
  } catch (error) {
    throw unreachable(kafka, error);
  }
}

/** Creates the topics that are not there and answers their names. Existing ones are left as they are. */
export function createTopics(kafka: KafkaConfig, topics: readonly Topic<never>[]): Promise<string[]> {
  return withAdmin(kafka, async admin => {
    const present = new Set(await admin.listTopics());
    const missing = topics.filter(topic => !present.has(topic.name));
    if (missing.length > 0) {
      const many = await manyOf(
        admin,
        kafka,
        topics.filter(topic => present.has(topic.name)),
      );
      await admin.createTopics({
        waitForLeaders: false,
        topics: missing.map(topic => ({
          topic: topic.name,
          numPartitions: topic.partitions === 'many' ? many : topic.partitions,
          replicationFactor: kafka.replication_factor,
          configEntries: Object.entries(topicSettings(topic)).map(([name, value]) => ({ name, value })),
        })),
      });
      await untilLed(
        admin,
        missing.map(topic => topic.name),
      );
    }
    return missing.map(topic => topic.name);
  });
}

const partitions_default = 4;

/** As many as such topics have already: they must agree, whatever is configured by now. */
async function manyOf(admin: Admin, kafka: KafkaConfig, present: readonly Topic<never>[]): Promise<number> {
  const one = present.find(topic => topic.partitions === 'many');
  if (!one) return kafka.partitions ?? partitions_default;
  return (await partitionsAt(admin, [one.name])).length;
}

async function partitionsAt(admin: Admin, topics: readonly string[]): Promise<TopicPartition[]> {
  const found = await admin.fetchTopicMetadata({ topics: [...topics] });
  return found.topics.flatMap(({ name, partitions }) => partitions.map((_, partition) => ({ topic: name, partition })));
}

/** Every partition that the topics have at the broker. */
export const partitionsOf = (kafka: KafkaConfig, topics: readonly string[]): Promise<TopicPartition[]> =>
  withAdmin(kafka, admin => partitionsAt(admin, topics));

/** Throws MillraceError `kafka.partitions` where the topics differ in it: a key would be in partitions of different numbers. */
export async function checkCopartitioned(kafka: KafkaConfig, topics: readonly string[]): Promise<void> {
  const counts = new Map<string, number>();
  for (const { topic } of await partitionsOf(kafka, topics)) counts.set(topic, (counts.get(topic) ?? 0) + 1);
  if (new Set(counts.values()).size <= 1) return;
  const told = [...counts]
    .sort()
    .map(([topic, count]) => `${topic} has ${count}`)
    .join(', ');
  throw new MillraceError('kafka.partitions', `these topics must have equally many partitions: ${told}`, {
    remedy: 'give the changed topics the old number again, or begin anew with topics of other names',
  });
}

const leader_ms_max = 30_000;
const leader_pause_ms = 100;

/** kafkajs' own waiting fails where the broker asked has not heard of the new topics yet. */
async function untilLed(admin: Admin, topics: string[]): Promise<void> {
  const until_ms = Date.now() + leader_ms_max;
  let last: unknown = 'a partition has no leader';
  while (Date.now() < until_ms) {
    try {
      const found = await admin.fetchTopicMetadata({ topics });
      if (found.topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) return;
    } catch (error) {
      last = error;
    }
    await pause(leader_pause_ms);
  }
  throw new MillraceError('kafka', `the new topics are not there after ${leader_ms_max} ms: ${messageOf(last)}`);
}

export interface OffsetReader {
  /**
   * The last stable offset of each partition, as `topic/partition`: what an open transaction has written lies behind it, and so
   * does for a moment what was just committed, since a commit is answered before its mark is in the partitions.
   */
  ends(topics: readonly string[]): Promise<Map<string, number>>;
  /** Where a group reads on; a partition it has not committed for is missing. */
  committed(group_id: string, topics: readonly string[]): Promise<Map<string, number>>;
  partitions(topics: readonly string[]): Promise<TopicPartition[]>;
  close(): Promise<void>;
}

export async function openOffsetReader(kafka: KafkaConfig): Promise<OffsetReader> {
  const admin = connect(kafka).admin();
  await reached(kafka, admin.connect());
  return {
    async ends(topics) {
      const found = await Promise.all(
        topics.map(async topic => ({ topic, ends: await admin.fetchTopicOffsets(topic) })),
      );
      return new Map(
        found.flatMap(({ topic, ends }) => ends.map(one => [`${topic}/${one.partition}`, Number(one.high)] as const)),
      );
    },
    async committed(group_id, topics) {
      const found = await admin.fetchOffsets({ groupId: group_id, topics: [...topics] });
      const offsets = found.flatMap(({ topic, partitions }) =>
        partitions.map(one => [`${topic}/${one.partition}`, Number(one.offset)] as const),
      );
      return new Map(offsets.filter(([, offset]) => offset >= 0));
    },
    partitions: topics => partitionsAt(admin, topics),
    close: () => admin.disconnect(),
  };
}

export interface EndReader {
  /** The high watermark of each partition, as `topic/partition`: all that was ever committed lies before it. */
  written(topics: readonly string[]): Promise<Map<string, number>>;
  close(): Promise<void>;
}

const read_uncommitted = 0;

/** kafkajs' admin asks for stable offsets alone; its cluster can be told otherwise. */
export async function openEndReader(kafka: KafkaConfig): Promise<EndReader> {
  const cluster = clusterOf(connect(kafka), { isolationLevel: read_uncommitted });
  await reached(kafka, cluster.connect());
  return {
    async written(topics) {
      await cluster.addMultipleTargetTopics([...topics]);
      await cluster.refreshMetadataIfNecessary();
      const wanted = topics.map(topic => ({
        topic,
        fromBeginning: false,
        partitions: cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ partition: partitionId })),
      }));
      const found = await cluster.fetchTopicsOffset(wanted);
      return new Map(
        found.flatMap(({ topic, partitions }) =>
          partitions.map(one => [`${topic}/${one.partition}`, Number(one.offset)] as const),
        ),
      );
    },
    close: () => cluster.disconnect(),
  };
}

// kafkajs knows the Metadata API to version 6; topic ids came with version 10 (KIP-516). Its encoder and decoder have
// the compact forms, and a cluster sends any request object, so one version more is the request and the answer below.
const load = createRequire(import.meta.url);
interface Encoder {
  writeUVarInt(value: number): Encoder;
  writeBoolean(value: boolean): Encoder;
}
interface Decoder {
  readInt8(): number;
  readInt16(): number;
  readInt32(): number;
  readBoolean(): boolean;
  readUVarInt(): number;
  readUVarIntString(): string | null;
  readBytes(length: number): Buffer;
}
interface Broker {
  [send: symbol]: (protocol: unknown) => Promise<unknown>;
}
interface Cluster {
  connect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  disconnect(): Promise<void>;
  findControllerBroker(): Promise<Broker>;
  addMultipleTargetTopics(topics: string[]): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  findTopicPartitionMetadata(topic: string): { partitionId: number }[];
  fetchTopicsOffset(
    topics: { topic: string; fromBeginning: boolean; partitions: { partition: number }[] }[],
  ): Promise<{ topic: string; partitions: { partition: number; offset: string }[] }[]>;
}

/** Topic name to topic id, a UUID in hex: what tells a topic from its namesake recreated later. */
export async function topicIds(kafka: KafkaConfig): Promise<Map<string, string>> {
  const cluster = clusterOf(connect(kafka));
  await reached(kafka, cluster.connect());
  try {
    await cluster.refreshMetadata();
    const broker = await cluster.findControllerBroker();
    const send = symbolOf(Object.getPrototypeOf(broker), 'sendRequest');
    return (await broker[send]?.(metadataV12())) as Map<string, string>;
  } finally {
    await cluster.disconnect();
  }
}

function clusterOf(kafka: Kafka, options: object = {}): Cluster {
  const create = symbolOf(kafka, 'createCluster');
  return (kafka as unknown as Record<symbol, (options: object) => Cluster>)[create]?.({
    metadataMaxAge: 300_000,
    allowAutoTopicCreation: false,
    ...options,
  }) as Cluster;
}

function symbolOf(holder: object, part: string): symbol {
  const found = Object.getOwnPropertySymbols(holder).find(symbol => symbol.description?.includes(part));
  if (!found) throw new Error(`kafkajs has no ${part}: its version is not the pinned one`);
  return found;
}

function metadataV12(): unknown {
  const EncoderClass = load('kafkajs/src/protocol/encoder') as new () => Encoder;
  const DecoderClass = load('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => Decoder;
  return {
    request: {
      apiKey: 3,
      apiVersion: 12,
      apiName: 'Metadata',
      // The first byte ends the request header, which has tagged fields from this version on; then: all topics, do not
      // create any, no authorised operations, no tagged fields.
      encode: async () =>
        new EncoderClass().writeUVarInt(0).writeUVarInt(0).writeBoolean(false).writeBoolean(false).writeUVarInt(0),
    },
    response: {
      decode: async (bytes: Buffer) => readTopicIds(new DecoderClass(bytes)),
      parse: async (data: unknown) => data,
    },
  };
}

function readTopicIds(answer: Decoder): Map<string, string> {
  const ids = new Map<string, string>();
  skipTags(answer);
  answer.readInt32(); // throttle time
  for (let brokers = answer.readUVarInt() - 1; brokers > 0; brokers--) {
    answer.readInt32();
    answer.readUVarIntString();
    answer.readInt32();
    answer.readUVarIntString();
    skipTags(answer);
  }
  answer.readUVarIntString(); // cluster id
  answer.readInt32(); // controller
  for (let topics = answer.readUVarInt() - 1; topics > 0; topics--) {
    answer.readInt16();
    const name = answer.readUVarIntString();
    const id = answer.readBytes(16).toString('hex');
    answer.readBoolean();
    for (let partitions = answer.readUVarInt() - 1; partitions > 0; partitions--) skipPartition(answer);
    answer.readInt32();
    skipTags(answer);
    if (name) ids.set(name, id);
  }
  return ids;
}

function skipPartition(answer: Decoder): void {
  answer.readInt16();
  for (let i = 0; i < 3; i++) answer.readInt32(); // index, leader, leader epoch
  for (let lists = 0; lists < 3; lists++) {
    for (let items = answer.readUVarInt() - 1; items > 0; items--) answer.readInt32();
  }
  skipTags(answer);
}

function skipTags(answer: Decoder): void {
  for (let tags = answer.readUVarInt(); tags > 0; tags--) {
    answer.readUVarInt();
    answer.readBytes(answer.readUVarInt());
  }
}
