/** A member of a consumer group: partitions come and go only between two polls. */
import rdkafka from 'node-rdkafka';
import {
  adaptivePoll,
  type Batch,
  call,
  call_ms_max,
  connect,
  consumerSettings,
  disconnect,
  type KafkaConfig,
  kafkaError,
  type Position,
  type TopicPartition,
  viewOf,
} from './kafka-client.ts';

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
  let ends: Position[] = [];
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
  consumer.on('partition.eof', ({ topic, partition, offset }) => void ends.push({ topic, partition, offset }));
  await connect(consumer, options.kafka);
  consumer.subscribe([...options.topics]);

  return {
    handle: consumer,
    async poll(count_max, wait_ms) {
      ends = [];
      const messages = await adaptivePoll(consumer, count_max, wait_ms);
      if (pending.length === 0) return viewOf(messages, ends);
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
