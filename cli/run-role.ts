/** Runs one role as this process until a signal, or the end of its supervisor, stops it. */
import type { Config } from '../config.ts';
import type { FaultReports } from '../lib/fault-reports.ts';
import { withoutAddon } from '../lib/kafka.ts';
import { createLifecycle, stopOnSignals } from '../lib/lifecycle.ts';
import { createLog, type Logger } from '../lib/log.ts';
import { createMetrics } from '../lib/metrics.ts';
import { startObserver } from '../lib/observe.ts';
import { secretsIn } from '../lib/secrets.ts';
import type { Tracer } from '../lib/traces.ts';
import { configOf } from './config-of.ts';
import { packageVersion } from './package.ts';
import { roles } from './roles.ts';
import { print } from './terminal.ts';

export type RoleName = keyof typeof roles;

const exit_code_fatal = 70;

export async function runRole(name: RoleName, file: string | undefined): Promise<void> {
  const config = configOf(file, name === 'api' || name === 'ingest' ? [name] : []);
  const reports = await openReports(name, config);
  try {
    await run(name, config, reports);
  } catch (error) {
    reports?.tell({ fatal: true, message: 'the role could not start', fields: { error } });
    throw error;
  } finally {
    await reports?.flush();
  }
}

/** Null where nobody is to be told: then nothing of it is loaded. */
async function openReports(role: RoleName, config: Config): Promise<FaultReports | null> {
  const { dsn, environment } = config.sentry;
  if (dsn === undefined) return null;
  const { openFaultReports } = await import('../lib/fault-reports.ts');
  const { instance } = config;
  return openFaultReports({ dsn, environment, version: packageVersion(), role, instance, secrets: secretsIn(config) });
}

/** The same for traces. */
async function openTraces(role: RoleName, { instance, traces }: Config, log: Logger): Promise<Tracer | null> {
  const { endpoint, headers, ratio } = traces;
  if (endpoint === undefined) return null;
  const { openTracer } = await import('../lib/traces-otlp.ts');
  return openTracer({ endpoint, headers, ratio, version: packageVersion(), role, instance, log });
}

async function run(name: RoleName, config: Config, reports: FaultReports | null): Promise<void> {
  const log = createLog(name, config.log_level, reports?.tell);
  const lifecycle = createLifecycle(log);
  stopOnSignals(lifecycle);
  const metrics = createMetrics(name);
  const reason = withoutAddon(config.kafka);
  if (reason !== null) log.warn({ reason }, 'records cross the native border one by one: slower');
  // A process that cannot go on ends at once: what was not committed is read again, and a clean stop would try to commit.
  const onFatal = (error: Error): void => {
    log.fatal({ error }, 'ending');
    const end = (): never => process.exit(exit_code_fatal);
    if (reports) reports.flush().then(end, end);
    else end();
  };
  // Otherwise Node ends the process before it is sent.
  if (reports) process.on('uncaughtException', onFatal);
  // First, so that it is released last: it is asked while the rest starts, and while it drains.
  const observer =
    config.observe && (await startObserver({ ...config.observe, metrics, log, signal: lifecycle.signal }));
  if (observer) {
    lifecycle.onStop('observer', observer.close);
    log.info({ url: observer.url }, 'observe');
  }
  const tracer = await openTraces(name, config, log);
  if (tracer) lifecycle.onStop('traces', tracer.close);
  const starting = roles[name]({ config, log, lifecycle, metrics, tracer, onFatal });
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
