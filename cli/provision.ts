/** Creates or updates what the roles need: topics with their registered schemas, and tables. */
import type { ClickHouseConfig } from '../lib/clickhouse.ts';
import type { KafkaConfig } from '../lib/kafka.ts';
import { createTopics } from '../lib/kafka-admin.ts';
import { registerSchemas, schemas_topic } from '../lib/registry.ts';
import { sinkPlanTopic } from '../lib/sink-runtime.ts';
import { defineTopic, type Topic } from '../lib/topic.ts';
import { processors } from '../processors/index.ts';
import { migrate } from '../schemas/migrate.ts';
import { allTopics } from '../schemas/topics.ts';
import { migrationsDir } from './package.ts';

// Its records are JSON with JSON keys, as Confluent's registry writes them; the Avro schema here is never used.
const schemasTopic = defineTopic({
  name: schemas_topic,
  schema: { type: 'record', name: 'Schemas', fields: [] },
  partitions: 1,
  compact_after_ms: 0,
  key: () => '',
});

function everyTopic(): Topic<never>[] {
  const changelogs = processors({ domains: [], addresses: [] }).flatMap(({ changelog }) =>
    changelog ? [changelog] : [],
  );
  return [...allTopics, ...changelogs, sinkPlanTopic] as unknown as Topic<never>[];
}

export async function provisionTopics(kafka: KafkaConfig): Promise<{ created: string[]; registered: string[] }> {
  const topics = everyTopic();
  const created = await createTopics(kafka, [schemasTopic as unknown as Topic<never>, ...topics]);
  const registered = await registerSchemas(kafka, topics);
  return { created, registered };
}

export const provisionTables = (clickhouse: ClickHouseConfig): Promise<string[]> => migrate(clickhouse, migrationsDir);
