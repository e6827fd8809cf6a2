/** Finds the instance a command talks to; where none runs on the data directory, starts one and stops it again. */
import { fork } from 'node:child_process';
import { MillraceError } from '../lib/errors.ts';
import { withResolvers } from '../lib/lifecycle.ts';
import { createTokens } from '../query-api/auth/tokens.ts';
import { type Client, createClient } from './client.ts';
import { openDataDir } from './data-dir.ts';
import { mainScript } from './package.ts';
import { say } from './terminal.ts';

export interface InstanceOptions {
  readonly dataDir: string;
  readonly url?: string;
  readonly token?: string;
}

export async function withInstance<T>(options: InstanceOptions, work: (client: Client) => Promise<T>): Promise<T> {
  if (options.url) {
    const { url, token } = options;
    if (!token) throw new MillraceError('config', '--url needs --token (or MILLRACE_TOKEN)');
    return work(createClient({ url, token: async () => token }));
  }
  const dir = openDataDir(options.dataDir);
  const run = dir.readRun();
  const client = (url: string): Client =>
    createClient({ url, token: () => createTokens(dir.secrets().jwt).sign('millrace', 'admin') });
  if (run && (await dir.inUse())) return work(client(run.url));
  say('no instance is running; starting one for this command');
  const temporary = await startTemporary(dir.path);
  try {
    return await work(client(temporary.url));
  } finally {
    await temporary.stop();
  }
}

async function startTemporary(data_dir: string): Promise<{ url: string; stop(): Promise<void> }> {
  const child = fork(mainScript, ['up', '--data-dir', data_dir, '--port', '0', '--no-sample'], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
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
