/** A member of a consumer group: partitions come and go only between two polls. */
import rdkafka from 'node-rdkafka';
import {
  call,
  call_ms_max,
  connect,
  consumerSettings,
  disconnect,
  type KafkaConfig,
  kafkaError,
  type Position,
  sessionTimeout,
  type TopicPartition,
} from './kafka-client.ts';
import { openFetcher } from './kafka-fetch.ts';
import { pause } from './lifecycle.ts';
import { Batch, createSlab } from './slab.ts';

export interface GroupConsumerOptions {
  readonly kafka: KafkaConfig;
  readonly group_id: string;
  /**
   * Unique among the group's members and stable across restarts: a process that comes back takes its partitions up at
   * once, where the group would otherwise wait for the session of the dead one to end (KIP-345). Null is a member like any.
   */
  readonly instance: string | null;
  readonly topics: readonly string[];
  /** How many records a batch can have. */
  readonly batch_records_max: number;
  /** The broker collects for so long before it answers, unless there is much: for who would wait for more anyway. */
  readonly fetch_linger_ms?: number;
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
  /**
   * Records that have arrived, after at most `wait_ms`; valid until the next call. Rebalances happen here and nowhere else.
   */
  poll(wait_ms: number): Promise<Batch>;
  committed(partitions: readonly TopicPartition[]): Promise<Position[]>;
  close(): Promise<void>;
  /** For `TransactionalProducer.sendOffsets` alone. */
  readonly handle: rdkafka.KafkaConsumer;
}

const much_bytes = 256 * 1024;
/** An answer that nothing came costs the broker as much as any. */
const empty_fetch_ms = 200;
const max_poll_interval_ms = 300_000;
const keep_polling_ms = max_poll_interval_ms / 10;
const nothing = new Batch(createSlab(0, 0), []);

type Rebalance = { readonly kind: 'assign' | 'revoke'; readonly partitions: readonly TopicPartition[] };

const fetching = (linger_ms: number | undefined): Record<string, number> =>
  linger_ms === undefined
    ? { 'fetch.wait.max.ms': empty_fetch_ms }
    : { 'fetch.wait.max.ms': linger_ms, 'fetch.min.bytes': much_bytes };

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
      ...fetching(options.fetch_linger_ms),
      'group.id': options.group_id,
      ...(options.instance === null ? {} : { 'group.instance.id': `${options.group_id}.${options.instance}` }),
      // Range gives the same partition numbers of equally partitioned topics to one member, as joined state needs.
      'partition.assignment.strategy': 'range',
      'session.timeout.ms': sessionTimeout(options.kafka),
      // A member hears of a rebalance by the answer to a heartbeat; the default of three seconds is how long it would take.
      'heartbeat.interval.ms': 1_000,
      'max.poll.interval.ms': max_poll_interval_ms,
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
      fetcher.expect(false);
    } else {
      await whilePolling(options.onAssign(partitions));
      consumer.assign([...partitions]);
      fetcher.expect(partitions.length > 0);
    }
  }

  /** A member that does not poll is taken for stuck, and state can take long to restore. Nothing is assigned: nothing arrives. */
  async function whilePolling(work: Promise<void>): Promise<void> {
    const done = new AbortController();
    const polling = (async () => {
      while (!done.signal.aborted) {
        await pause(keep_polling_ms, done.signal);
        if (!done.signal.aborted) await poll(consumer);
      }
    })();
    try {
      await work;
    } finally {
      done.abort();
      await polling;
    }
  }

  consumer.on('event.error', error => {
    if ((error as { isFatal?: boolean }).isFatal) options.onError(kafkaError('consumer', error));
  });
  await connect(consumer, options.kafka);
  const fetcher = openFetcher(consumer, options.topics, options.batch_records_max, options.kafka);
  fetcher.expect(false);
  consumer.subscribe([...options.topics]);

  return {
    handle: consumer,
    async poll(wait_ms) {
      const batch = await fetcher.next(wait_ms);
      if (pending.length === 0) return batch;
      // What was fetched belongs to the assignment that ends here, and is read again by whoever owns it next.
      await fetcher.discard();
      for (let next = pending.shift(); next; next = pending.shift()) await rebalance(next);
      return nothing;
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
      await fetcher.close();
      if (pending.length > 0) consumer.unassign();
      await disconnect(consumer);
    },
  };
}

/** Serves the client's events; there is nothing to consume. */
async function poll(consumer: rdkafka.KafkaConsumer): Promise<void> {
  consumer.setDefaultConsumeTimeout(1);
  await call('poll', done => consumer.consume(1, done as never));
}
