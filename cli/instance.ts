/** Finds the instance a command talks to; where none runs on the data directory, starts one and stops it again. */
import { fork } from 'node:child_process';
import { MillraceError } from '../lib/errors.ts';
import { withResolvers } from '../lib/lifecycle.ts';
import { type Client, createClient, interrupted } from './client.ts';
import { openDataDir } from './data-dir.ts';
import { onInterrupt } from './interrupt.ts';
import { mainScript } from './package.ts';
import { signToken } from './sign-in.ts';
import { say } from './terminal.ts';

export interface InstanceOptions {
  readonly dataDir: string;
  readonly url?: string;
  readonly token?: string;
}

type Work<T> = (client: Client, signal: AbortSignal) => Promise<T>;

/** Throws MillraceError `interrupted` on Ctrl-C, once what was started for the command has stopped. */
export async function withInstance<T>(options: InstanceOptions, work: Work<T>): Promise<T> {
  const { signal, release } = onInterrupt();
  try {
    return await found(options, signal, work);
  } catch (error) {
    throw signal.aborted ? interrupted() : error;
  } finally {
    release();
  }
}

async function found<T>(options: InstanceOptions, signal: AbortSignal, work: Work<T>): Promise<T> {
  if (options.url) {
    const { url, token } = options;
    if (!token) throw new MillraceError('config', '--url needs --token (or MILLRACE_TOKEN)');
    return work(createClient({ url, token: async () => token, signal }), signal);
  }
  const dir = openDataDir(options.dataDir);
  const run = dir.readRun();
  const client = (url: string): Client =>
    createClient({ url, token: () => signToken(dir.secrets().jwt, 'millrace', 'admin'), signal });
  if (run && (await dir.inUse())) return work(client(run.url), signal);
  say('no instance is running; starting one for this command');
  const temporary = await startTemporary(dir.path, signal);
  try {
    return await work(client(temporary.url), signal);
  } finally {
    await temporary.stop();
  }
}

async function startTemporary(data_dir: string, signal: AbortSignal): Promise<{ url: string; stop(): Promise<void> }> {
  const child = fork(mainScript, ['up', '--data-dir', data_dir, '--port', '0', '--no-sample'], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  signal.addEventListener('abort', () => child.kill('SIGTERM'));
  const exited = withResolvers<void>();
  const ready = withResolvers<string>();
  let output = '';
  child.stdout?.on('data', chunk => {
    output += String(chunk);
    const url = /^ready (\S+)$/m.exec(output)?.[1];
    if (url) ready.resolve(url);
  });
  child.once('exit', code => {
    exited.resolve();
    ready.reject(new MillraceError('child', `the instance ended with exit code ${code}`));
  });
  return {
    url: await ready.promise,
    async stop() {
      child.kill('SIGTERM');
      await exited.promise;
    },
  };
}
