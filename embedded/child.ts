/** What the engines' launchers share: one owner of a data directory, a log that is kept, an orderly end. */
import type { ChildProcess } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A log beyond this is set aside as `….1` at the next start, in bytes. */
const log_bytes_max = 16 * 1024 * 1024;
const log_tail_bytes = 8 * 1024;
const log_tail_lines = 12;
const poll_interval_ms = 50;

/** Opens a child's log for appending and writes where this run begins. The caller closes the descriptor. */
export function openLog(path: string): number {
  if (existsSync(path) && statSync(path).size > log_bytes_max) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o600);
}

/** The last lines of a log, for an error's message. */
export function lastLines(path: string): string {
  return tailOf(path, log_tail_bytes).trimEnd().split('\n').slice(-log_tail_lines).join('\n');
}

/** The log's end, so many bytes of it at most; empty where the log is gone, with its data directory. */
export function tailOf(path: string, bytes_max: number): string {
  if (!existsSync(path)) return '';
  const fd = openSync(path, 'r');
  try {
    const size = fstatSync(fd).size;
    const tail = Buffer.alloc(Math.min(size, bytes_max));
    readSync(fd, tail, 0, tail.length, size - tail.length);
    return tail.toString();
  } finally {
    closeSync(fd);
  }
}

/**
 * Ends what an earlier run left on the same data directory: a child outlives a parent that was killed by a moment, and
 * two engines on one directory destroy it.
 * @param mark a part of the child's command line that no other process has, such as its data directory
 * @param deadline_ms how long it may take to end by itself before it is killed
 */
export async function endPrevious(pid_path: string, mark: string, deadline_ms: number): Promise<void> {
  const pid = existsSync(pid_path) ? Number(readFileSync(pid_path, 'utf8')) : 0;
  await endProcess(pid, mark, deadline_ms);
}

/** Ends the process where its command line has the mark: by then the number may belong to another one. */
export async function endProcess(pid: number, mark: string, deadline_ms: number): Promise<void> {
  if (!Number.isInteger(pid) || pid <= 1) return;
  const deadline = Date.now() + deadline_ms;
  const runs = () => commandLine(pid).includes(mark);
  if (runs()) signalProcess(pid, 'SIGTERM');
  while (runs() && Date.now() < deadline) await wait(poll_interval_ms);
  if (runs()) signalProcess(pid, 'SIGKILL');
  while (runs()) await wait(poll_interval_ms);
}

export function writePid(pid_path: string, pid: number): void {
  writeFileSync(pid_path, `${pid}\n`, { mode: 0o600 });
}

/** Resolves once the child has ended: asked by SIGTERM, forced by SIGKILL after `deadline_ms`. */
export async function stopChild(child: ChildProcess, deadline_ms: number): Promise<void> {
  if (hasEnded(child)) return;
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), deadline_ms);
  await ended;
  clearTimeout(force);
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** How a child ended, in words. */
export function endOf(child: ChildProcess): string {
  return child.signalCode ? `was ended by ${child.signalCode}` : `ended with exit code ${child.exitCode}`;
}

/** Ports of the loopback interface that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listenAnywhere));
  const ports = servers.map(server => (server.address() as { port: number }).port);
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
  return ports;
}

function listenAnywhere() {
  return new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in between, or the number belongs to another user's process now.
  }
}

/** Empty where there is no such process. */
function commandLine(pid: number): string {
  try {
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return '';
  }
}
