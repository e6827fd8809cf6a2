/** The sink of the benchmark in a process of its own. Its task is the environment's TASK, as JSON. */
import { type ClickHouseConfig, createClickHouse } from '../../lib/clickhouse.ts';
import type { KafkaConfig } from '../../lib/kafka.ts';
import { createLog } from '../../lib/log.ts';
import { createMetrics } from '../../lib/metrics.ts';
import { openRegistry } from '../../lib/registry-open.ts';
import { runSinks, sinkPlanTopic } from '../../lib/sink-runtime.ts';
import { eventTopic } from '../eos/topology.ts';
import { eventSink } from './table.ts';

export interface SinkTask {
  readonly kafka: KafkaConfig;
  readonly clickhouse: ClickHouseConfig;
  readonly topic: string;
  readonly table: string;
  readonly linger_ms: number;
}

const task = JSON.parse(process.env.TASK ?? '') as SinkTask;
const running = await runSinks([eventSink(task.topic, task.table)], {
  kafka: task.kafka,
  clickhouse: createClickHouse(task.clickhouse),
  registry: await openRegistry({ kafka: task.kafka }, [eventTopic(task.topic), sinkPlanTopic]),
  deadLetterOffice: async ({ message }) => {
    throw new Error(`none of these records is bad: ${message}`);
  },
  instance: task.table,
  linger_ms: task.linger_ms,
  log: createLog('sink', 'warn'),
  metrics: createMetrics('sink'),
  onFatal(error) {
    console.error(error);
    process.exit(1);
  },
});
process.on('SIGTERM', async () => {
  await running.stop();
  process.exit(0);
});
