/** One process of the pipeline under faults; its task is the environment's TASK, as JSON. */
import { createClickHouse } from '../../lib/clickhouse.ts';
import type { KafkaConfig } from '../../lib/kafka.ts';
import { createLog } from '../../lib/log.ts';
import { createMetrics } from '../../lib/metrics.ts';
import { runProcessor } from '../../lib/processor-runtime.ts';
import { openRegistry } from '../../lib/registry-open.ts';
import { runSinks, sinkPlanTopic } from '../../lib/sink-runtime.ts';
import { startConnectorRuntime } from '../../lib/source-group.ts';
import { openStateFile } from '../../lib/state-file.ts';
import { openStore } from '../../lib/store.ts';
import { createDeadLetterOffice } from '../../schemas/dead-letter.ts';
import { topics } from '../../schemas/topics.ts';
import type { Input } from './input.ts';
import { eventTopic, generator, source, totalSink, totals, totalTopic } from './pipeline.ts';

export interface Task {
  readonly role: 'source' | 'process' | 'sink';
  readonly instance: string;
  readonly kafka: KafkaConfig;
  readonly clickhouse_url: string;
  readonly dir: string;
  readonly input: Input & { readonly per_second: number };
  readonly commit_interval_ms: number;
}

const task = JSON.parse(process.env.TASK ?? '') as Task;
const { kafka, instance, dir, commit_interval_ms } = task;
const log = createLog(task.role, 'info');
const metrics = createMetrics(task.role);
const registry = await openRegistry({ kafka }, [
  eventTopic,
  totalTopic,
  ...(totals.changelog ? [totals.changelog] : []),
  topics.deadLetter,
  topics.sourcePosition,
  topics.source,
  sinkPlanTopic,
]);
const store = openStore(`${dir}/store`);
const deadLetterOffice = createDeadLetterOffice(registry, store);
const common = {
  kafka,
  registry,
  instance,
  log,
  metrics,
  onFatal(error: Error): never {
    log.fatal({ error: error.message }, 'ending');
    process.exit(70);
  },
};

const stops: (() => Promise<unknown>)[] = [];

if (task.role === 'source') {
  const runtime = await startConnectorRuntime({
    ...common,
    store,
    deadLetterOffice,
    commit_interval_ms,
    connectors: [generator],
    positions: topics.sourcePosition,
    sources: topics.source,
  });
  stops.push(runtime.stop);
  await runtime.start([source(task.input)]);
}
if (task.role === 'process') {
  const file = openStateFile(`${dir}/state-${instance}`);
  const running = await runProcessor(totals, { ...common, deadLetterOffice, file, commit_interval_ms });
  stops.push(running.stop, file.close);
}
if (task.role === 'sink') {
  const database = { user: 'default', password: 'faults', database: 'faults' };
  const clickhouse = createClickHouse({ url: task.clickhouse_url, ...database });
  const running = await runSinks([totalSink], { ...common, clickhouse, deadLetterOffice, linger_ms: 100 });
  stops.push(running.stop, clickhouse.close);
}

process.on('SIGTERM', async () => {
  for (const stop of stops) await stop();
  process.exit(0);
});
log.info('started');
