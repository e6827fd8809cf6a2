/** One Millrace process of the benchmark: the runtime and the job, nothing else. Its task is the environment's TASK, as JSON. */

import type { KafkaConfig } from '../../lib/kafka.ts';
import { createLog } from '../../lib/log.ts';
import { createMetrics } from '../../lib/metrics.ts';
import { runProcessor } from '../../lib/processor-runtime.ts';
import { openRegistry } from '../../lib/registry-open.ts';
import { openStateFile } from '../../lib/state-file.ts';
import { vocabulary } from './input.ts';
import { Lexicon } from './lexicon.ts';
import { scoring } from './topology.ts';

export interface WorkerTask {
  readonly kafka: KafkaConfig;
  readonly name: string;
  readonly input: string;
  readonly output: string;
  readonly instance: string;
  readonly dir: string;
  readonly commit_interval_ms: number;
}

const task = JSON.parse(process.env.TASK ?? '') as WorkerTask;
const processor = scoring(task.name, task.input, task.output, new Lexicon(vocabulary().lexicon));
const { inputs, outputs } = processor.definition;
const registry = await openRegistry({ kafka: task.kafka }, [
  ...Object.values(inputs),
  ...Object.values(outputs),
  ...(processor.changelog ? [processor.changelog] : []),
]);
const file = openStateFile(task.dir);
const running = await runProcessor(processor, {
  kafka: task.kafka,
  registry,
  deadLetterOffice: async ({ message }) => {
    throw new Error(`none of these records is bad: ${message}`);
  },
  file,
  instance: task.instance,
  commit_interval_ms: task.commit_interval_ms,
  log: createLog(task.instance, 'warn'),
  metrics: createMetrics(task.instance),
  onFatal(error) {
    console.error(error);
    process.exit(1);
  },
});
process.on('SIGTERM', async () => {
  await running.stop();
  await file.close();
  process.exit(0);
});
while (!running.ready()) await new Promise(done => setTimeout(done, 20));
console.log('ready');
