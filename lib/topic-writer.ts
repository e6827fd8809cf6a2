/** Writes records of one topic durably, those of the same moment in one transaction. Of any instance, beside all others. */
import { createFencedWriter } from './fenced-writer.ts';
import { gather } from './gather.ts';
import { type RegistryConfig, serdesOnDemand } from './registry-open.ts';
import type { Topic } from './topic.ts';

export interface TopicWriter<T> {
  /** Settles when it is durable; throws where it is not. */
  write(record: T): Promise<void>;
  close(): Promise<void>;
}

export interface TopicWriterOptions<T> extends RegistryConfig {
  readonly topic: Topic<T>;
  /** Of this instance alone. */
  readonly transactional_id: string;
  /** About as many bytes as the record takes. */
  bytesOf(record: T): number;
}

const gathering = { ms: 50, items_max: 500, bytes_max: 262_144 };

export function openTopicWriter<T>({ topic, bytesOf, ...options }: TopicWriterOptions<T>): TopicWriter<T> {
  const writer = createFencedWriter(options);
  const serdes = serdesOnDemand(options, [topic]);
  const write = gather<T, null>({
    ...gathering,
    bytesOf,
    async call(records) {
      const { serialize } = await serdes(topic);
      await writer.write(() =>
        records.map(record => ({ topic: topic.name, key: topic.key(record), value: serialize(record) })),
      );
      return records.map(() => null);
    },
  });
  return {
    async write(record) {
      await write(record);
    },
    close: writer.close,
  };
}
