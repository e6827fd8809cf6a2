/** A broker with properties of the test's choice, where the embedded one's are not what is tested. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hasEnded, lastLines, openLog, stopChild, tailOf } from '../embedded/child.ts';
import { fenceKilledBroker } from '../embedded/kafka/fence.ts';
import { kafkaDirectory } from '../embedded/kafka/fetch.mjs';
import { answers } from '../embedded/kafka/ready.ts';
import { until } from './instance.ts';

const stop_ms_max = 15_000;
const log_bytes_max = 4 * 1024 * 1024;
const jvm = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

export interface Broker {
  stop(): Promise<void>;
  kill(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** By itself or not. */
  hasEnded(): boolean;
  /** What it said, but for what lies far back. */
  log(): string;
}

export interface BrokerOptions {
  readonly dir: string;
  readonly properties: string;
  /** For SCRAM-SHA-512. */
  readonly user: string;
  readonly password: string;
  /** Of a listener on the loopback interface without TLS, by which to see that it is up. */
  readonly port: number;
}

/** Formats and starts it, as deploy/compose/kafka/start.sh does; resolves when it answers. */
export async function startBroker({ dir, properties, user, password, port }: BrokerOptions): Promise<Broker> {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, 'server.properties');
  writeFileSync(path, properties, { mode: 0o600 });
  const java = [...jvm, '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', join(kafkaDirectory(), '*')];
  const scram = `SCRAM-SHA-512=[name=${user},password=${password}]`;
  const format = ['format', '--ignore-formatted', '--cluster-id', 'millrace-test-00000000', '--config', path];
  const [, store_dir = ''] = /^log\.dirs=(.*)$/m.exec(properties) ?? [];
  // A start again finds it formatted.
  if (!existsSync(join(store_dir, 'meta.properties'))) {
    await promisify(execFile)('java', [...java, 'kafka.tools.StorageTool', ...format, '--add-scram', scram]);
  }
  const log_path = join(dir, 'kafka.log');
  const log = openLog(log_path);
  const launch = (file: string, options: readonly string[]): ChildProcess =>
    spawn('java', [...options, ...java, 'kafka.Kafka', file], { cwd: dir, stdio: ['ignore', log, log] });
  await fenceKilledBroker({ store_dir, properties_path: path, log_path, launch });
  const child = launch(path, []);
  closeSync(log);
  await until('the broker to answer', async () => {
    if (hasEnded(child)) throw new Error(lastLines(log_path));
    return answers(port, 1_000);
  });
  return {
    stop: () => stopChild(child, stop_ms_max),
    async kill() {
      if (hasEnded(child)) return;
      const ended = new Promise(done => child.once('exit', done));
      child.kill('SIGKILL');
      await ended;
    },
    signal: signal => void child.kill(signal),
    hasEnded: () => hasEnded(child),
    log: () => tailOf(log_path, log_bytes_max),
  };
}
