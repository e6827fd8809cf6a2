/**
 * The only importer of node-rdkafka: configuration, consumers, transactional producers and readers.
 *
 * Between here and the runtimes a batch is a view (`count`, `key(i)`, `value(i)` …), never an array of objects, so that
 * what fills it can change without touching a processor.
 */
import rdkafka from 'node-rdkafka';
import { MillraceError, messageOf } from './errors.ts';
import { pause, withResolvers } from './lifecycle.ts';

export interface KafkaConfig {
  /** `host:port`, comma-separated. */
  readonly brokers: string;
  readonly replication_factor: number;
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  readonly tls?: { readonly ca?: string };
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}
export interface Position extends TopicPartition {
  /** The next offset to read. */
  readonly offset: number;
}

/** A view over records as they came from the broker; valid until the next poll. */
export interface Batch {
  readonly count: number;
  topic(i: number): string;
  partition(i: number): number;
  offset(i: number): number;
  /** When the broker or producer stamped it, in milliseconds since 1970. */
  timestamp_ms(i: number): number;
  key(i: number): string;
  value(i: number): Buffer | null;
}

// Every call to the broker has an end; a commit that has none blocks its group for good.
const call_ms_max = 30_000;
const prefetch_kilobytes = 16_384;
const message_bytes_max = 2_097_152;

function clientSettings(kafka: KafkaConfig): Record<string, string | number | boolean> {
  return {
    'metadata.broker.list': kafka.brokers,
    'client.id': 'millrace',
    'message.max.bytes': message_bytes_max,
    ...(kafka.tls ? { 'ssl.ca.pem': kafka.tls.ca ?? '' } : {}),
    'security.protocol': `${kafka.sasl ? 'sasl_' : ''}${kafka.tls ? 'ssl' : 'plaintext'}`,
    ...(kafka.sasl
      ? {
          'sasl.mechanisms': kafka.sasl.mechanism.toUpperCase(),
          'sasl.username': kafka.sasl.username,
          'sasl.password': kafka.sasl.password,
        }
      : {}),
  };
}

function consumerSettings(kafka: KafkaConfig): Record<string, string | number | boolean> {
  return {
    ...clientSettings(kafka),
    'enable.auto.commit': false,
    'enable.auto.offset.store': false,
    'isolation.level': 'read_committed',
    'enable.partition.eof': true,
    // The default would hold 64 MB a client, and a process has several.
    'queued.max.messages.kbytes': prefetch_kilobytes,
    'fetch.wait.max.ms': 50,
  };
}

type Done<T> = (error: rdkafka.LibrdKafkaError | null | undefined, value?: T) => void;

function call<T>(what: string, start: (done: Done<T>) => void): Promise<T> {
  const { promise, resolve, reject } = withResolvers<T>();
  start((error, value) => (error ? reject(kafkaError(what, error)) : resolve(value as T)));
  return promise;
}

function kafkaError(what: string, error: rdkafka.LibrdKafkaError): MillraceError {
  const fatal = (error as { isFatal?: boolean }).isFatal === true;
  return new MillraceError('kafka', `${what}: ${messageOf(error)}`, { retryable: !fatal, cause: error });
}

async function connect<C extends rdkafka.Client<string>>(client: C, kafka: KafkaConfig): Promise<C> {
  await call('connect', done => client.connect({ timeout: call_ms_max }, done as never)).catch(error => {
    throw new MillraceError('kafka', `no Kafka broker answers at ${kafka.brokers}: ${messageOf(error)}`, {
      retryable: true,
      remedy: 'check KAFKA_BROKERS, and that the broker is up',
      cause: error,
    });
  });
  return client;
}

const disconnect = (client: rdkafka.Client<string>): Promise<unknown> =>
  call('disconnect', done => client.disconnect(done as never)).catch(() => undefined);

// ── Group consumer ───────────────────────────────────────────────────────────────────────────────────────────────────

export interface GroupConsumerOptions {
  readonly kafka: KafkaConfig;
  readonly group_id: string;
  /**
   * Unique among the group's members and stable across restarts: a process that comes back takes its partitions up at
   * once, where the group would otherwise wait for the session of the dead one to end (KIP-345).
   */
  readonly instance: string;
  readonly topics: readonly string[];
  /** Awaited before the first record of these partitions is delivered. */
  onAssign(partitions: readonly TopicPartition[]): Promise<void>;
  /**
   * Awaited before the partitions are given up. An open transaction must be aborted here: `sendOffsetsToTransaction`
   * reads the *current* group metadata, so a later commit would be accepted although the partitions have a new owner.
   */
  onRevoke(partitions: readonly TopicPartition[]): Promise<void>;
  onError(error: Error): void;
}

