/** A Redis for a test: on a port of its own, keeping nothing. */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { freePorts } from '../embedded/child.ts';
import { freshDir } from './instance.ts';

export interface RedisServer {
  readonly port: number;
  signal(name: NodeJS.Signals): void;
  stop(): Promise<void>;
}

const start_ms_max = 60_000;

/** With `args` after those that name the port; `port` to be where one was before. */
export async function startRedis(args: readonly string[], port?: number): Promise<RedisServer> {
  const at = port ?? ((await freePorts(1))[0] as number);
  const dir = freshDir();
  const common = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', dir, '--daemonize', 'no'];
  const named = args.includes('--tls-port') ? ['--port', '0'] : ['--port', String(at)];
  const parts = args.map(arg => arg.replace('PORT', String(at)));
  const child = spawn('redis-server', [...common, ...named, ...parts], { stdio: ['ignore', 'pipe', 'pipe'] });
  await ready(child);
  const ended = new Promise<void>(done => child.once('exit', () => done()));
  return {
    port: at,
    signal: name => void child.kill(name),
    async stop() {
      child.kill('SIGKILL');
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((done, fail) => {
    let said = '';
    const late = setTimeout(() => fail(new Error(`redis-server does not start: ${said}`)), start_ms_max);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', chunk => {
        said += String(chunk);
        if (!said.includes('Ready to accept connections')) return;
        clearTimeout(late);
        done();
      });
    }
    child.once('error', fail);
    child.once('exit', () => fail(new Error(`redis-server ended: ${said}`)));
  });
}
