/** A transactional producer: what it writes is there with the positions it was made from, or not at all. */
import rdkafka from 'node-rdkafka';
import { openOutlet } from './kafka-border.ts';
import {
  call,
  call_ms_max,
  clientSettings,
  connect,
  disconnect,
  type KafkaConfig,
  kafkaError,
  type Position,
  sessionTimeout,
} from './kafka-client.ts';
import type { GroupConsumer } from './kafka-consumer.ts';
import { pause } from './lifecycle.ts';
import { Outbox } from './slab.ts';

export interface TransactionalProducer {
  begin(): Promise<void>;
  /** When the open transaction was begun, in milliseconds since 1970; null where none is open. */
  began_at_ms(): number | null;
  /** What the open transaction is to write next; `flush` and `commit` hand it to the client. */
  readonly outbox: Outbox;
  /** A topic's place in an entry of the outbox. */
  topicAt(name: string): number;
  /**
   * Puts one record, encoded, into the outbox; a null value is a tombstone, and without a partition the key decides. One
   * with headers, which the outbox has no room for, goes with the next flush on a way of its own.
   */
  produce(topic: string, partition: number | null, key: string, value: Uint8Array | null, headers?: Headers): void;
  /** Empties the outbox; waits while the client's buffer has no room. */
  flush(): Promise<void>;
  /** Meanwhile the client sends what it was handed. */
  sendOffsets(positions: readonly Position[], consumer: GroupConsumer): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
  close(): Promise<void>;
}

type Headers = Readonly<Record<string, string>>;

/** Of the session timeout: a dead owner's transaction must be gone before its partitions move. */
const transaction_share = 2 / 3;
const full_pause_ms = 5;

/** Opens and initialises: any transaction that a former holder of the id left open is aborted, and the holder fenced. */
export async function openTransactionalProducer(
  kafka: KafkaConfig,
  transactional_id: string,
): Promise<TransactionalProducer> {
  const producer = new rdkafka.Producer(
    {
      ...clientSettings(kafka),
      'transactional.id': transactional_id,
      'transaction.timeout.ms': Math.round(sessionTimeout(kafka) * transaction_share),
      'compression.codec': 'lz4',
      // Longer, and a commit would find all of a transaction still to be sent; shorter, and each record is a request.
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
  const outlet = openOutlet(producer, kafka);
  const outbox = new Outbox();
  let began_at_ms: number | null = null;
  let headed: { topic: string; partition: number | null; key: string; value: Buffer | null; headers: Headers }[] = [];

  async function flush(): Promise<void> {
    for (const record of headed) while (!handHeaded(record)) await pause(full_pause_ms);
    headed = [];
    for (let from = outlet.hand(outbox, 0); from < outbox.count; from = outlet.hand(outbox, from)) {
      await pause(full_pause_ms);
    }
    outbox.clear();
  }

  /** False where the client's buffer is full. */
  function handHeaded({ topic, partition, key, value, headers }: (typeof headed)[number]): boolean {
    const list = Object.entries(headers).map(([name, text]) => ({ [name]: text }));
    try {
      producer.produce(topic, partition, value, key, undefined, undefined, list);
      return true;
    } catch (error) {
      if ((error as rdkafka.LibrdKafkaError).code === rdkafka.CODES.ERRORS.ERR__QUEUE_FULL) return false;
      throw kafkaError(`produce to ${topic}`, error as rdkafka.LibrdKafkaError);
    }
  }

  return {
    outbox,
    topicAt: outlet.topicAt,
    produce(topic, partition, key, value, headers) {
      if (headers) headed.push({ topic, partition, key, value: value && Buffer.from(value), headers });
      else outbox.putBytes(outlet.topicAt(topic), partition, key, value);
    },
    flush,
    async begin() {
      await call('beginTransaction', done => producer.beginTransaction(done));
      began_at_ms = Date.now();
    },
    began_at_ms: () => began_at_ms,
    async sendOffsets(positions, consumer) {
      // The commit sends too, but only after this. It tells whether that failed.
      const sent = call('flush', done => producer.flush(call_ms_max, done)).catch(() => undefined);
      await call('sendOffsetsToTransaction', done =>
        producer.sendOffsetsToTransaction([...positions], consumer.handle, call_ms_max, done),
      );
      await sent;
    },
    async commit() {
      await flush();
      await call('commitTransaction', done => producer.commitTransaction(call_ms_max, done));
      began_at_ms = null;
    },
    async abort() {
      outbox.clear();
      headed = [];
      await call('abortTransaction', done => producer.abortTransaction(call_ms_max, done));
      began_at_ms = null;
    },
    close: async () => {
      outlet.close();
      await disconnect(producer);
    },
  };
}