export interface GroupConsumer {
  /** Records that have arrived, at most `count_max`, after at most `wait_ms`. Rebalances happen here and nowhere else. */
  poll(count_max: number, wait_ms: number): Promise<Batch>;
  committed(partitions: readonly TopicPartition[]): Promise<Position[]>;
  close(): Promise<void>;
  /** For `TransactionalProducer.sendOffsets` alone. */
  readonly handle: rdkafka.KafkaConsumer;
}

type Rebalance = { readonly kind: 'assign' | 'revoke'; readonly partitions: readonly TopicPartition[] };

export async function openGroupConsumer(options: GroupConsumerOptions): Promise<GroupConsumer> {
  /**
   * Asked for by the group and not yet done. The callback only notes it: librdkafka waits for `assign` and `unassign`,
   * and `poll` calls them when no fetch is under way. Were they called in the callback, a fetch that had begun before
   * could return records of the new assignment, and whoever drops them as old has lost them.
   */
  const pending: Rebalance[] = [];
  let closing = false;
  const consumer = new rdkafka.KafkaConsumer(
    {
      ...consumerSettings(options.kafka),
      'group.id': options.group_id,
      'group.instance.id': `${options.group_id}.${options.instance}`,
      // Range gives the same partition numbers of equally partitioned topics to one member, as joined state needs.
      'partition.assignment.strategy': 'range',
      'session.timeout.ms': 30_000,
      'max.poll.interval.ms': 300_000,
      rebalance_cb: ((event: rdkafka.LibrdKafkaError, partitions: TopicPartition[]) => {
        // Nobody polls any more, and closing waits until the partitions are given up.
        if (closing) return void consumer.unassign();
        const assigned = event.code === rdkafka.CODES.ERRORS.ERR__ASSIGN_PARTITIONS;
        pending.push({ kind: assigned ? 'assign' : 'revoke', partitions: [...partitions] });
      }) as unknown as boolean,
    },
    { 'auto.offset.reset': 'earliest' },
  );

  async function rebalance({ kind, partitions }: Rebalance): Promise<void> {
    if (kind === 'revoke') {
      await options.onRevoke(partitions);
      consumer.unassign();
    } else {
      await options.onAssign(partitions);
      consumer.assign([...partitions]);
    }
  }

  consumer.on('event.error', error => {
    if ((error as { isFatal?: boolean }).isFatal) options.onError(kafkaError('consumer', error));
  });
  await connect(consumer, options.kafka);
  consumer.subscribe([...options.topics]);

  return {
    handle: consumer,
    async poll(count_max, wait_ms) {
      const messages = await adaptivePoll(consumer, count_max, wait_ms);
      if (pending.length === 0) return viewOf(messages);
      // What was just fetched belongs to the assignment that ends here, and is read again by whoever owns it next.
      for (let next = pending.shift(); next; next = pending.shift()) await rebalance(next);
      return viewOf([]);
    },
    async committed(partitions) {
      if (partitions.length === 0) return [];
      const found = await call<rdkafka.TopicPartitionOffset[]>('read committed offsets', done =>
        consumer.committed([...partitions], call_ms_max, done as never),
      );
      return found.map(({ topic, partition, offset }) => ({
        topic,
        partition,
        offset: typeof offset === 'number' ? offset : -1,
      }));
    },
    close: async () => {
      closing = true;
      if (pending.length > 0) consumer.unassign();
      await disconnect(consumer);
    },
  };
}

/**
 * librdkafka's consume timeout holds *per message*: a large batch with a long timeout waits, under steady traffic, until
 * it is full. So one record is awaited for long, and what lies behind it is taken with next to none.
 */
async function adaptivePoll(
  consumer: rdkafka.KafkaConsumer,
  count_max: number,
  wait_ms: number,
): Promise<rdkafka.Message[]> {
  consumer.setDefaultConsumeTimeout(Math.max(1, wait_ms));
  const first = await consume(consumer, 1);
  if (first.length === 0 || count_max <= 1) return first;
  consumer.setDefaultConsumeTimeout(1);
  const rest = await consume(consumer, count_max - 1);
  return rest.length === 0 ? first : first.concat(rest);
}

function consume(consumer: rdkafka.KafkaConsumer, count: number): Promise<rdkafka.Message[]> {
  return call('consume', done => consumer.consume(count, done as never));
}

function viewOf(messages: readonly rdkafka.Message[]): Batch {
  const at = (i: number): rdkafka.Message => messages[i] as rdkafka.Message;
  return {
    count: messages.length,
    topic: i => at(i).topic,
    partition: i => at(i).partition,
    offset: i => at(i).offset,
    timestamp_ms: i => at(i).timestamp ?? 0,
    key: i => String(at(i).key ?? ''),
    value: i => at(i).value,
  };
}

