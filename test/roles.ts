/** One role as a process of its own, configured by its environment alone, as in a container. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePorts } from '../embedded/child.ts';
import { millrace, until } from './instance.ts';

const stop_ms_max = 60_000;

/** What a role's own image lacks cannot be loaded. */
export const without_embedded = `--import ${pathToFileURL(join(import.meta.dirname, 'no-embedded.mjs')).href}`;

export interface Role {
  /** The status and state that /ready answers; null where nothing answers. */
  readiness(): Promise<{ status: number; state: string } | null>;
  /** The sum of a metric's samples, of those that begin like it where it names a label: `m{a="b"`; NaN where it has none. */
  metric(name: string): Promise<number>;
  untilReady(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Resolves with the exit code; throws where it does not end in time. */
  readonly ended: Promise<number | null>;
  /** What it said so far. */
  output(): string;
  stop(): Promise<number | null>;
}

export async function startRole(name: string, env: Record<string, string>): Promise<Role> {
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [millrace, name], {
    env: { ...env, MILLRACE_OBSERVE_PORT: String(port), NODE_OPTIONS: `${without_embedded} ${env.NODE_OPTIONS ?? ''}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', chunk => {
      output += String(chunk);
    });
  }
  const ended = new Promise<number | null>(done => child.once('exit', code => done(code)));
  const answer = (path: string): Promise<Response | null> => fetch(`${url}${path}`).catch(() => null);

  const readiness: Role['readiness'] = async () => {
    const response = await answer('/ready');
    return response && { status: response.status, state: ((await response.json()) as { state: string }).state };
  };
  return {
    readiness,
    async metric(metric) {
      const text = (await (await answer('/metrics'))?.text()) ?? '';
      const samples = text.split('\n').filter(line => line.startsWith(metric.includes('{') ? metric : `${metric}{`));
      if (samples.length === 0) return Number.NaN;
      return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    },
    untilReady: () =>
      until(`${name} to be ready`, async () => {
        if (child.exitCode !== null) throw new Error(`${name} ended: ${output}`);
        return (await readiness())?.status === 200;
      }).then(() => undefined),
    signal: signal => void child.kill(signal),
    ended,
    output: () => output,
    async stop() {
      if (child.exitCode !== null) return child.exitCode;
      child.kill('SIGTERM');
      // Named, so that a test that fails here leaves nothing behind.
      const late = setTimeout(() => child.kill('SIGKILL'), stop_ms_max);
      const code = await ended;
      clearTimeout(late);
      return code;
    },
  };
}
