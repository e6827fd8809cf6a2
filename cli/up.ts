/**
 * `millrace up`: everything on one machine. Engines that no address names are embedded; the roles are the same separate
 * processes as in production.
 *
 *   lock → preflight → engines → topics and tables → ingest, process, sink, api → ready → the sample company
 */
import { join } from 'node:path';
import { environment, loadConfig } from '../config.ts';
import { endProcess, freePorts } from '../embedded/child.ts';
import { type ClickHouseService, startClickHouse } from '../embedded/clickhouse/index.ts';
import { type Room, watchRoom } from '../embedded/disk.ts';
import { type KafkaService, startKafka } from '../embedded/kafka/index.ts';
import { checkStart } from '../embedded/preflight.ts';
import { MillraceError, messageOf } from '../lib/errors.ts';
import type { Lifecycle } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/log.ts';
import { sample_organization_id } from '../schemas/sample.ts';
import { type Child, startChild } from './children.ts';
import { type Client, createClient } from './client.ts';
import { openDataDir, type Secrets } from './data-dir.ts';
import { mainScript } from './package.ts';
import { provisionTables, provisionTopics } from './provision.ts';
import { waitForSources } from './settle.ts';
import { signToken } from './sign-in.ts';
import { say } from './terminal.ts';

export interface UpOptions {
  readonly data_dir: string;
  readonly port: number;
  readonly sample: boolean;
  readonly config?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const database_user = 'default';
const broker_user = 'millrace';
const roleNames = ['ingest', 'process', 'sink', 'api'] as const;

export async function up(options: UpOptions, lifecycle: Lifecycle, log: Logger): Promise<string> {
  const dir = openDataDir(options.data_dir);
  const lock = await dir.lock();
  lifecycle.onStop('lock', () => {
    dir.clearRun();
    lock.release();
  });
  await checkStart({ data_dir: dir.path, port: options.port });
  await endLeftovers(dir.readRun()?.children ?? {});

  const secrets = dir.secrets();
  const room = watchRoom(dir.path, say, lifecycle.signal);
  const engines = await startEngines(options, dir.path, { secrets, lifecycle, log, room });
  const [api_port, ingest_port] = await choosePorts(options.port);
  const pids: Record<string, number> = {};
  const url = `http://127.0.0.1:${api_port}`;
  const note = (): void => {
    const { kafka, clickhouse, pids: enginePids } = engines.run();
    dir.writeRun({ pid: process.pid, url, kafka, clickhouse, children: { ...enginePids, ...pids } });
  };
  const env = (): Record<string, string> => ({
    ...inherited(options.env),
    ...engines.env(),
    MILLRACE_DATA_DIR: dir.path,
    MILLRACE_JWT_SECRET: secrets.jwt,
    MILLRACE_API_PORT: String(api_port),
    MILLRACE_INGEST_PORT: String(ingest_port),
    MILLRACE_INGEST_URL: `http://127.0.0.1:${ingest_port}`,
    MILLRACE_LOCAL_IMPORTS: 'true',
    // What is named for one role cannot be had by four on one machine.
    ...(options.env.MILLRACE_OBSERVE_PORT || options.config ? { MILLRACE_OBSERVE_PORT: '0' } : {}),
    // Blocking calls of each Kafka client hold a thread of this pool.
    UV_THREADPOOL_SIZE: '24',
  });

  say('creating topics and tables');
  await engines.provision();
  const children = roleNames.map(name =>
    startChild({
      name,
      script: mainScript,
      args: [name, ...(options.config ? ['--config', options.config] : [])],
      env,
      logs_dir: join(dir.path, 'logs'),
      log,
      signal: lifecycle.signal,
      untilStartable: room.wait,
      onStart(pid) {
        pids[name] = pid;
        note();
      },
      onFailure: error => void lifecycle.stop(error.message),
    }),
  );
  engines.onMoved(engine => {
    // Every role stands on Kafka, two on ClickHouse.
    for (const child of children) if (engine === 'kafka' || ['sink', 'api'].includes(child.name)) child.restart();
    note();
  });
  lifecycle.onStop('roles', () => stopRoles(children));
  say(`starting ${roleNames.join(', ')}`);
  await untilReady(children, lifecycle);
  if (options.sample)
    void showSample(createClient({ url, token: () => signToken(secrets.jwt, 'millrace', 'admin') }), log);
  return url;
}

/** The api first: whoever calls it should be refused, not left without an answer. */
async function stopRoles(children: readonly Child[]): Promise<void> {
  await children.find(child => child.name === 'api')?.stop();
  await Promise.all(children.map(child => child.stop()));
}

async function untilReady(children: readonly Child[], lifecycle: Lifecycle): Promise<void> {
  const aborted = new Promise<never>((_, reject) => {
    lifecycle.signal.addEventListener('abort', () =>
      reject(new MillraceError('stopped', String(lifecycle.signal.reason))),
    );
  });
  aborted.catch(() => undefined);
  await Promise.race([Promise.all(children.map(child => child.ready)), aborted]);
}

async function choosePorts(port: number): Promise<[number, number]> {
  const [first, second] = (await freePorts(2)) as [number, number];
  return port === 0 ? [first, second] : [port, second];
}

/** Only what the roles read, and what a process needs to run: a shell's other secrets are none of their business. */
function inherited(env: UpOptions['env']): Record<string, string> {
  const names = [...Object.keys(environment), 'PATH', 'LD_LIBRARY_PATH', 'HOME', 'TZ', 'LANG', 'NODE_EXTRA_CA_CERTS'];
  return Object.fromEntries(names.flatMap(name => (env[name] === undefined ? [] : [[name, env[name]]])));
}

/** A supervisor that was killed leaves its roles a moment to notice; whoever has not by now is ended here. */
async function endLeftovers(children: Record<string, number>): Promise<void> {
  for (const [name, pid] of Object.entries(children)) await endProcess(pid, `${mainScript} ${name}`, leftover_ms_max);
}

const leftover_ms_max = 5_000;

// ── Engines ──────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Engines {
  env(): Record<string, string>;
  run(): { kafka: string; clickhouse: string; pids: Record<string, number> };
  provision(): Promise<void>;
  /** An engine ended, was started again and is at another address. */
  onMoved(listener: (engine: string) => void): void;
}

