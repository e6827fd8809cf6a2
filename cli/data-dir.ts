/** The data directory: one instance's everything, its lock, its secrets and how to reach it. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { MillraceError } from '../lib/errors.ts';

export interface Secrets {
  jwt: string;
  clickhouse: string;
  kafka: string;
}

/** What a command needs to find the running instance. */
export interface RunFile {
  pid: number;
  url: string;
  kafka: string;
  clickhouse: string;
  /** Child process ids by name: what a killed supervisor may have left running. */
  children: Record<string, number>;
}

export interface DataDir {
  readonly path: string;
  secrets(): Secrets;
  readRun(): RunFile | null;
  writeRun(run: RunFile): void;
  clearRun(): void;
  /** Throws MillraceError `data-dir.in-use` where another instance holds it. The lock ends with the process, however. */
  lock(): Promise<{ release(): void }>;
  inUse(): Promise<boolean>;
}

export function openDataDir(dir: string): DataDir {
  const path = resolve(dir);
  const file = (name: string): string => join(path, name);
  return {
    path,
    secrets: () => readSecrets(path, file('secrets.json')),
    readRun: () =>
      existsSync(file('run.json')) ? (JSON.parse(readFileSync(file('run.json'), 'utf8')) as RunFile) : null,
    writeRun: run => writePrivate(path, file('run.json'), run),
    clearRun: () => rmSync(file('run.json'), { force: true }),
    lock: () => lock(path),
    inUse: () => answers(lockPath(path)),
  };
}

function readSecrets(path: string, file: string): Secrets {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Secrets;
  const fresh = (): string => randomBytes(32).toString('base64url');
  const secrets = { jwt: fresh(), clickhouse: fresh(), kafka: fresh() };
  writePrivate(path, file, secrets);
  return secrets;
}

function writePrivate(path: string, file: string, value: unknown): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  // Renamed into place: a reader never sees half a file, and a crash leaves the old one.
  writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

// The lock is a listening socket: the kernel closes it with its process, kill -9 included, so it is never stale. The
// path is a hash in the temporary directory because a socket's path may not exceed about 100 bytes.
function lockPath(path: string): string {
  const name = createHash('sha256').update(path).digest('hex').slice(0, 16);
  return join(tmpdir(), `millrace-${process.getuid?.() ?? 0}-${name}.sock`);
}

async function lock(path: string): Promise<{ release(): void }> {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const socket = lockPath(path);
  if (await answers(socket)) {
    throw new MillraceError('data-dir.in-use', `another instance is running on ${path}`, {
      remedy: 'stop it first, or name another directory with --data-dir',
    });
  }
  rmSync(socket, { force: true });
  const server: Server = createServer(connection => connection.end());
  await new Promise<void>((done, fail) => server.once('error', fail).listen(socket, done));
  server.unref();
  return { release: () => server.close() };
}

function answers(socket: string): Promise<boolean> {
  return new Promise(done => {
    const probe = connect(socket);
    probe.once('connect', () => {
      probe.destroy();
      done(true);
    });
    probe.once('error', () => done(false));
  });
}
