/** Processors on a real broker of their own, one that compacts within a second, started and stopped as a test likes. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { freePorts } from '../embedded/child.ts';
import { type KafkaConfig, openTransactionalProducer, readToEnd } from '../lib/kafka.ts';
import { createTopics, partitionsOf } from '../lib/kafka-admin.ts';
import { createMetrics } from '../lib/metrics.ts';
import type { Processor } from '../lib/processor.ts';
import { runProcessor } from '../lib/processor-runtime.ts';
import { type Serde, serdeOf } from '../lib/registry.ts';
import { type AnyTopic, openRegistry, registerSchemas, registryTopics } from '../lib/registry-open.ts';
import { openStateFile } from '../lib/state-file.ts';
import type { Topic } from '../lib/topic.ts';
import { startBroker } from './broker.ts';
import { freshDir, until } from './instance.ts';

export interface Run {
  /** How many records of the changelog its copy on disk did not have. */
  readonly replayed: number;
  stop(): Promise<void>;
}

export interface Rig {
  readonly kafka: KafkaConfig;
  createTopics(topics: readonly AnyTopic[], partitions?: number): Promise<void>;
  /** Its state lies in the folder. Resolves when it has its partitions. */
  start(processor: Processor, folder: string, commit_interval_ms?: number): Promise<Run>;
  /** In one transaction; without a partition the keys decide. */
  send<T>(topic: Topic<T>, records: readonly T[], partition?: number): Promise<void>;
  /** Null is a tombstone. */
  sendBytes(topic: AnyTopic, key: string, value: Buffer | null): Promise<void>;
  /** Everything that is there and no tombstone. */
  read<T>(topic: Topic<T>): Promise<T[]>;
  /** The keys of the tombstones that are there. */
  tombstones(topic: AnyTopic): Promise<string[]>;
  stop(): Promise<void>;
}

export async function startRig(): Promise<Rig> {
  const dir = freshDir();
  const [port = 0, controller = 0] = await freePorts(2);
  const properties = propertiesOf(dir, port, controller);
  const broker = await startBroker({ dir: join(dir, 'broker'), properties, user: 'none', password: 'none', port });
  const kafka: KafkaConfig = {
    brokers: `127.0.0.1:${port}`,
    replication_factor: 1,
    partitions: 2,
    session_timeout_ms: 6_000,
  };

  async function start(processor: Processor, folder: string, commit_interval_ms = 20): Promise<Run> {
    const { log, replayed } = listeningLog();
    const { inputs, outputs, tables = {} } = processor.definition;
    const topics = [inputs, outputs, tables].flatMap(Object.values<AnyTopic>);
    const registry = await openRegistry({ kafka }, [...topics, ...(processor.changelog ? [processor.changelog] : [])]);
    const file = openStateFile(join(dir, folder));
    const running = await runProcessor(processor, {
      kafka,
      registry,
      deadLetterOffice: async ({ message }) => {
        throw new Error(message);
      },
      file,
      instance: 'one',
      commit_interval_ms,
      log,
      metrics: createMetrics('test'),
      onFatal(error) {
        throw error;
      },
    });
    await until('assigned', async () => running.ready());
    return {
      replayed: replayed(),
      async stop() {
        await running.stop();
        await file.close();
      },
    };
  }

  const producer = await openTransactionalProducer(kafka, 'rig');
  async function write(put: () => void): Promise<void> {
    await producer.begin();
    put();
    await producer.commit();
  }

  /** Opening a registry reads all of it. */
  const serdes = new Map<string, unknown>();
  function serdeFor<T>(topic: Topic<T>): Promise<Serde<T>> {
    const known = serdes.get(topic.name) as Promise<Serde<T>> | undefined;
    const serde = known ?? openRegistry({ kafka }, [topic]).then(registry => serdeOf(registry, topic));
    serdes.set(topic.name, serde);
    return serde;
  }

  const partitionsOfTopic = (topic: AnyTopic) => partitionsOf(kafka, [topic.name]);

  return {
    kafka,
    async createTopics(topics, partitions = kafka.partitions) {
      const list = topics as unknown as Topic<never>[];
      await createTopics({ ...kafka, ...(partitions ? { partitions } : {}) }, [...registryTopics({ kafka }), ...list]);
      await registerSchemas({ kafka }, list);
    },
    start,
    async send(topic, records, partition) {
      const serde = await serdeFor(topic);
      await write(() => {
        for (const record of records) {
          producer.produce(topic.name, partition ?? null, topic.key(record), serde.serialize(record));
        }
      });
    },
    sendBytes: (topic, key, value) => write(() => producer.produce(topic.name, null, key, value)),
    async read<T>(topic: Topic<T>) {
      const serde = await serdeFor(topic);
      const found: T[] = [];
      await readToEnd(kafka, await partitionsOfTopic(topic), async (batch, i) => {
        const value = batch.value(i);
        if (value !== null) found.push(await serde.deserialize(value));
      });
      return found;
    },
    async tombstones(topic) {
      const keys: string[] = [];
      await readToEnd(kafka, await partitionsOfTopic(topic), (batch, i) => {
        if (batch.isTombstone(i)) keys.push(batch.key(i));
      });
      return keys;
    },
    async stop() {
      await producer.close();
      await broker.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** What the runtime says of a restore is in its log. */
function listeningLog() {
  const lines: { msg: string; replayed: number }[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  return { log: pino({}, stream), replayed: () => lines.find(({ msg }) => msg === 'assigned')?.replayed ?? -1 };
}

/** One broker for itself, which compacts within a second. */
export function propertiesOf(dir: string, port: number, controller: number): string {
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'CLIENT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(dir, 'kafka'),
    'offsets.topic.num.partitions': 1,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'log.roll.ms': 500,
    'log.cleaner.backoff.ms': 100,
    'log.cleaner.min.cleanable.ratio': 0.01,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
