/** Starts the embedded Kafka: Apache Kafka in KRaft mode, one JVM that is broker and controller, on loopback only. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { endOf, endPrevious, freePorts, hasEnded, lastLines, openLog, stopChild, tailOf, writePid } from '../child.ts';
import { saysFull } from '../disk.ts';
import { packageRoot } from '../root.ts';
import { sharedClasses } from './classes.ts';
import { fenceKilledBroker } from './fence.ts';
import { serverProperties } from './properties.ts';
import { answers } from './ready.ts';

const start_deadline_ms = 60_000;
const stop_deadline_ms = 15_000;
const probe_timeout_ms = 1_000;
const probe_interval_ms = 50;
/** Another program can take a port between its choice and the broker's use of it. */
const start_attempts_max = 3;

/** A small heap, a collector without threads of its own, and no optimising compiler: resident memory over speed. */
const JVM_OPTIONS = [
  '-Xmx384m',
  '-Xms64m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:+ExitOnOutOfMemoryError',
];
const LOG_OPTIONS = [
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
];

/**
 * The shell becomes the JVM. What it leaves behind waits on a pipe this process holds: a line says the JVM has ended,
 * the pipe's end says this process died, and a broker nobody owns must not keep the directory.
 */
const LAUNCH = `
(read -r line <&3 && exit
 kill -TERM $$
 seconds=0
 while kill -0 $$ && [ $seconds -lt 15 ]; do sleep 1; seconds=$((seconds + 1)); done
 kill -KILL $$) 2>/dev/null &
exec 3<&-
exec "$@"`;

export interface KafkaOptions {
  /** Logs of topics, the broker's own log and its configuration. Made where it is missing, for this user alone. */
  data_dir: string;
  /** SASL PLAIN; letters, digits, `_` and `-`. */
  user: string;
  password: string;
  /** Called once, when the broker ends without having been stopped. */
  onExit(error: Error): void;
}

export interface KafkaService {
  /** `127.0.0.1:PORT`, SASL_PLAINTEXT with PLAIN. */
  bootstrap: string;
  pid: number;
  log_path: string;
  /** Safe to call twice. */
  stop(): Promise<void>;
}

interface Paths {
  root: string;
  log_path: string;
  pid_path: string;
  properties_path: string;
  store_dir: string;
}

/**
 * Fetches the broker where it is missing, formats its storage once, and resolves when it answers.
 * @throws Error with the log's last lines and its path where the broker does not start
 */
export async function startKafka(options: KafkaOptions): Promise<KafkaService> {
  const paths = prepare(options.data_dir);
  await endPrevious(paths.pid_path, paths.properties_path, stop_deadline_ms);
  const directory = await fetchedKafka();
  const class_path = join(directory, '*');
  const classes = sharedClasses(directory, paths.root);

  for (let attempt = 1; ; attempt++) {
    const [client_port = 0, controller_port = 0] = await freePorts(2);
    const { user, password } = options;
    const properties = serverProperties({ log_dir: paths.store_dir, client_port, controller_port, user, password });
    writeFileSync(paths.properties_path, properties, { mode: 0o600 });
    await formatOnce(paths, class_path);

    await fenceKilledBroker({
      ...paths,
      launch: (path, options) => launch(paths, class_path, path, options),
    });
    const child = launch(paths, class_path, paths.properties_path, classes.options);
    child.once('exit', classes.keep);
    if (await isReady(child, client_port)) return serviceOf(child, client_port, paths, options);
    const fault = startFault(child, paths.log_path);
    await stopChild(child, stop_deadline_ms);
    if (attempt === start_attempts_max || !/Address already in use|BindException/.test(fault.message)) throw fault;
  }
}

function prepare(data_dir: string): Paths {
  const root = resolve(data_dir);
  mkdirSync(join(root, 'logs'), { recursive: true, mode: 0o700 });
  return {
    root,
    log_path: join(root, 'logs', 'kafka.log'),
    pid_path: join(root, 'kafka.pid'),
    properties_path: join(root, 'server.properties'),
    store_dir: join(root, 'store'),
  };
}

