import { type Command, Option } from 'commander';
import { createClient } from '../client.ts';
import { openDataDir } from '../data-dir.ts';
import { signToken } from '../sign-in.ts';
import { readinessOf, type Status, statusOf } from '../status.ts';
import { count, print } from '../terminal.ts';
import { dataDirDefault, withHelp } from './common.ts';

/** `millrace status` for people, `millrace health` for whatever restarts containers. Neither starts an instance. */
export function status(program: Command): void {
  const show = program
    .command('status')
    .description('show whether an instance runs, where, with how much memory, and what is in flight')
    .option('--data-dir <dir>', 'the instance', dataDirDefault())
    .option('--json', 'machine-readable output')
    .action(async options => {
      const found = await statusOf(options.dataDir);
      const in_flight = found.ready && found.url ? await inFlight(found.url, options.dataDir) : null;
      print(options.json ? JSON.stringify({ ...found, in_flight }) : linesOf(found, in_flight));
      if (!found.ready) process.exitCode = 1;
    });
  withHelp(show, {
    examples: ['millrace status', 'millrace status --json | jq .processes'],
    failure: 'it is not ready',
  });

  const health = program
    .command('health')
    .description('exit with 0 where the instance is ready; cheap, for health checks')
    .option('--data-dir <dir>', 'the instance', dataDirDefault())
    .addOption(new Option('--url <url>', 'whatever answers /ready, instead').env('MILLRACE_URL'))
    .option('--json', 'machine-readable output')
    .action(async options => {
      const { ready, reason } = options.url ? await readinessOf(options.url) : await statusOf(options.dataDir);
      print(options.json ? JSON.stringify({ ready, reason }) : ready ? 'ready' : `not ready: ${reason}`);
      if (!ready) process.exitCode = 1;
    });
  withHelp(health, {
    examples: ['millrace health', 'millrace health --url http://127.0.0.1:8088'],
    failure: 'it is not ready',
  });
}

/** Null where it cannot be said right now. */
async function inFlight(url: string, dataDir: string): Promise<number | null> {
  const secret = openDataDir(dataDir).secrets().jwt;
  const client = createClient({ url, token: () => signToken(secret, 'millrace', 'viewer') });
  const answer = await client.reconciliation().catch(() => null);
  return answer?.total.in_flight ?? null;
}

function linesOf(
  { ready, reason, url, kafka, clickhouse, processes, data_dir }: Status,
  in_flight: number | null,
): string {
  const head = [`${ready ? 'ready' : 'not ready'}${reason ? `: ${reason}` : ''}`, `data directory  ${data_dir}`];
  if (url === null) return head.join('\n');
  const memory = processes.reduce((sum, each) => sum + (each.rss_bytes ?? 0), 0);
  const rows = processes.map(({ name, pid, running, rss_bytes }) =>
    [name.padEnd(14), String(pid).padStart(7), running ? megabytes(rss_bytes) : 'not running'].join('  '),
  );
  return [
    ...head,
    `url             ${url}`,
    `kafka           ${kafka}`,
    `clickhouse      ${clickhouse}`,
    `in flight       ${in_flight === null ? 'unknown' : `${count(in_flight)} records`}`,
    `memory          ${megabytes(memory)}`,
    ...rows,
  ].join('\n');
}

const megabytes = (bytes: number | null): string => (bytes === null ? '-' : `${count(Math.round(bytes / 1e6))} MB`);
