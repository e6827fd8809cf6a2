/** Creates or updates what the roles need: topics with their registered schemas, and tables. */
import type { Config } from '../config.ts';
import type { ClickHouseConfig } from '../lib/clickhouse.ts';
import { createTopics } from '../lib/kafka-admin.ts';
import { type RegistryConfig, registerSchemas, registryTopics } from '../lib/registry-open.ts';
import { migrate } from '../schemas/migrate.ts';
import { migrationsDir } from './package.ts';
import { everyTopic } from './topics.ts';

export async function provisionTopics(
  config: RegistryConfig & Pick<Config, 'models'>,
): Promise<{ created: string[]; registered: string[] }> {
  const topics = everyTopic(config);
  const created = await createTopics(config.kafka, [...registryTopics(config), ...topics]);
  const registered = await registerSchemas(config, topics);
  return { created, registered };
}

export const provisionTables = (clickhouse: ClickHouseConfig): Promise<string[]> => migrate(clickhouse, migrationsDir);
