/** The table of the sink's benchmark, and how events become its rows: alike for each contestant. */
import { defineSink, type Sink } from '../../lib/sink.ts';
import { eventTopic } from '../eos/topology.ts';

export const columns = ['event_id', 'person', 'at_ms', 'kind', 'amount', 'text'] as const;

export const tableOf = (table: string): string => `
  CREATE TABLE ${table}
  (
    event_id String, person String, at_ms Int64, kind LowCardinality(String), amount Float64, text String,
    kafka_topic_id LowCardinality(String), kafka_partition Int32, kafka_offset Int64
  )
  ENGINE = MergeTree ORDER BY (person, at_ms) SETTINGS non_replicated_deduplication_window = 10000`;

export const eventSink = (topic: string, table: string): Sink =>
  defineSink({
    name: table,
    input: eventTopic(topic),
    table,
    columns: {
      ...Object.fromEntries(columns.map(column => [column, column])),
      kafka_topic_id: '_topic_id',
      kafka_partition: '_partition',
      kafka_offset: '_offset',
    },
  });
