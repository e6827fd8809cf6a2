/** What runs on a data directory, and whether it can work: asked of the files, the kernel and `/ready`. */
import { readFileSync } from 'node:fs';
import { openDataDir, type RunFile } from './data-dir.ts';

export interface Readiness {
  readonly ready: boolean;
  /** What is missing, or why nothing answered. */
  readonly reason: string | null;
}

export interface ProcessStatus {
  readonly name: string;
  readonly pid: number;
  readonly running: boolean;
  /** Resident memory; null where the system does not say. */
  readonly rss_bytes: number | null;
}

export interface Status extends Readiness {
  readonly data_dir: string;
  readonly running: boolean;
  readonly url: string | null;
  readonly kafka: string | null;
  readonly clickhouse: string | null;
  readonly processes: readonly ProcessStatus[];
}

const answer_ms_max = 5_000;

/** Asks `/ready`, which is open: no token is needed and nothing but the checks is done. */
export async function readinessOf(url: string): Promise<Readiness> {
  try {
    const response = await fetch(new URL('/ready', url), { signal: AbortSignal.timeout(answer_ms_max) });
    const { checks = {} } = (await response.json().catch(() => ({}))) as { checks?: Record<string, boolean> };
    const missing = Object.entries(checks).flatMap(([name, there]) => (there ? [] : [name]));
    if (response.ok) return { ready: true, reason: null };
    return {
      ready: false,
      reason: missing.length > 0 ? `waiting for ${missing.join(', ')}` : `HTTP ${response.status}`,
    };
  } catch {
    return { ready: false, reason: `nothing answers at ${url}` };
  }
}

export async function statusOf(dataDir: string): Promise<Status> {
  const dir = openDataDir(dataDir);
  const run = dir.readRun();
  const running = run !== null && (await dir.inUse());
  const { ready, reason } = running
    ? await readinessOf(run.url)
    : { ready: false, reason: 'no instance is running on this directory' };
  return {
    data_dir: dir.path,
    running,
    ready,
    reason,
    url: running ? run.url : null,
    kafka: running ? run.kafka : null,
    clickhouse: running ? run.clickhouse : null,
    processes: running ? processesOf(run) : [],
  };
}

function processesOf(run: RunFile): ProcessStatus[] {
  return Object.entries({ up: run.pid, ...run.children }).map(([name, pid]) => ({
    name,
    pid,
    running: isRunning(pid),
    rss_bytes: residentBytes(pid),
  }));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's process is there all the same.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function residentBytes(pid: number): number | null {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}
