/** A topic as data: its name, record type, key and how long it keeps what it holds. */
import { type AvroRecord, type Codec, codecOf } from './avro.ts';

export interface TopicDefinition<T> {
  readonly name: string;
  readonly schema: AvroRecord;
  /** `'many'` is KafkaConfig's count, the same for every such topic: equal keys of two topics then meet in one task. */
  readonly partitions: 1 | 'many';
  /** Delete records older than this; without it, and without compaction, the broker's default holds. */
  readonly retention_ms?: number;
  /** Keep only the newest record of a key, once a record is older than this. */
  readonly compact_after_ms?: number;
  /** The partitioning key. Records of one key keep their order. */
  key(record: T): string;
}

export interface Topic<T> extends TopicDefinition<T> {
  readonly codec: Codec<T>;
}

export function defineTopic<T>(definition: TopicDefinition<T>): Topic<T> {
  return { ...definition, codec: codecOf<T>(definition.schema) };
}

/**
 * So long a deletion can be read before compaction takes it away too, in milliseconds: whoever comes back later with a copy
 * of its own must read all of it anew.
 */
export const deletions_kept_ms = 24 * 60 * 60 * 1000;

/** The broker's settings for the topic (names after Kafka's own documentation). */
export function topicSettings(topic: TopicDefinition<never>): Record<string, string> {
  // Producers compress; the broker stores what it is given.
  const settings: Record<string, string> = { 'compression.type': 'producer' };
  if (topic.retention_ms !== undefined) settings['retention.ms'] = String(topic.retention_ms);
  if (topic.compact_after_ms !== undefined) {
    settings['cleanup.policy'] = 'compact';
    settings['min.compaction.lag.ms'] = String(topic.compact_after_ms);
    settings['delete.retention.ms'] = String(deletions_kept_ms);
  }
  return settings;
}
