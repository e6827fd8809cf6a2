/**
 * From when an event was due until its committed output has been read, at a steady rate, beside Kafka Streams doing the
 * same on the same broker. What counts is what a reader of committed records sees.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openRawReader } from '../lib/kafka.ts';
import { partitionsOf } from '../lib/kafka-admin.ts';
import { type Arena, type ContestantName, follow, input, openArena, startContestant } from './eos/contest.ts';
import { events, usual_persons } from './eos/input.ts';
import { writeSteadily } from './eos/load.ts';
import { buildPeer } from './eos/peer.ts';
import { type Scored, scoredTopic } from './eos/topology.ts';
import { median, type Quantiles, quantiles } from './quantiles.ts';

export interface LatencyOptions {
  readonly dir: string;
  /** Events a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly commit_intervals_ms: readonly number[];
  readonly repetitions: number;
  progress(line: string): void;
}

export interface LatencyRun extends Quantiles {
  readonly contestant: ContestantName;
  readonly commit_interval_ms: number;
}

export interface LatencyResult {
  readonly name: 'latency';
  /** Kafka Streams' milliseconds divided by ours, of p50 and p99 at each commit interval: the least of them. */
  readonly ratio: number;
  readonly ratios: Readonly<Record<string, number>>;
  readonly rate: number;
  readonly runs: readonly LatencyRun[];
}

const contestants = ['millrace', 'kafka-streams'] as const;
const warm_up_records = 200_000;
/** Seconds at the rate before what is counted. */
const settle_seconds = 5;
const last_ms_max = 10_000;

export async function benchLatency(options: LatencyOptions): Promise<LatencyResult> {
  const { dir, repetitions, commit_intervals_ms, progress } = options;
  buildPeer('kafka-streams');
  progress(`writing ${warm_up_records} records to warm up with`);
  const arena = await openArena(dir, { records: warm_up_records, persons: usual_persons });
  const runs: LatencyRun[] = [];
  /** What lies in the input by now: each run adds its load, and the next one begins before it. */
  let present = warm_up_records;
  try {
    for (let repetition = 0; repetition < repetitions; repetition++) {
      for (const commit_interval_ms of commit_intervals_ms) {
        for (const name of contestants) {
          const run = { name, commit_interval_ms, repetition, present };
          const { found, written } = await measure(arena, run, options);
          present += written;
          runs.push({ contestant: name, commit_interval_ms, ...found });
          progress(`${name.padEnd(14)} ${commit_interval_ms} ms: p50 ${found.p50}, p95 ${found.p95}, p99 ${found.p99}`);
        }
      }
    }
  } finally {
    await arena.stop();
  }
  const ratios = ratiosOf(runs, commit_intervals_ms);
  return { name: 'latency', ratio: Math.min(...Object.values(ratios)), ratios, rate: options.rate, runs };
}

interface Run {
  readonly name: ContestantName;
  readonly commit_interval_ms: number;
  readonly repetition: number;
  readonly present: number;
}

async function measure(
  arena: Arena,
  { name, commit_interval_ms, repetition, present }: Run,
  { rate, seconds }: LatencyOptions,
): Promise<{ readonly found: Quantiles; readonly written: number }> {
  const run = `${commit_interval_ms}-${repetition}`;
  const contestant = await startContestant(arena, name, { commit_interval_ms, run });
  try {
    await follow(arena, contestant, present);
    const load = {
      kafka: arena.kafka,
      topic: input,
      rate,
      seconds: settle_seconds + seconds,
      events: events({ records: Number.POSITIVE_INFINITY, persons: usual_persons }, repetition + 2),
    };
    const arrivals = readArrivals(arena, contestant.output);
    await arrivals.ready;
    const first_due_ms = Date.now() + settle_seconds * 1000;
    const written = await writeSteadily(load);
    return { found: quantiles(await arrivals.take(written, first_due_ms)), written };
  } finally {
    await contestant.stop();
  }
}

/** Reads the output from its present end. */
function readArrivals(arena: Arena, output: string) {
  const { codec } = scoredTopic(output);
  const seen: { event_id: string; due_ms: number; at_ms: number }[] = [];
  let ended = false;
  let fault: unknown;
  const opening = partitionsOf(arena.kafka, [output]).then(partitions =>
    openRawReader({ kafka: arena.kafka, partitions, from: 'latest', batch_records_max: 2_000 }),
  );
  const reading = opening.then(async reader => {
    while (!ended) {
      const batch = await reader.poll(100);
      const at_ms = Date.now();
      for (let i = 0; i < batch.count; i++) {
        const scored = codec.decode(batch.bytes, batch.valueStart(i) + 5, batch.valueEnd(i)) as Scored;
        seen.push({ event_id: scored.event_id, due_ms: scored.at_ms, at_ms });
      }
    }
    await reader.close();
  });
  reading.catch(error => {
    fault = error;
  });
  return {
    ready: opening,
    /** The latencies of those due since `from_ms`, once `count` have come. Throws where one is missing or came twice. */
    async take(count: number, from_ms: number): Promise<number[]> {
      const until_ms = Date.now() + last_ms_max;
      while (seen.length < count && Date.now() < until_ms && fault === undefined) await sleep(10);
      ended = true;
      await reading;
      const distinct = new Set(seen.map(one => one.event_id)).size;
      if (seen.length !== count || distinct !== count) {
        throw new Error(`${output}: ${seen.length} outputs, ${distinct} different ones, for ${count} events`);
      }
      return seen.filter(one => one.due_ms >= from_ms).map(one => one.at_ms - one.due_ms);
    },
  };
}

function ratiosOf(runs: readonly LatencyRun[], commit_intervals_ms: readonly number[]): Record<string, number> {
  const ratios: Record<string, number> = {};
  for (const commit_interval_ms of commit_intervals_ms) {
    const of = (name: ContestantName): LatencyRun[] =>
      runs.filter(run => run.contestant === name && run.commit_interval_ms === commit_interval_ms);
    const ours = of('millrace');
    for (const quantile of ['p50', 'p99'] as const) {
      const each = of('kafka-streams').map((peer, i) => peer[quantile] / (ours[i] as LatencyRun)[quantile]);
      ratios[`${quantile} at ${commit_interval_ms} ms`] = Math.round(median(each) * 100) / 100;
    }
  }
  return ratios;
}
