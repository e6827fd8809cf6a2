/** Everything a fault needs: a broker behind a proxy, the embedded ClickHouse behind another, and processes that can be hurt. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../embedded/child.ts';
import { type ClickHouseService, startClickHouse } from '../../embedded/clickhouse/index.ts';
import { createClickHouse } from '../../lib/clickhouse.ts';
import type { KafkaConfig } from '../../lib/kafka.ts';
import { createTopics } from '../../lib/kafka-admin.ts';
import { registerSchemas, registryTopics } from '../../lib/registry-open.ts';
import { sinkPlanTopic } from '../../lib/sink-runtime.ts';
import type { Topic } from '../../lib/topic.ts';
import { topics } from '../../schemas/topics.ts';
import { type Broker, startBroker } from '../broker.ts';
import { freshDir, until } from '../instance.ts';
import { buildOf } from './broken.ts';
import { type Disk, mountDisk } from './disk.ts';
import type { Input } from './input.ts';
import { countRows, type Findings, type Follower, findings, follow } from './oracle.ts';
import { create_table, eventTopic, totals, totalTopic } from './pipeline.ts';
import { startProxy, type TcpProxy } from './proxy.ts';
import type { Task } from './worker.ts';
import { logs_dir, startWorker, type Worker } from './workers.ts';

export const partitions = 4;
const keys_default = 2_000;
/** The least that the broker allows. */
const session_timeout_ms = 6_000;

export interface RigOptions {
  readonly count: number;
  readonly seed: number;
  readonly keys?: number;
  readonly per_second: number;
  readonly broken?: string | null;
  readonly native?: boolean;
  readonly commit_interval_ms?: number;
  /** An engine that has a disk of its own, of this size. */
  readonly disk?: { readonly of: 'kafka' | 'clickhouse'; readonly bytes: number };
}

export interface Rig {
  readonly kafka: KafkaConfig;
  readonly clickhouse_url: string;
  readonly proxy: TcpProxy;
  readonly live: Follower;
  start(role: Task['role'], instance?: string): Worker;
  /** That of the engine which has one of its own. */
  readonly disk: Disk | null;
  broker(): Broker;
  killBroker(): Promise<void>;
  startBroker(): Promise<void>;
  killClickHouse(): Promise<void>;
  /** The next answer of ClickHouse to anybody is lost: what it did is done, and nobody knows. */
  loseAnswer(): Promise<void>;
  clickHousePid(): number;
  rows(): Promise<number>;
  /** Waits until every row is there, or until nothing more comes; then says what is wrong. */
  verdict(ms_max?: number): Promise<Findings>;
  close(): Promise<void>;
}

export async function startRig(options: RigOptions): Promise<Rig> {
  const dir = freshDir();
  const input: Input = { count: options.count, seed: options.seed, keys: options.keys ?? keys_default };
  const root = buildOf(options.broken ?? null);
  const disk = options.disk ? mountDisk(join(dir, options.disk.of), options.disk.bytes) : null;
  const [port = 0, controller = 0, front = 0] = await freePorts(3);
  const properties = brokerProperties(join(dir, 'kafka'), port, controller, front);
  const launch = (): Promise<Broker> =>
    startBroker({ dir: join(dir, 'broker'), properties, user: 'none', password: 'none', port });
  let broker: Broker = await launch();
  const proxy = await startProxy(front, port);
  const kafka: KafkaConfig = {
    brokers: `127.0.0.1:${front}`,
    replication_factor: 1,
    partitions,
    session_timeout_ms,
    native: options.native ?? true,
  };
  const all = [eventTopic, totalTopic, totals.changelog, topics.deadLetter, sinkPlanTopic];
  const list = [...all, topics.sourcePosition, topics.source] as unknown as Topic<never>[];
  await createTopics(kafka, [...registryTopics({ kafka }), ...list]);
  await registerSchemas({ kafka }, list);

  const openEngine = (): Promise<ClickHouseService> =>
    startClickHouse({
      data_dir: join(dir, 'clickhouse'),
      user: 'default',
      password: 'faults',
      onExit: () => undefined,
    });
  let engine = await openEngine();
  const portOf = ({ url }: ClickHouseService): number => Number(new URL(url).port);
  const sqlProxy = await startProxy(0, portOf(engine), true);
  const clickhouse_url = `http://127.0.0.1:${sqlProxy.port}`;
  await prepareTables(clickhouse_url);

  const workers = new Set<Worker>();
  const live = await follow(kafka, totalTopic.name, partitions);

  function start(role: Task['role'], instance = '0'): Worker {
    const { per_second, commit_interval_ms = 50 } = options;
    const task: Task = {
      role,
      instance,
      kafka,
      clickhouse_url,
      dir: join(dir, role),
      input: { ...input, per_second },
      commit_interval_ms,
    };
    const worker = startWorker(join(root, 'dist', 'test', 'faults', 'worker.js'), task);
    workers.add(worker);
    return worker;
  }

  return {
    kafka,
    clickhouse_url,
    proxy,
    live,
    start,
    disk,
    broker: () => broker,
    killBroker: () => broker.kill(),
    async startBroker() {
      broker = await launch();
    },
    async killClickHouse() {
      process.kill(engine.pid, 'SIGKILL');
      await engine.stop();
      engine = await openEngine();
      sqlProxy.target = portOf(engine);
    },
    loseAnswer: () =>
      new Promise(done => {
        sqlProxy.answer = () => {
          sqlProxy.answer = null;
          done();
          return 'lose';
        };
      }),
    clickHousePid: () => engine.pid,
    rows: () => countRows(clickhouse_url),
    async verdict(ms_max = 90_000) {
      const until_ms = Date.now() + ms_max;
      const rows = (): Promise<number> => countRows(clickhouse_url).catch(() => -1);
      while (Date.now() < until_ms && (await rows()) < options.count) await sleep(200);
      // Long enough for what would come twice.
      await sleep(2_000);
      return findings(kafka, clickhouse_url, input, live);
    },
    async close() {
      await Promise.all([...workers].map(worker => worker.kill(true)));
      await live.close();
      await proxy.close();
      await sqlProxy.close();
      await engine.stop();
      await broker.stop();
      disk?.unmount();
      if (logs_dir === undefined) rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function prepareTables(url: string): Promise<void> {
  const config = { url, user: 'default', password: 'faults', database: 'default' };
  const server = createClickHouse(config);
  await server.command('CREATE DATABASE faults');
  await server.close();
  const database = createClickHouse({ ...config, database: 'faults' });
  await database.command(create_table);
  await database.close();
}

function brokerProperties(log_dir: string, port: number, controller: number, front: number): string {
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    // Clients come by the proxy, always.
    'advertised.listeners': `CLIENT://127.0.0.1:${front}`,
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'CLIENT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': log_dir,
    'auto.create.topics.enable': 'false',
    'offsets.topic.num.partitions': 4,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': 500,
    'group.initial.rebalance.delay.ms': 0,
    'broker.session.timeout.ms': 86_400_000,
    'broker.heartbeat.interval.ms': 1_000,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

export { until, type Worker };
