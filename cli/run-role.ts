/** Runs one role as this process until a signal, or the end of its supervisor, stops it. */
import { messageOf } from '../lib/errors.ts';
import { withoutAddon } from '../lib/kafka.ts';
import { createLifecycle, stopOnSignals } from '../lib/lifecycle.ts';
import { createLog } from '../lib/log.ts';
import { createMetrics } from '../lib/metrics.ts';
import { startObserver } from '../lib/observe.ts';
import { configOf } from './config-of.ts';
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
  const reason = withoutAddon(config.kafka);
  if (reason !== null) log.warn({ reason }, 'records cross the native border one by one: slower');
  // A process that cannot go on ends at once: what was not committed is read again, and a clean stop would try to commit.
  const onFatal = (error: Error): void => {
    log.fatal({ error: messageOf(error) }, 'ending');
    process.exit(exit_code_fatal);
  };
  // First, so that it is released last: it is asked while the rest starts, and while it drains.
  const observer =
    config.observe && (await startObserver({ ...config.observe, metrics, log, signal: lifecycle.signal }));
  if (observer) {
    lifecycle.onStop('observer', observer.close);
    log.info({ url: observer.url }, 'observe');
  }
  const starting = roles[name]({ config, log, lifecycle, metrics, onFatal });
  // A role that is told to stop while it starts is left as a crash would leave it, which the next start mends.
  starting.catch(() => undefined);
  const started = await Promise.race([starting, lifecycle.stopped]);
  if (started) {
    const { url, isReady } = started;
    observer?.started(isReady);
    log.info({ url }, 'ready');
    if (process.send) process.send({ ready: true, url });
    else print(`ready ${url ?? name}`);
    await lifecycle.stopped;
  }
  log.info('stopped');
}
