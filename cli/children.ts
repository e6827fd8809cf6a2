/** The processes that `up` keeps running: started, watched, started again with growing pauses, stopped in order. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, write } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { MillraceError } from '../lib/errors.ts';
import { pause, withResolvers } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/log.ts';

export interface Child {
  readonly name: string;
  /** What the process said when it was ready, such as its URL. */
  readonly ready: Promise<ReadyMessage>;
  pid(): number | undefined;
  /** Ends it as a crash would and lets it be started again. */
  restart(): void;
  stop(): Promise<void>;
}

export interface ReadyMessage {
  ready: true;
  url?: string;
}

export interface ChildOptions {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  /** Asked at each start: an engine that was started again may be elsewhere. */
  env(): Readonly<Record<string, string>>;
  readonly logs_dir: string;
  readonly log: Logger;
  /** Aborted when everything stops: whoever ends from then on is not started again. */
  readonly signal: AbortSignal;
  /** Awaited before it is started again; true where something it needs was away, so that the failure was not its own. */
  untilStartable(): Promise<boolean>;
  /** Called with each new process id. */
  onStart(pid: number): void;
  /** The process failed before it was ever ready, or keeps failing. */
  onFailure(error: MillraceError): void;
}

const pause_ms_first = 250;
const pause_ms_max = 10_000;
const healthy_ms = 30_000;
const stop_ms_max = 12_000;
const failures_max = 20;

export function startChild(options: ChildOptions): Child {
  const { name, log } = options;
  mkdirSync(options.logs_dir, { recursive: true, mode: 0o700 });
  const logPath = join(options.logs_dir, `${name}.log`);
  const output = openLog(logPath);
  const ready = withResolvers<ReadyMessage>();
  ready.promise.catch(() => undefined);
  let child: ChildProcess;
  let stopping = false;
  let everReady = false;
  let failures = 0;
  let exited = withResolvers<void>();

  const isStopping = (): boolean => stopping || options.signal.aborted;

  function start(): void {
    const started_at_ms = Date.now();
    exited = withResolvers<void>();
    child = fork(options.script, [...options.args], {
      // A process group of its own: a terminal's Ctrl-C reaches the supervisor alone, which stops everything in order.
      detached: true,
      env: { ...options.env() },
      execArgv: ['--enable-source-maps'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child.stdout?.pipe(output, { end: false });
    child.stderr?.pipe(output, { end: false });
    if (child.pid !== undefined) options.onStart(child.pid);
    child.on('message', message => {
      if ((message as ReadyMessage).ready) {
        everReady = true;
        ready.resolve(message as ReadyMessage);
      }
    });
    child.once('exit', (code, signal) => void onExit(started_at_ms, code, signal));
  }

  async function onExit(started_at_ms: number, code: number | null, signal: string | null): Promise<void> {
    exited.resolve();
    if (isStopping()) return;
    const lived_ms = Date.now() - started_at_ms;
    failures = lived_ms > healthy_ms ? 1 : failures + 1;
    log.warn({ child: name, code, signal, lived_ms, log: logPath }, 'a process ended and is started again');
    if (await options.untilStartable()) failures = 1;
    if ((!everReady && failures >= 3) || failures >= failures_max) {
      const error = new MillraceError('child', `${name} does not start: ${lastLines(logPath)}`, {
        remedy: `see ${logPath}`,
      });
      ready.reject(error);
      return options.onFailure(error);
    }
    await pause(Math.min(pause_ms_first * 2 ** (failures - 1), pause_ms_max));
    if (!isStopping()) start();
  }

  start();
  return {
    name,
    ready: ready.promise,
    pid: () => child.pid,
    restart: () => void child.kill('SIGKILL'),
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const killed = setTimeout(() => child.kill('SIGKILL'), stop_ms_max);
      await exited.promise;
      clearTimeout(killed);
    },
  };
}

/** What cannot be written, because the disk is full, is left out: a process must not stand still for its log. */
function openLog(path: string): Writable {
  const file = openSync(path, 'a', 0o600);
  return new Writable({ write: (chunk: Buffer, _, done) => write(file, chunk, () => done()) });
}

function lastLines(path: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-3).join('\n');
  } catch {
    return '(no output)';
  }
}
