/**
 * The embedded ClickHouse, as a process: `server.js --data-dir DIR`.
 *
 * User and password come from MILLRACE_CLICKHOUSE_USER and MILLRACE_CLICKHOUSE_PASSWORD. It listens on a free port of
 * 127.0.0.1, tells it to the parent that forked it, or on a line of stdout, and ends with its parent: an engine left
 * behind would keep the directory from the next start.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writePid } from '../child.ts';
import { Engine } from './engine.ts';
import { createFront } from './http.ts';

/** How long running statements may take to end after SIGTERM. */
const drain_deadline_ms = 10_000;
/** How soon a connection whose answer has gone out is closed then. */
const idle_check_ms = 50;
/** Of the machine's memory; the broker, the pipeline and the user's own programs share it. */
const memory_share = 0.5;

function main(): void {
  const { values } = parseArgs({ options: { 'data-dir': { type: 'string' } } });
  const password = process.env.MILLRACE_CLICKHOUSE_PASSWORD;
  if (!values['data-dir'] || !password) {
    throw new Error('usage: MILLRACE_CLICKHOUSE_PASSWORD=… server.js --data-dir DIR');
  }
  const data_dir = resolve(values['data-dir']);
  mkdirSync(data_dir, { recursive: true, mode: 0o700 });
  claim(join(data_dir, 'clickhouse.pid'), data_dir);

  const engine = new Engine({ data_dir, memory_bytes_max: Math.floor(totalmem() * memory_share) });
  const user = process.env.MILLRACE_CLICKHOUSE_USER ?? 'default';
  const front = createFront(engine, { user, password });
  front.listen(0, '127.0.0.1', () => {
    const { port } = front.address() as AddressInfo;
    if (process.send) process.send({ ready: true, port });
    else process.stdout.write(`ready http://127.0.0.1:${port}\n`);
  });

  const stop = () => {
    // Running statements are answered; clients that wait for nothing are let go.
    front.close(() => {
      engine.close();
      process.exit(0);
    });
    setInterval(() => front.closeIdleConnections(), idle_check_ms).unref();
    setTimeout(endNow, drain_deadline_ms).unref();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.once('disconnect', endNow);
}

/** Leaving in order would wait for running statements, for which the engine has no interrupt; no data is lost. */
function endNow(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** Two engines on one directory destroy it; the engine itself does not look. */
function claim(pid_path: string, data_dir: string): void {
  const pid = Number(readOr(pid_path, '0'));
  if (pid > 1 && pid !== process.pid && readOr(`/proc/${pid}/cmdline`, '').includes(data_dir)) {
    throw new Error(`Another engine (process ${pid}) has this data directory open; stop it first.`);
  }
  writePid(pid_path, process.pid);
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}

try {
  main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
