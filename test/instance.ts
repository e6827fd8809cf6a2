/** A whole Millrace for a test: started through the command that users run, on a directory of its own, and stopped. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../embedded/root.ts';

export const millrace = join(packageRoot(), 'bin', 'millrace.js');
const start_ms_max = 90_000;
const command_ms_max = 90_000;

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Instance {
  readonly data_dir: string;
  readonly url: string;
  /** Runs `millrace …` against this instance. */
  run(args: readonly string[], input?: string | Buffer): Promise<CommandResult>;
  /** The same, whose JSON is parsed; throws where the command fails. */
  json<T>(args: readonly string[]): Promise<T>;
  sql<T>(query: string): Promise<T[]>;
  token(role?: string): Promise<string>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** The process id of a role or an engine. */
  pid(role: string): number;
  /** What `millrace up` said so far beside its data. */
  said(): string;
  /** Ends the whole and says with which code. */
  stop(): Promise<number | null>;
  /** As the machine's power would: nothing is told. */
  kill(): Promise<void>;
}

export function freshDir(): string {
  return mkdtempSync(join(tmpdir(), 'millrace-test-'));
}

export interface InstanceOptions {
  /** Kept afterwards; without it a fresh one, removed at the end. */
  readonly data_dir?: string;
  /** Streams the sample company in. */
  readonly sample?: boolean;
  /** Over this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Of another build than the one that is tested (test/faults/broken.ts). */
  readonly root?: string;
  /** Further arguments of `millrace up`. */
  readonly args?: readonly string[];
}

export async function startInstance(options: InstanceOptions = {}): Promise<Instance> {
  const data_dir = options.data_dir ?? freshDir();
  const args = [
    'up',
    '--data-dir',
    data_dir,
    '--port',
    '0',
    ...(options.sample ? [] : ['--no-sample']),
    ...(options.args ?? []),
  ];
  const env = { ...process.env, ...options.env };
  const command = options.root ? join(options.root, 'bin', 'millrace.js') : millrace;
  const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
  let said = '';
  child.stderr?.on('data', chunk => {
    said += String(chunk);
  });
  const url = await readyUrl(child, () => said);
  const ended = new Promise<number | null>(done => child.once('exit', code => done(code)));

  const run: Instance['run'] = (command, input) => runCommand([...command, '--data-dir', data_dir], input);
  const token: Instance['token'] = async role => {
    const { stdout } = await runCommand(['token', '--data-dir', data_dir, ...(role ? ['--role', role] : [])]);
    return stdout.trim();
  };
  // It is valid for longer than any test runs.
  let admin: Promise<string> | null = null;
  return {
    data_dir,
    url,
    run,
    token,
    async json(command) {
      const result = await run([...command, '--json']);
      if (result.stdout === '') throw new Error(`millrace ${command.join(' ')}: ${result.stderr}`);
      return JSON.parse(result.stdout);
    },
    async sql(query) {
      const { code, stdout, stderr } = await run(['sql', query, '--format', 'JSONEachRow']);
      if (code !== 0) throw new Error(stderr);
      return stdout
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line));
    },
    async fetch(path, init = {}) {
      admin ??= token();
      const headers = { authorization: `Bearer ${await admin}`, ...(init.headers as Record<string, string>) };
      return fetch(new URL(path, url), { ...init, headers });
    },
    pid: role => pidOf(data_dir, role),
    said: () => said,
    async stop() {
      child.kill('SIGTERM');
      const code = await ended;
      for (const role of ['ingest', 'process', 'sink', 'api']) expectCleanStop(data_dir, role);
      if (!options.data_dir) rmSync(data_dir, { recursive: true, force: true });
      return code;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A role that hangs is ended by force after a while, which the exit code of the whole does not show. */
function expectCleanStop(data_dir: string, role: string): void {
  const last =
    readFileSync(join(data_dir, 'logs', `${role}.log`), 'utf8')
      .trimEnd()
      .split('\n')
      .at(-1) ?? '';
  if (!last.includes('"msg":"stopped"')) throw new Error(`${role} did not stop by itself: ${last}`);
}

/** `env` in place of this process's own. */
export function runCommand(
  args: readonly string[],
  input: string | Buffer = '',
  env?: Record<string, string>,
): Promise<CommandResult> {
  return new Promise(done => {
    const options = { timeout: command_ms_max, maxBuffer: 64 * 1024 * 1024, ...(env ? { env } : {}) };
    const child = execFile(process.execPath, [millrace, ...args], options, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr });
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

function readyUrl(child: ChildProcess, said: () => string): Promise<string> {
  return new Promise((done, fail) => {
    let stdout = '';
    const late = setTimeout(() => fail(new Error(`not ready within ${start_ms_max} ms: ${said()}`)), start_ms_max);
    child.stdout?.on('data', chunk => {
      stdout += String(chunk);
      const url = /^ready (\S+)$/m.exec(stdout)?.[1];
      if (!url) return;
      clearTimeout(late);
      done(url);
    });
    child.once('exit', code => {
      clearTimeout(late);
      fail(new Error(`ended with exit code ${code}: ${said()}`));
    });
  });
}

function pidOf(data_dir: string, role: string): number {
  const file = join(data_dir, 'run.json');
  if (!existsSync(file)) throw new Error('the instance is not running');
  const run = JSON.parse(readFileSync(file, 'utf8')) as { children: Record<string, number> };
  const pid = run.children[role];
  if (pid === undefined) throw new Error(`no process ${role}`);
  return pid;
}

/**
 * Until the condition holds; an error with what it last said where it does not. No measure of speed: on a machine whose processors
 * are all taken, its disk may stand still for twenty seconds.
 */
export async function until<T>(what: string, ask: () => Promise<T | false | null>, ms_max = 90_000): Promise<T> {
  const until_ms = Date.now() + ms_max;
  let last: unknown;
  while (Date.now() < until_ms) {
    try {
      const answer = await ask();
      if (answer !== false && answer !== null) return answer;
    } catch (error) {
      last = error;
    }
    await new Promise(done => setTimeout(done, 50));
  }
  throw new Error(`${what}: not within ${ms_max} ms${last ? ` (${String(last)})` : ''}`);
}
