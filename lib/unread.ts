/** Whether anything of a kind is still on its way through the topics. */
import { type KafkaConfig, openRawReader, type Positions, type TopicPartition } from './kafka.ts';
import { openOffsetReader } from './kafka-admin.ts';

/** A consumer group and the topics it reads. */
export interface Subscription {
  readonly group_id: string;
  readonly topics: readonly string[];
}

const poll_records_max = 2_000;
const poll_ms_max = 100;

/**
 * Whether a group has yet to finish a record whose key `concerns`. The stages commit what they read together with what
 * they write, and each topic's end is asked after every group's position: what one stage had finished by then lies
 * before the next one, or behind all of them. A lag of 0 would be proof too, but under others' load there may be none.
 */
export async function hasUnread(
  kafka: KafkaConfig,
  subscriptions: readonly Subscription[],
  concerns: (key: string) => boolean,
): Promise<boolean> {
  const from = await positionsOf(kafka, subscriptions);
  const partitions: TopicPartition[] = Object.entries(from).flatMap(([topic, offsets]) =>
    Object.keys(offsets).map(partition => ({ topic, partition: Number(partition) })),
  );
  const reader = await openRawReader({ kafka, partitions, from, batch_records_max: poll_records_max });
  try {
    while (!reader.caughtUp()) {
      const batch = await reader.poll(poll_ms_max);
      for (let i = 0; i < batch.count; i++) if (concerns(batch.key(i))) return true;
    }
    return false;
  } finally {
    await reader.close();
  }
}

/** Of each partition, where the group reads on that is behind the others. */
async function positionsOf(kafka: KafkaConfig, subscriptions: readonly Subscription[]): Promise<Positions> {
  const positions: Positions = {};
  const offsets = await openOffsetReader(kafka);
  try {
    for (const { group_id, topics } of subscriptions) {
      const committed = await offsets.committed(group_id, topics);
      for (const { topic, partition } of await offsets.partitions(topics)) {
        const of = positions[topic] ?? {};
        of[partition] = Math.min(
          of[partition] ?? Number.POSITIVE_INFINITY,
          committed.get(`${topic}/${partition}`) ?? 0,
        );
        positions[topic] = of;
      }
    }
  } finally {
    await offsets.close();
  }
  return positions;
}
