/**
 * How long after a kill -9 in the middle of transactions the work goes on, with a large state: from the start of the new
 * process until the first new commit. Kafka Streams does the same on the same broker; afterwards every output is verified.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openOffsetReader } from '../lib/kafka-admin.ts';
import {
  type Arena,
  type Contestant,
  type ContestantName,
  follow,
  input,
  openArena,
  startContestant,
  verify,
} from './eos/contest.ts';
import { buildPeer } from './eos/peer.ts';
import { median } from './quantiles.ts';

export interface RecoveryOptions {
  readonly dir: string;
  /** In the state when the process is killed. */
  readonly keys: number;
  readonly repetitions: number;
  readonly commit_interval_ms: number;
  progress(line: string): void;
}

export interface RecoveryResult {
  readonly name: 'recovery';
  /** Kafka Streams' time divided by ours: medians of each repetition's ratio. */
  readonly ratio: number;
  readonly keys: number;
  /** Seconds until the first new commit. */
  readonly medians: Partial<Record<ContestantName, number>>;
  readonly runs: readonly { readonly contestant: ContestantName; readonly seconds: number }[];
}

const contestants = ['millrace', 'kafka-streams'] as const;
/** That are left when the process is killed: it is then in the middle of its work. */
const rest_share = 0.5;

export async function benchRecovery(options: RecoveryOptions): Promise<RecoveryResult> {
  const { dir, keys, repetitions, commit_interval_ms, progress } = options;
  buildPeer('kafka-streams');
  const records = Math.round(keys * (1 + rest_share));
  progress(`writing ${records} records of ${keys} keys`);
  const arena = await openArena(dir, { records, persons: keys });
  const runs: { contestant: ContestantName; seconds: number }[] = [];
  try {
    for (let repetition = 0; repetition < repetitions; repetition++) {
      for (const name of contestants) {
        const contestant = await startContestant(arena, name, { commit_interval_ms, run: String(repetition) });
        await follow(arena, contestant, keys);
        await contestant.kill();
        const seconds = await secondsToCommit(arena, contestant);
        runs.push({ contestant: name, seconds });
        progress(`${name.padEnd(14)} ${seconds.toFixed(2)} s`);
        await follow(arena, contestant, records);
        await contestant.stop();
        await verify(arena, contestant);
      }
    }
  } finally {
    await arena.stop();
  }
  const of = (name: ContestantName): number[] => runs.filter(run => run.contestant === name).map(run => run.seconds);
  const ours = of('millrace');
  return {
    name: 'recovery',
    ratio: median(of('kafka-streams').map((seconds, i) => seconds / (ours[i] as number))),
    keys,
    medians: Object.fromEntries(contestants.map(name => [name, median(of(name))])),
    runs,
  };
}

const poll_ms = 10;
const commit_ms_max = 300_000;

async function secondsToCommit({ kafka }: Arena, contestant: Contestant): Promise<number> {
  const offsets = await openOffsetReader(kafka);
  const committed = async (): Promise<number> =>
    [...(await offsets.committed(contestant.group_id, [input])).values()].reduce((sum, next) => sum + next, 0);
  try {
    const before = await committed();
    const began_at_ms = performance.now();
    contestant.restart();
    while ((await committed()) <= before) {
      if (performance.now() - began_at_ms > commit_ms_max) throw new Error(`${contestant.name} does not commit again`);
      await sleep(poll_ms);
    }
    return (performance.now() - began_at_ms) / 1000;
  } finally {
    await offsets.close();
  }
}