// ── Transactional producer ───────────────────────────────────────────────────────────────────────────────────────────

export interface TransactionalProducer {
  begin(): Promise<void>;
  /** Throws MillraceError `kafka.queue-full` (retryable) when the client's buffer has no room. */
  produce(topic: string, partition: number | null, key: string, value: Buffer | null): void;
  sendOffsets(positions: readonly Position[], consumer: GroupConsumer): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
  close(): Promise<void>;
}

/** Must stay below the session timeout, so that a dead owner's transaction is gone before its partitions move. */
const transaction_ms_max = 20_000;

/** Opens and initialises: any transaction that a former holder of the id left open is aborted, and the holder fenced. */
export async function openTransactionalProducer(
  kafka: KafkaConfig,
  transactional_id: string,
): Promise<TransactionalProducer> {
  const producer = new rdkafka.Producer(
    {
      ...clientSettings(kafka),
      'transactional.id': transactional_id,
      'transaction.timeout.ms': transaction_ms_max,
      'compression.codec': 'lz4',
      'linger.ms': 5,
      // The commit is the proof of delivery; a report a message would cost a fifth of the throughput.
      dr_cb: false,
      'queue.buffering.max.messages': 500_000,
      'queue.buffering.max.kbytes': 262_144,
    },
    // The partitioner of Java's clients: other tools then agree with us where a key lives.
    { partitioner: 'murmur2_random' },
  );
  await connect(producer, kafka);
  producer.setPollInterval(100);
  await call('initTransactions', done => producer.initTransactions(call_ms_max, done));
  return {
    begin: () => call('beginTransaction', done => producer.beginTransaction(done)),
    produce(topic, partition, key, value) {
      try {
        producer.produce(topic, partition, value as Buffer, key);
      } catch (error) {
        const full = (error as rdkafka.LibrdKafkaError).code === rdkafka.CODES.ERRORS.ERR__QUEUE_FULL;
        throw new MillraceError(full ? 'kafka.queue-full' : 'kafka', `produce to ${topic}: ${messageOf(error)}`, {
          retryable: full,
          cause: error,
        });
      }
    },
    sendOffsets: (positions, consumer) =>
      call('sendOffsetsToTransaction', done =>
        producer.sendOffsetsToTransaction([...positions], consumer.handle, call_ms_max, done),
      ),
    commit: () => call('commitTransaction', done => producer.commitTransaction(call_ms_max, done)),
    abort: () => call('abortTransaction', done => producer.abortTransaction(call_ms_max, done)),
    close: async () => {
      await disconnect(producer);
    },
  };
}

// ── Reader ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Topic to partition to next offset. */
export type Positions = Record<string, Record<number, number>>;
export type ReadFrom = 'earliest' | 'latest' | Positions;

/** Reads whole topics outside any group: control state, restores, live feeds. */
export interface RawReader {
  poll(count_max: number, wait_ms: number): Promise<Batch>;
  /** Whether everything below the ends (the high watermarks, read uncommitted, at opening) has been delivered. */
  caughtUp(): boolean;
  positions(): Positions;
  close(): Promise<void>;
}

export interface RawReaderOptions {
  readonly kafka: KafkaConfig;
  readonly partitions: readonly TopicPartition[];
  readonly from: ReadFrom;
}

export async function openRawReader({ kafka, partitions, from }: RawReaderOptions): Promise<RawReader> {
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
  // The end of a partition is where nothing more can be delivered *now*; control records and open transactions lie
  // before it without ever arriving, so positions come from here and not from the last record.
  consumer.on('partition.eof', ({ topic, partition, offset }) => {
    set(next, topic, partition, Math.max(next[topic]?.[partition] ?? 0, offset));
  });
  consumer.assign(
    partitions.map(({ topic, partition }) => ({ topic, partition, offset: next[topic]?.[partition] ?? 0 })),
  );
  return {
    async poll(count_max, wait_ms) {
      const messages = await adaptivePoll(consumer, count_max, wait_ms);
      for (const { topic, partition, offset } of messages) {
        set(next, topic, partition, Math.max(next[topic]?.[partition] ?? 0, offset + 1));
      }
      return viewOf(messages);
    },
    caughtUp: () =>
      partitions.every(({ topic, partition }) => (next[topic]?.[partition] ?? 0) >= (ends[topic]?.[partition] ?? 0)),
    positions: () => structuredClone(next),
    close: async () => {
      consumer.unassign();
      await disconnect(consumer);
    },
  };
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
async function watermarksOf(
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
