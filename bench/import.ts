/** How fast a mailbox is read, and how fast it is all queryable; what that costs each process. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Instance, startInstance } from '../test/instance.ts';
import { type MboxFacts, writeMbox } from './mbox.ts';
import { type Watched, watch } from './processes.ts';

export interface ImportBenchOptions {
  readonly bytes: number;
  readonly seed: number;
  /** The import fails where it takes longer. */
  readonly minutes_max: number;
  /** Where the mailbox and the instance go; both are left for the caller to remove. */
  readonly dir: string;
  progress(line: string): void;
}

export interface ImportBenchResult {
  readonly mailbox: MboxFacts;
  readonly cores: number;
  readonly reconciliation: string;
  /** Whether every number ended once, and as many ended as the mailbox has mails. */
  readonly adds_up: boolean;
  /** Until the last mail of the file was durable in Kafka and told by the API. */
  readonly read_seconds: number;
  /** Until every mail was a row. */
  readonly queryable_seconds: number;
  readonly mails_per_second: { read: number; queryable: number };
  /** Mails per second of processor time: of the process that reads, and of all together. */
  readonly mails_per_cpu_second: { ingest: number; all: number };
  readonly processes: Watched['processes'];
  /** On disk afterwards. */
  readonly disk_bytes: Record<'kafka' | 'clickhouse' | 'store', number>;
}

export async function benchImport(options: ImportBenchOptions): Promise<ImportBenchResult> {
  const path = join(options.dir, `seed${options.seed}-${options.bytes}.mbox`);
  options.progress(`writing ${path}`);
  const mailbox = await writeMbox(path, options);
  const data_dir = join(options.dir, 'data');
  if (existsSync(data_dir)) throw new Error(`${data_dir} is there already`);
  options.progress('starting');
  const instance = await startInstance({ data_dir });
  try {
    options.progress(`importing ${mailbox.mails} mails`);
    const { result, watched } = await watch(data_dir, () => importAll(instance, path, options));
    const all = Object.values(watched.processes).reduce((sum, one) => sum + one.cpu_seconds, 0);
    const { row, read_seconds } = result;
    const ended = row.stored + row.duplicate + row.dead_letter;
    await instance.stop();
    return {
      mailbox,
      cores: availableParallelism(),
      reconciliation: `read ${row.read} = stored ${row.stored} + duplicate ${row.duplicate} + dead letter ${row.dead_letter}`,
      adds_up: row.read === ended && ended === mailbox.mails && row.repeated === 0,
      read_seconds,
      queryable_seconds: watched.seconds,
      mails_per_second: {
        read: Math.round(mailbox.mails / read_seconds),
        queryable: Math.round(mailbox.mails / watched.seconds),
      },
      mails_per_cpu_second: {
        ingest: Math.round(mailbox.mails / (watched.processes.ingest?.cpu_seconds ?? Number.NaN)),
        all: Math.round(mailbox.mails / all),
      },
      processes: watched.processes,
      disk_bytes: {
        kafka: sizeOf(join(data_dir, 'kafka')),
        clickhouse: sizeOf(join(data_dir, 'clickhouse')),
        store: sizeOf(join(data_dir, 'store')),
      },
    };
  } catch (error) {
    // A role that cannot be stopped in order says less than what happened before.
    await instance.kill();
    throw error;
  }
}

interface Position {
  read: number;
  done: boolean;
  error: string | null;
}

interface Account extends Position {
  stored: number;
  duplicate: number;
  dead_letter: number;
  in_flight: number;
  repeated: number;
}

const ask_ms = 250;
const report_ms = 30_000;

async function importAll(
  instance: Instance,
  path: string,
  { minutes_max, progress }: ImportBenchOptions,
): Promise<{ row: Account; read_seconds: number }> {
  const began_at_ms = Date.now();
  const seconds = (): number => (Date.now() - began_at_ms) / 1000;
  const ask = asking(instance);
  await ask('/api/imports', { method: 'POST', body: JSON.stringify({ paths: [path] }) });
  let read_seconds: number | null = null;
  let reported_at_ms = began_at_ms;
  for (;;) {
    const asked_at_ms = Date.now();
    // Until all is read the cheap question; then the one that counts every row there is.
    const { sources } = await ask<{ sources: Account[] }>(
      read_seconds === null ? '/api/imports' : '/api/reconciliation',
    );
    const [row] = sources;
    if (row?.error) throw new Error(`the import ended with an error: ${row.error}`);
    if (read_seconds === null && row?.done) read_seconds = seconds();
    else if (read_seconds !== null && row?.in_flight === 0) return { row, read_seconds };
    if (seconds() > minutes_max * 60) throw new Error(`not done within ${minutes_max} minutes: ${JSON.stringify(row)}`);
    if (Date.now() - reported_at_ms > report_ms) {
      reported_at_ms = Date.now();
      progress(`${Math.round(seconds())} s: ${row?.read ?? 0} read`);
    }
    // Asking must stay a small part of what the machine does.
    await sleep(Math.max(ask_ms, 9 * (Date.now() - asked_at_ms)));
  }
}

const token_ms_max = 10 * 60_000;

function asking(instance: Instance): <T>(path: string, init?: RequestInit) => Promise<T> {
  let token = '';
  let signed_at_ms = Number.NEGATIVE_INFINITY;
  return async (path, init = {}) => {
    if (Date.now() - signed_at_ms > token_ms_max) {
      token = await instance.token();
      signed_at_ms = Date.now();
    }
    const response = await fetch(new URL(path, instance.url), {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json() as never;
  };
}

function sizeOf(path: string): number {
  return Number(execFileSync('du', ['-s', '--block-size=1', path]).toString().split('\t')[0]);
}
