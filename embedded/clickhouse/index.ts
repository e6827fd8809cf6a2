/** Starts the embedded ClickHouse: the engine in a process of its own that speaks ClickHouse's HTTP protocol. */
import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endOf, endPrevious, hasEnded, lastLines, openLog, stopChild } from '../child.ts';
import { packageRoot } from '../root.ts';
import { pool_threads } from './threads.ts';

const start_deadline_ms = 60_000;
const stop_deadline_ms = 15_000;

export interface ClickHouseOptions {
  /** Tables, logs and temporary files. Made where it is missing, for this user alone. */
  data_dir: string;
  user: string;
  password: string;
  /** Called once, when the process ends without having been stopped. */
  onExit(error: Error): void;
}

export interface ClickHouseService {
  /** `http://127.0.0.1:PORT` */
  url: string;
  pid: number;
  log_path: string;
  /** Lets running statements end. Safe to call twice. */
  stop(): Promise<void>;
}

/** @throws Error with the log's last lines and its path where the engine does not start */
export async function startClickHouse(options: ClickHouseOptions): Promise<ClickHouseService> {
  const data_dir = resolve(options.data_dir);
  const log_path = join(data_dir, 'logs', 'clickhouse.log');
  mkdirSync(join(data_dir, 'logs'), { recursive: true, mode: 0o700 });
  const pid_path = join(data_dir, 'clickhouse.pid');
  await endPrevious(pid_path, data_dir, stop_deadline_ms);

  const child = forkServer(data_dir, log_path, options);
  const port = await portOf(child, log_path);
  const pid = child.pid ?? 0;

  let stopping = false;
  child.once('exit', () => {
    if (!stopping) options.onExit(new Error(failure(`The embedded ClickHouse ${endOf(child)}`, log_path)));
  });
  const stop = () => {
    stopping = true;
    return stopChild(child, stop_deadline_ms);
  };
  return { url: `http://127.0.0.1:${port}`, pid, log_path, stop };
}

/** In a process group of its own: an interrupt at the terminal reaches the owner, who stops things in order. */
function forkServer(data_dir: string, log_path: string, { user, password }: ClickHouseOptions): ChildProcess {
  const log = openLog(log_path);
  try {
    return fork(serverPath(), ['--data-dir', data_dir], {
      detached: true,
      execArgv: ['--max-old-space-size=256'],
      env: {
        ...process.env,
        MILLRACE_CLICKHOUSE_USER: user,
        MILLRACE_CLICKHOUSE_PASSWORD: password,
        // Read once by libuv, at the start. A running statement holds one of these threads.
        UV_THREADPOOL_SIZE: String(pool_threads),
      },
      stdio: ['ignore', log, log, 'ipc'],
    });
  } finally {
    closeSync(log);
  }
}

/** The compiled server, also where this module is run from its source. */
function serverPath(): string {
  if (import.meta.url.endsWith('.js')) return fileURLToPath(new URL('./server.js', import.meta.url));
  return join(packageRoot(), 'dist', 'embedded', 'clickhouse', 'server.js');
}

async function portOf(child: ChildProcess, log_path: string): Promise<number> {
  const outcome = await new Promise<number | string>(resolvePort => {
    const timer = setTimeout(
      () => resolvePort(`did not start within ${start_deadline_ms / 1_000} s`),
      start_deadline_ms,
    );
    child.once('message', message => settle((message as { port: number }).port));
    child.once('exit', () => settle(endOf(child)));
    child.once('error', error => settle(`could not be started: ${error.message}`));
    const settle = (value: number | string) => {
      clearTimeout(timer);
      resolvePort(value);
    };
  });
  if (typeof outcome === 'number') return outcome;
  if (!hasEnded(child)) child.kill('SIGKILL');
  throw new Error(failure(`The embedded ClickHouse ${outcome}`, log_path));
}

function failure(what: string, log_path: string): string {
  return `${what}. The end of ${log_path}:\n${lastLines(log_path)}`;
}
