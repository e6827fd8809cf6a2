/** Whether anything of a kind is still on its way through the topics. */
import { type KafkaConfig, openRawReader, type Positions, type TopicPartition } from './kafka.ts';
import { committedPositions } from './kafka-admin.ts';
import type { Topic } from './topic.ts';

/** A consumer group and the topics it reads. */
export interface Subscription {
  readonly group_id: string;
  readonly topics: readonly Pick<Topic<never>, 'name' | 'partitions'>[];
}

const poll_records_max = 2_000;
const poll_ms_max = 100;

/**
 * Whether a group has yet to finish a record whose key `concerns`. The stages commit what they read together with what
 * they write, and each topic's end is asked after every group's position: what one stage had finished by then lies
 * before the next one, or behind all of them. Lag alone would not tell: it counts control records and others' records.
 */
export async function hasUnread(
  kafka: KafkaConfig,
  subscriptions: readonly Subscription[],
  concerns: (key: string) => boolean,
): Promise<boolean> {
  const from: Positions = {};
  const partitions: TopicPartition[] = [];
  for (const { group_id, topics } of subscriptions) {
    const committed = await committedPositions(
      kafka,
      group_id,
      topics.map(topic => topic.name),
    );
    for (const { name, partitions: count } of topics) {
      const of = from[name] ?? {};
      for (let partition = 0; partition < count; partition++) {
        if (of[partition] === undefined) partitions.push({ topic: name, partition });
        of[partition] = Math.min(of[partition] ?? Number.MAX_SAFE_INTEGER, committed[name]?.[partition] ?? 0);
      }
      from[name] = of;
    }
  }
  const reader = await openRawReader({ kafka, partitions, from });
  try {
    while (!reader.caughtUp()) {
      const batch = await reader.poll(poll_records_max, poll_ms_max);
      for (let i = 0; i < batch.count; i++) if (concerns(batch.key(i))) return true;
    }
    return false;
  } finally {
    await reader.close();
  }
}
