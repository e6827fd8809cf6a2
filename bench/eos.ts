/**
 * Stateful exactly-once processing against Kafka Streams: the same records, job, broker and machine, one after the other in
 * the same run, again and again. A contestant is counted from when it has committed the first part of the input: by
 * then its code is compiled and its members have their partitions.
 */
import { type ContestantName, follow, openArena, type Sample, startContestant, verify } from './eos/contest.ts';
import { usual_persons } from './eos/input.ts';
import { buildPeer } from './eos/peer.ts';
import { median } from './quantiles.ts';

export interface EosOptions {
  readonly dir: string;
  /** That are counted. */
  readonly records: number;
  /** That are processed before. */
  readonly warm_up_records: number;
  readonly repetitions: number;
  readonly commit_interval_ms: number;
  readonly contestants: readonly ContestantName[];
  progress(line: string): void;
}

export interface EosRun {
  readonly contestant: ContestantName;
  readonly records_per_second: number;
  /** Of the contestant's processes, for a million records; and the broker's meanwhile. */
  readonly cpu_seconds_per_million: number;
  readonly broker_cpu_seconds_per_million: number;
  readonly held_bytes: number;
}

export interface EosResult {
  readonly name: 'eos';
  /** The better of one and two Millrace processes, against Kafka Streams: medians over the repetitions. */
  readonly ratio: number | null;
  readonly cpu_ratio: number | null;
  readonly medians: Partial<Record<ContestantName, Omit<EosRun, 'contestant'>>>;
  readonly runs: readonly EosRun[];
}

export async function benchEos(options: EosOptions): Promise<EosResult> {
  const { dir, records, warm_up_records, repetitions, contestants, progress } = options;
  const all = warm_up_records + records;
  if (contestants.includes('kafka-streams')) buildPeer('kafka-streams');
  progress(`writing ${all} records`);
  const arena = await openArena(dir, { records: all, persons: usual_persons });
  const runs: EosRun[] = [];
  try {
    for (let repetition = 0; repetition < repetitions; repetition++) {
      for (const name of contestants) {
        const { commit_interval_ms } = options;
        const contestant = await startContestant(arena, name, { commit_interval_ms, run: String(repetition) });
        const samples = await follow(arena, contestant, all);
        await contestant.stop();
        await verify(arena, contestant);
        const run = counted(name, samples, warm_up_records);
        runs.push(run);
        progress(
          `${name.padEnd(14)} ${Math.round(run.records_per_second)}/s, ${run.cpu_seconds_per_million.toFixed(1)} CPU s a million, broker ${run.broker_cpu_seconds_per_million.toFixed(1)}, held ${Math.round(run.held_bytes / 2 ** 20)} MiB`,
        );
      }
    }
  } finally {
    await arena.stop();
  }
  return summary(runs, contestants);
}

function counted(contestant: ContestantName, samples: readonly Sample[], warm_up_records: number): EosRun {
  const from = samples.find(sample => sample.records >= warm_up_records) as Sample;
  const to = samples.at(-1) as Sample;
  const done = to.records - from.records;
  return {
    contestant,
    records_per_second: (done / (to.at_ms - from.at_ms)) * 1000,
    cpu_seconds_per_million: ((to.cpu_seconds - from.cpu_seconds) / done) * 1e6,
    broker_cpu_seconds_per_million: ((to.broker_cpu_seconds - from.broker_cpu_seconds) / done) * 1e6,
    held_bytes: to.held_bytes,
  };
}

function summary(runs: readonly EosRun[], contestants: readonly ContestantName[]): EosResult {
  const of = (name: ContestantName): EosRun[] => runs.filter(run => run.contestant === name);
  const middle = (name: ContestantName, value: (run: EosRun) => number): number => median(of(name).map(value));
  const medians = Object.fromEntries(
    contestants.map(name => [
      name,
      {
        records_per_second: middle(name, run => run.records_per_second),
        cpu_seconds_per_million: middle(name, run => run.cpu_seconds_per_million),
        broker_cpu_seconds_per_million: middle(name, run => run.broker_cpu_seconds_per_million),
        held_bytes: middle(name, run => run.held_bytes),
      },
    ]),
  ) as EosResult['medians'];
  // Of each repetition a ratio, and the median of those: what disturbs the machine disturbs neighbours alike.
  const ratios = of('kafka-streams').map((peer, i) => {
    const ours = (['millrace', 'millrace-2'] as const).flatMap(name => of(name)[i] ?? []);
    const best = ours.sort((a, b) => b.records_per_second - a.records_per_second)[0];
    return best === undefined
      ? null
      : {
          speed: best.records_per_second / peer.records_per_second,
          cpu: best.cpu_seconds_per_million / peer.cpu_seconds_per_million,
        };
  });
  const known = ratios.filter(ratio => ratio !== null);
  return {
    name: 'eos',
    ratio: known.length === 0 ? null : median(known.map(ratio => ratio.speed)),
    cpu_ratio: known.length === 0 ? null : median(known.map(ratio => ratio.cpu)),
    medians,
    runs,
  };
}