/** The fetching script is plain JavaScript outside the compiled tree, because installing the package runs it too. */
async function fetchedKafka(): Promise<string> {
  const script = pathToFileURL(join(packageRoot(), 'embedded', 'kafka', 'fetch.mjs')).href;
  const { fetchKafka } = (await import(script)) as typeof import('./fetch.mjs');
  return fetchKafka(line => process.stderr.write(`${line}\n`));
}

/**
 * 1. The cluster's id is written. 2. The storage is formatted with it. 3. A mark says so. A crash between two of them
 * repeats the formatting with the same id, which leaves formatted directories as they are.
 */
async function formatOnce({ root, properties_path, log_path }: Paths, class_path: string): Promise<void> {
  const mark = join(root, 'formatted');
  if (existsSync(mark)) return;
  const id_path = join(root, 'cluster.id');
  if (!existsSync(id_path)) writeFileSync(id_path, newClusterId(), { mode: 0o600 });
  const id = readFileSync(id_path, 'utf8');
  const tool = ['kafka.tools.StorageTool', 'format', '--ignore-formatted', '-t', id, '-c', properties_path];
  try {
    await promisify(execFile)('java', [...JVM_OPTIONS, ...LOG_OPTIONS, '-cp', class_path, ...tool]);
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string };
    writeFileSync(log_path, stderr, { flag: 'a', mode: 0o600 });
    throw new Error(`The embedded Kafka's storage could not be formatted: ${stderr.trim() || message}\n(${log_path})`);
  }
  writeFileSync(mark, '');
}

/** 16 random bytes as Kafka writes them; a leading dash would read as an option. */
function newClusterId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? newClusterId() : id;
}

/** In a process group of its own: an interrupt at the terminal reaches the owner, who stops things in order. */
function launch(
  { root, log_path, pid_path }: Paths,
  class_path: string,
  properties_path: string,
  options: readonly string[] = [],
): ChildProcess {
  const log = openLog(log_path);
  try {
    const java = [
      'java',
      ...JVM_OPTIONS,
      ...LOG_OPTIONS,
      ...options,
      '-cp',
      class_path,
      'kafka.Kafka',
      properties_path,
    ];
    const stdio = ['ignore', log, log, 'pipe'] as const;
    const child = spawn('/bin/sh', ['-c', LAUNCH, 'kafka', ...java], { cwd: root, detached: true, stdio: [...stdio] });
    const lifeline = child.stdio[3] as Socket;
    lifeline.on('error', () => {});
    lifeline.unref();
    child.once('exit', () => lifeline.end('ended\n'));
    if (child.pid) writePid(pid_path, child.pid);
    return child;
  } finally {
    closeSync(log);
  }
}

async function isReady(child: ChildProcess, port: number): Promise<boolean> {
  const deadline = Date.now() + start_deadline_ms;
  while (!hasEnded(child) && Date.now() < deadline) {
    if (await answers(port, probe_timeout_ms)) return true;
    await wait(probe_interval_ms);
  }
  return false;
}

function startFault(child: ChildProcess, log_path: string): Error {
  const what = hasEnded(child) ? endOf(child) : `did not answer within ${start_deadline_ms / 1_000} s`;
  return new Error(failure(what, log_path));
}

function serviceOf(child: ChildProcess, port: number, { log_path }: Paths, { onExit }: KafkaOptions): KafkaService {
  let stopping = false;
  child.once('exit', () => {
    if (!stopping) onExit(new Error(failure(endOf(child), log_path)));
  });
  const stop = () => {
    stopping = true;
    return stopChild(child, stop_deadline_ms);
  };
  return { bootstrap: `127.0.0.1:${port}`, pid: child.pid ?? 0, log_path, stop };
}

/** What Kafka says of a disk that is full, a stack trace for each partition follows: so far back it is looked for. */
const cause_bytes_max = 256 * 1024;

function failure(what: string, log_path: string): string {
  const cause = saysFull(tailOf(log_path, cause_bytes_max)) ? ': no space was left on the disk of its data' : '';
  return `The embedded Kafka ${what}${cause}. The end of ${log_path}:\n${lastLines(log_path)}`;
}
