/** The processes of the pipeline: started, watched, hurt, and started again where they end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Task } from './worker.ts';

/** A line of a worker's log. */
export interface LogLine {
  readonly msg: string;
  readonly error?: string;
  readonly [field: string]: unknown;
}

export interface Worker {
  readonly role: Task['role'];
  readonly log: LogLine[];
  readonly pid: () => number;
  /** How often it ended without having been told to. */
  ends(): number;
  signal(signal: NodeJS.Signals): void;
  /** With `for_good` it is not started again. */
  kill(for_good?: boolean): Promise<void>;
  stop(): Promise<void>;
}

const restart_pause_ms = 200;
/** Where the workers' logs are kept, for whoever looks into a red test. */
export const logs_dir = process.env.MILLRACE_FAULTS_LOGS;

export function startWorker(script: string, task: Task): Worker {
  mkdirSync(task.dir, { recursive: true });
  const log: LogLine[] = [];
  let child: ChildProcess;
  let ended: Promise<void>;
  let ends = 0;
  let over = false;

  function launch(): void {
    child = spawn(process.execPath, [script], {
      env: { ...process.env, TASK: JSON.stringify(task) },
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', line => {
      log.push(parsed(line));
      if (logs_dir) appendFileSync(join(logs_dir, `${task.role}-${task.instance}.log`), `${line}\n`);
    });
    ended = new Promise(done => child.once('exit', () => done()));
    void ended.then(async () => {
      if (over) return;
      ends++;
      await sleep(restart_pause_ms);
      if (!over) launch();
    });
  }

  launch();
  return {
    role: task.role,
    log,
    pid: () => child.pid as number,
    ends: () => ends,
    signal: signal => void child.kill(signal),
    async kill(for_good = false) {
      over ||= for_good;
      child.kill('SIGKILL');
      await ended;
    },
    async stop() {
      over = true;
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function parsed(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { msg: line };
  }
}
