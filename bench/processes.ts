/** What an instance's processes use, from /proc: processor seconds do not depend on what else the machine does, wall time does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Usage {
  /** User and system time since the process began. */
  cpu_seconds: number;
  /** With the pages of mapped files, which the system takes back when it needs them. */
  resident_bytes: number;
  /** Without them: what the process holds. */
  held_bytes: number;
}

const ticks_per_second = 100;

export function usageOf(data_dir: string): Map<string, Usage> {
  const run = JSON.parse(readFileSync(join(data_dir, 'run.json'), 'utf8')) as { children: Record<string, number> };
  const found = new Map<string, Usage>();
  for (const [name, pid] of Object.entries(run.children)) {
    const usage = usageOfProcess(pid);
    if (usage) found.set(name, usage);
  }
  return found;
}

/** Null where there is no such process. */
export function usageOfProcess(pid: number): Usage | null {
  try {
    // The name in parentheses may hold anything; what follows the last one is numbers.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const bytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024;
    return {
      cpu_seconds: (Number(fields[11]) + Number(fields[12])) / ticks_per_second,
      resident_bytes: bytes('VmRSS'),
      held_bytes: bytes('RssAnon'),
    };
  } catch {
    return null;
  }
}

export interface ProcessCost {
  cpu_seconds: number;
  resident_bytes_max: number;
  held_bytes_max: number;
  /** How `held_bytes` changed over the second half, by least squares: what is constant has about 0. */
  held_bytes_per_minute: number;
  /** Whether the process of the end is not the one of the beginning: it crashed, and its figures are of the last alone. */
  restarted: boolean;
}

export interface Watched {
  readonly processes: Record<string, ProcessCost>;
  readonly seconds: number;
}

interface Sample {
  readonly at_ms: number;
  readonly usage: Map<string, Usage>;
}

const sample_ms = 1_000;

/** Watches until `work` settles. */
export async function watch<T>(data_dir: string, work: () => Promise<T>): Promise<{ result: T; watched: Watched }> {
  const samples: Sample[] = [];
  const began_at_ms = Date.now();
  const sample = (): void => void samples.push({ at_ms: Date.now(), usage: usageOf(data_dir) });
  sample();
  const timer = setInterval(sample, sample_ms);
  try {
    const result = await work();
    sample();
    const names = [...(samples[0]?.usage.keys() ?? [])];
    const processes = Object.fromEntries(names.map(name => [name, costOf(name, samples)]));
    return { result, watched: { processes, seconds: (Date.now() - began_at_ms) / 1000 } };
  } finally {
    clearInterval(timer);
  }
}

function costOf(name: string, samples: readonly Sample[]): ProcessCost {
  const points = samples.flatMap(({ at_ms, usage }) => {
    const one = usage.get(name);
    return one ? [{ at_ms, ...one }] : [];
  });
  const cpu = points.map(point => point.cpu_seconds);
  const restarted = cpu.some((seconds, i) => seconds < (cpu[i - 1] ?? 0));
  return {
    cpu_seconds: round((cpu.at(-1) ?? 0) - (restarted ? 0 : (cpu[0] ?? 0))),
    resident_bytes_max: Math.max(...points.map(point => point.resident_bytes)),
    held_bytes_max: Math.max(...points.map(point => point.held_bytes)),
    held_bytes_per_minute: Math.round(
      slope(points.slice(points.length / 2).map(point => [point.at_ms / 60_000, point.held_bytes])),
    ),
    restarted,
  };
}

const round = (seconds: number): number => Math.round(seconds * 100) / 100;

/** Least squares. */
export function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = mean(points.map(([at]) => at));
  const y = mean(points.map(([, value]) => value));
  const square = points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
  return square === 0 ? 0 : points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0) / square;
}
