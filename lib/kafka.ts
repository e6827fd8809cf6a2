/** Kafka as the runtimes see it. Only the files behind this one import node-rdkafka. */

export { withoutAddon } from './kafka-border.ts';
export {
  hasNamesake,
  isAbortable,
  isFenced,
  type KafkaConfig,
  type KafkaTls,
  type Position,
  type TopicPartition,
  unreachable,
} from './kafka-client.ts';
export { type GroupConsumer, openGroupConsumer } from './kafka-consumer.ts';
export { openTransactionalProducer, type TransactionalProducer } from './kafka-producer.ts';
export {
  openRawReader,
  type Positions,
  type RawReader,
  type ReadFrom,
  readBatchesToEnd,
  readToEnd,
  watermarksOf,
} from './kafka-reader.ts';
export { Batch } from './slab.ts';