interface EngineParts {
  readonly secrets: Secrets;
  readonly lifecycle: Lifecycle;
  readonly log: Logger;
  readonly room: Room;
}

async function startEngines(
  options: UpOptions,
  data_dir: string,
  { secrets, lifecycle, log, room }: EngineParts,
): Promise<Engines> {
  const { env } = options;
  let moved: (engine: string) => void = () => undefined;
  let kafka: KafkaService | null = null;
  let clickhouse: ClickHouseService | null = null;
  lifecycle.onStop('clickhouse', () => clickhouse?.stop());
  lifecycle.onStop('kafka', () => kafka?.stop());

  const startBroker = async (): Promise<void> => {
    kafka = await startKafka({
      data_dir: join(data_dir, 'kafka'),
      user: broker_user,
      password: secrets.kafka,
      onExit: error => void again('kafka', error, startBroker),
    });
  };
  const startDatabase = async (): Promise<void> => {
    clickhouse = await startClickHouse({
      data_dir: join(data_dir, 'clickhouse'),
      user: database_user,
      password: secrets.clickhouse,
      onExit: error => void again('clickhouse', error, startDatabase),
    });
  };

  async function again(name: string, error: Error, start: () => Promise<void>): Promise<void> {
    if (lifecycle.signal.aborted) return;
    log.error({ engine: name, error }, 'an engine ended and is started again');
    try {
      await room.wait();
      if (lifecycle.signal.aborted) return;
      await start();
      moved(name);
    } catch (failure) {
      // The room there was has been taken by others.
      if (await room.wait()) return again(name, failure as Error, start);
      await lifecycle.stop(`${name} cannot be started again: ${messageOf(failure)}`);
    }
  }

  const embedKafka = !env.KAFKA_BROKERS;
  const embedClickHouse = !env.CLICKHOUSE_URL;
  say(
    `starting ${[embedKafka && 'Kafka', embedClickHouse && 'ClickHouse'].filter(Boolean).join(' and ') || 'with external engines'}`,
  );
  await Promise.all([embedKafka ? startBroker() : undefined, embedClickHouse ? startDatabase() : undefined]);

  const broker = (): Record<string, string> =>
    kafka
      ? {
          KAFKA_BROKERS: kafka.bootstrap,
          KAFKA_SASL_MECHANISM: 'plain',
          KAFKA_SASL_USERNAME: broker_user,
          KAFKA_SASL_PASSWORD: secrets.kafka,
        }
      : {};
  const database = (): Record<string, string> =>
    clickhouse
      ? { CLICKHOUSE_URL: clickhouse.url, CLICKHOUSE_USER: database_user, CLICKHOUSE_PASSWORD: secrets.clickhouse }
      : {};
  return {
    env: () => ({ ...broker(), ...database() }),
    run: () => ({
      kafka: kafka?.bootstrap ?? env.KAFKA_BROKERS ?? '',
      clickhouse: clickhouse?.url ?? env.CLICKHOUSE_URL ?? '',
      pids: { ...(kafka ? { kafka: kafka.pid } : {}), ...(clickhouse ? { clickhouse: clickhouse.pid } : {}) },
    }),
    async provision() {
      const config = loadConfig({
        ...(options.config ? { file: options.config } : {}),
        env: { ...env, ...broker(), ...database() },
        need: [],
      });
      // One process reads them all: more partitions would only make its transactions and INSERTs smaller.
      const partitions = config.kafka.partitions ?? (kafka ? 1 : undefined);
      const topicConfig = { ...config, kafka: { ...config.kafka, partitions } };
      await Promise.all([provisionTopics(topicConfig), provisionTables(config.clickhouse)]);
    },
    onMoved: listener => {
      moved = listener;
    },
  };
}

/** Streams the sample company in and says how it adds up. */
async function showSample(client: Client, log: Logger): Promise<void> {
  try {
    const { sources } = await client.startImport({ connector: 'sample', organization_id: sample_organization_id });
    if (sources.length === 0) return;
    say('streaming in the sample company');
    const settled = await waitForSources(client, sources);
    if (settled.sources.length > 0) say(`sample company: ${settled.line}`);
  } catch (error) {
    // It was removed and stays so; what a stopped removal or a window closed since then has left goes now.
    if (error instanceof MillraceError && error.code === 'http.409') return removeAgain(client, log);
    log.error({ error }, 'the sample company could not be streamed in');
  }
}

async function removeAgain(client: Client, log: Logger): Promise<void> {
  try {
    await client.send('DELETE', `/api/organizations/${sample_organization_id}`);
  } catch (error) {
    log.warn({ error: messageOf(error) }, 'what is left of the sample company could not be removed');
  }
}
