/** Runs one role as this process until a signal, or the end of its supervisor, stops it. */
import { messageOf } from '../lib/errors.ts';
import { createLifecycle, stopOnSignals } from '../lib/lifecycle.ts';
import { createLog } from '../lib/log.ts';
import { createMetrics } from '../lib/metrics.ts';
import { configOf } from './commands/common.ts';
import { roles } from './roles.ts';
import { print } from './terminal.ts';

export type RoleName = keyof typeof roles;

const exit_code_fatal = 70;

export async function runRole(name: RoleName, file: string | undefined): Promise<void> {
  const config = configOf(file, name === 'api' || name === 'ingest' ? [name] : []);
  const log = createLog(name, config.log_level);
  const lifecycle = createLifecycle(log);
  stopOnSignals(lifecycle);
  const metrics = createMetrics(name);
  // A process that cannot go on ends at once: what was not committed is read again, and a clean stop would try to commit.
  const onFatal = (error: Error): void => {
    log.fatal({ error: messageOf(error) }, 'ending');
    process.exit(exit_code_fatal);
  };
  const ready = await roles[name]({ config, log, lifecycle, metrics, onFatal });
  log.info({ ...ready }, 'ready');
  if (process.send) process.send({ ready: true, ...ready });
  else print(`ready ${ready.url ?? name}`);
  await lifecycle.stopped;
  log.info('stopped');
}
