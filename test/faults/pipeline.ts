/** The pipeline that is put under faults: one connector, one stateful processor, one sink; run by the product's own runtimes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { AvroField } from '../../lib/avro.ts';
import { defineConnector, type SourceDefinition } from '../../lib/connector.ts';
import type { Lineage } from '../../lib/lineage.ts';
import { defineProcessor } from '../../lib/processor.ts';
import { defineSink } from '../../lib/sink.ts';
import { defineTopic } from '../../lib/topic.ts';
import { deliverySchema } from '../../schemas/generated.ts';
import { type Event, events, type Input, type Total } from './input.ts';

const fields = (types: Record<string, 'string' | 'long'>): AvroField[] =>
  Object.entries(types).map(([name, type]) => ({ name, type }));

const lineage = deliverySchema.fields.at(-1) as AvroField;

export const eventTopic = defineTopic<Event & { lineage: Lineage }>({
  name: 'fault.event.v1',
  schema: {
    type: 'record',
    name: 'FaultEvent',
    fields: [...fields({ event_id: 'string', key: 'string', at_ms: 'long', value: 'long', text: 'string' }), lineage],
  },
  partitions: 'many',
  key: event => event.key,
});

export const totalTopic = defineTopic<Total & { lineage: Lineage }>({
  name: 'fault.total.v1',
  schema: {
    type: 'record',
    name: 'FaultTotal',
    fields: [...fields({ event_id: 'string', key: 'string', count: 'long', sum: 'long' }), lineage],
  },
  partitions: 'many',
  key: total => total.key,
});

export const generator = defineConnector({
  name: 'generator',
  config: z.strictObject({ count: z.int(), seed: z.int(), keys: z.int(), per_second: z.int() }),
  async run({ config: { per_second, ...input }, emit, position, signal }) {
    const from = typeof position === 'number' ? position : 0;
    const began_at_ms = Date.now();
    let i = -1;
    for (const event of events(input)) {
      i++;
      if (i < from) continue;
      if (signal.aborted) return null;
      const due_ms = began_at_ms + ((i - from) * 1000) / per_second;
      if (due_ms - Date.now() > 5) await sleep(due_ms - Date.now());
      await emit(eventTopic, event, i + 1);
    }
    return null;
  },
});

export const source = (config: Input & { per_second: number }): SourceDefinition => ({
  source: 'generator',
  connector: 'generator',
  owner: { organization_id: 'faults', mailbox: '', owner_id: '', team_id: '' },
  origin: 'live',
  config: JSON.stringify(config),
  created_at_ms: 0,
});

const inputs = { event: eventTopic };
const outputs = { total: totalTopic };

export const totals = defineProcessor<typeof inputs, { count: number; sum: number }, typeof outputs>({
  name: 'fault-totals',
  version: 1,
  inputs,
  state: { type: 'record', name: 'FaultState', fields: fields({ count: 'long', sum: 'long' }) },
  outputs,
  on: {
    event({ event_id, key, value }, before) {
      const state = { count: (before?.count ?? 0) + 1, sum: (before?.sum ?? 0) + value };
      return { state, emit: { total: { event_id, key, ...state } } };
    },
  },
});

export const table = 'fault_totals';
export const totalSink = defineSink({
  name: 'fault-totals',
  input: totalTopic,
  table,
  columns: {
    event_id: 'event_id',
    key: 'key',
    count: 'count',
    sum: 'sum',
    kafka_topic_id: '_topic_id',
    kafka_partition: '_partition',
    kafka_offset: '_offset',
  },
});
export const create_table = `CREATE TABLE ${table} (event_id String, key String, count Int64, sum Int64,
  kafka_topic_id String, kafka_partition Int32, kafka_offset Int64)
  ENGINE = MergeTree ORDER BY (key, event_id) SETTINGS non_replicated_deduplication_window = 1000`;
