/** `npm run bench -- <benchmark>`: figures on standard output, progress on standard error. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { benchApi } from './api.ts';
import { benchEndToEnd, type EndToEndResult } from './end-to-end.ts';
import type { ContestantName } from './eos/contest.ts';
import { benchEos } from './eos.ts';
import { benchImport, type ImportBenchResult } from './import.ts';
import { benchLatency } from './latency.ts';
import { benchLive } from './live.ts';
import { writeMbox } from './mbox.ts';
import { benchRecovery } from './recovery.ts';
import { benchSink } from './sink.ts';
import { benchUnderstanding } from './understanding.ts';

const progress = (line: string): void => void process.stderr.write(`${line}\n`);
const program = new Command('bench').description('benchmarks; each starts an instance of its own and removes it');

program
  .command('import')
  .description('import a generated mailbox: mails a second, processor time and memory of each process')
  .option('--bytes <size>', 'size of the mailbox, such as 200MB or 2GB', bytesOf, 200_000_000)
  .option('--seed <n>', 'of the generator', Number, 1)
  .option('--dir <dir>', 'where mailbox and instance go, six times the size; a temporary folder without it')
  .option('--minutes-max <n>', 'give up after so long', Number, 120)
  .option('--json', 'machine-readable')
  .action(async options => {
    const dir = mkdtempSync(join(options.dir ?? tmpdir(), 'millrace-bench-'));
    try {
      const result = await benchImport({ ...options, minutes_max: options.minutesMax, dir, progress });
      print(options.json ? result : importTable(result));
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

program
  .command('end-to-end')
  .description('latency from a mail handed in to SQL and to the live feed, at given rates')
  .option('--rate <n...>', 'mails a second', (value: string, before: number[] = []) => [...before, Number(value)])
  .option('--seconds <n>', 'how long each rate is held', Number, 30)
  .option('--commit-interval-ms <n>', 'of every transaction', Number, 20)
  .option('--sink-linger-ms <n>', 'how long a row waits for others', Number, 100)
  .option('--json', 'machine-readable')
  .action(async ({ rate = [100, 1_000], seconds, commitIntervalMs, sinkLingerMs, json }) => {
    const results: EndToEndResult[] = [];
    for (const one of rate as number[]) {
      const times = { commit_interval_ms: commitIntervalMs, sink_linger_ms: sinkLingerMs };
      results.push(await benchEndToEnd({ rate: one, seconds, ...times, progress }));
    }
    print(json ? results : results.map(endToEndTable).join('\n'));
  });

program
  .command('eos')
  .description('stateful exactly-once processing beside Kafka Streams, from records already in the topic')
  .option('--records <n>', 'that are counted', Number, 200_000)
  .option('--warm-up-records <n>', 'that are processed before', Number, 200_000)
  .option('--repetitions <n>', 'of every contestant', Number, 5)
  .option('--commit-interval-ms <n>', 'of every transaction', Number, 100)
  .option('--only <name...>', 'millrace, millrace-2 (two processes), millrace-plain (without the addon), kafka-streams')
  .option('--json', 'machine-readable, in one line')
  .action(({ json, warmUpRecords, commitIntervalMs, only, ...options }) =>
    inTemporary(json, dir =>
      benchEos({
        ...options,
        warm_up_records: warmUpRecords,
        commit_interval_ms: commitIntervalMs,
        contestants: (only ?? ['millrace', 'millrace-2', 'kafka-streams', 'millrace-plain']) as ContestantName[],
        dir,
        progress,
      }),
    ),
  );

program
  .command('latency')
  .description('from an event due to its committed output, at a steady rate, beside Kafka Streams')
  .option('--rate <n>', 'events a second', Number, 1_000)
  .option('--seconds <n>', 'that are counted', Number, 20)
  .option('--commit-interval-ms <n...>', 'of every transaction', (value: string, before: number[] = []) => [
    ...before,
    Number(value),
  ])
  .option('--repetitions <n>', 'of every contestant', Number, 5)
  .option('--json', 'machine-readable, in one line')
  .action(({ json, commitIntervalMs = [20, 100], ...options }) =>
    inTemporary(json, dir => benchLatency({ ...options, commit_intervals_ms: commitIntervalMs, dir, progress })),
  );

program
  .command('sink')
  .description('from a topic to a MergeTree, beside ClickHouse’s own Kafka engine')
  .option('--records <n>', 'in the topic', Number, 500_000)
  .option('--repetitions <n>', 'of every contestant', Number, 5)
  .option('--json', 'machine-readable, in one line')
  .action(({ json, ...options }) => inTemporary(json, dir => benchSink({ ...options, dir, progress })));

program
  .command('recovery')
  .description('kill -9 with a large state: seconds until the first new commit, beside Kafka Streams')
  .option('--keys <n>', 'in the state', Number, 1_000_000)
  .option('--repetitions <n>', 'of every contestant', Number, 5)
  .option('--commit-interval-ms <n>', 'of every transaction', Number, 100)
  .option('--json', 'machine-readable, in one line')
  .action(({ json, commitIntervalMs, ...options }) =>
    inTemporary(json, dir => benchRecovery({ ...options, commit_interval_ms: commitIntervalMs, dir, progress })),
  );

program
  .command('api')
  .description('a mail and SQL asked of the api, beside uWebSockets.js, Fastify and ClickHouse asked directly')
  .option('--seconds <n>', 'of each measurement', Number, 5)
  .option('--connections <n>', 'that ask for the mail at once', Number, 32)
  .option('--repetitions <n>', 'of every contestant', Number, 5)
  .option('--json', 'machine-readable, in one line')
  .action(({ json, ...options }) => inTemporary(json, dir => benchApi({ ...options, dir, progress })));

program
  .command('live')
  .description('one feed told to many sockets, beside uWebSockets.js and ws')
  .option('--seconds <n>', 'of each measurement', Number, 5)
  .option('--sockets <n>', 'that subscribe', Number, 200)
  .option('--repetitions <n>', 'of every contestant', Number, 5)
  .option('--json', 'machine-readable, in one line')
  .action(({ json, ...options }) => inTemporary(json, () => benchLive({ ...options, progress })));

program
  .command('understanding')
  .description('what each model costs a mail of 1.3 kB, and all of them together, on one core; no engine')
  .option('--mails <n>', 'that are understood each time', Number, 5_000)
  .option('--repetitions <n>', 'after one to warm up', Number, 5)
  .option('--json', 'machine-readable, in one line')
  .action(({ json, ...options }) =>
    inTemporary(json, () => Promise.resolve(benchUnderstanding({ ...options, progress }))),
  );

program
  .command('mbox')
  .description('write the generated mailbox to a file and say what is in it')
  .requiredOption('--out <file>', 'where to')
  .option('--bytes <size>', 'such as 200MB or 2GB', bytesOf, 200_000_000)
  .option('--seed <n>', 'of the generator', Number, 1)
  .action(async ({ out, bytes, seed }) => print(await writeMbox(out, { bytes, seed })));

/** Runs in a folder of its own; the result is the last line where a program reads it, without its runs where a person does. */
async function inTemporary(json: boolean, bench: (dir: string) => Promise<{ runs: readonly object[] }>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  try {
    const result = await bench(dir);
    if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else print({ ...result, runs: undefined });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function bytesOf(value: string): number {
  const [, number, unit = ''] = /^(\d+)([KMG]B)?$/.exec(value) ?? [];
  if (number === undefined) throw new InvalidArgumentError('a size is a number, or one with KB, MB or GB');
  return Number(number) * ({ KB: 1e3, MB: 1e6, GB: 1e9 }[unit] ?? 1);
}

function print(result: object | string): void {
  process.stdout.write(`${typeof result === 'string' ? result : JSON.stringify(result, null, 2)}\n`);
}

function importTable(result: ImportBenchResult): string {
  const { mails_per_second, mails_per_cpu_second, mailbox } = result;
  const megabytes = (bytes: number): string => String(Math.round(bytes / 2 ** 20)).padStart(6);
  return [
    `${mailbox.mails} mails, ${megabytes(mailbox.bytes).trim()} MiB, ${result.cores} cores: ${result.reconciliation}${result.adds_up ? '' : ': DOES NOT ADD UP'}`,
    `read ${result.read_seconds.toFixed(1)} s (${mails_per_second.read}/s), queryable ${result.queryable_seconds.toFixed(1)} s (${mails_per_second.queryable}/s)`,
    `a second of processor time: ${mails_per_cpu_second.ingest} mails read, ${mails_per_cpu_second.all} through everything`,
    'process       cpu s   MiB resident      held   held/minute',
    ...Object.entries(result.processes).map(
      ([name, one]) =>
        `${name.padEnd(10)} ${one.cpu_seconds.toFixed(1).padStart(8)}   ${megabytes(one.resident_bytes_max).padStart(12)} ${megabytes(one.held_bytes_max).padStart(9)} ${megabytes(one.held_bytes_per_minute).padStart(13)}${one.restarted ? '   restarted' : ''}`,
    ),
    `on disk, MiB: ${Object.entries(result.disk_bytes)
      .map(([name, bytes]) => `${name} ${megabytes(bytes).trim()}`)
      .join(', ')}`,
  ].join('\n');
}

function endToEndTable(result: EndToEndResult): string {
  const row = (name: string, { p50, p95, p99, max }: EndToEndResult['feed']): string =>
    `${name.padEnd(10)} ${[p50, p95, p99, max].map(value => value.toFixed(1).padStart(9)).join(' ')}`;
  return [
    `${result.mails} mails at ${result.rate}/s, commit interval ${result.commit_interval_ms} ms, sink linger ${result.sink_linger_ms} ms`,
    'ms               p50       p95       p99       max',
    row('accepted', result.accepted),
    row('feed', result.feed),
    row('sql', result.sql),
    row('(poll)', result.sql_poll),
    `lost: feed ${result.lost.feed}, sql ${result.lost.sql}`,
  ].join('\n');
}

await program.parseAsync().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
process.exit();
