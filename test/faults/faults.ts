/**
 * Faults, and what must hold through each: everything committed is what the input says, once, in Kafka and in ClickHouse,
 * live and in the end. A fault that had no effect proves nothing, so each shows that it had one. And a test that cannot
 * find a fault proves nothing either: each is run on a build with a deliberate one (broken/), and must turn red.
 *
 * The short pass runs in CI; `npm run test:faults -- --long` runs the whole.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect } from 'vitest';
import { createRandom } from '../../bench/random.ts';
import { type Findings, hasOpenTransaction, soundRecord } from './oracle.ts';
import { eventTopic, totalTopic } from './pipeline.ts';
import { add_partitions_to_txn, end_txn, type TcpProxy } from './proxy.ts';
import { partitions, type Rig, type RigOptions, startRig, until, type Worker } from './rig.ts';
import { vandalize } from './vandal.ts';

export const long = process.env.MILLRACE_FAULTS === 'long';
export const seeds = long ? [1, 2, 3] : [Number(process.env.MILLRACE_SEED ?? 1)];
export const ms_max = long ? 3_600_000 : 240_000;

interface Trial {
  readonly seed: number;
  /** The build to run; null is the one as it is. */
  readonly broken: string | null;
  readonly native: boolean;
}

/** A broken build may never have everything. */
const settle_ms = ({ broken }: Trial): number => (broken === null ? ms_max / 2 : 15_000);

let rig: Rig | undefined;
afterEach(async () => {
  await rig?.close();
  rig = undefined;
}, 60_000);

async function open(options: RigOptions): Promise<Rig> {
  rig = await startRig(options);
  return rig;
}

/** Waits until so many of the outputs have been read live. */
async function reached(count: number): Promise<void> {
  await until(`${count} outputs`, 120_000, async () => (rig?.live.messages.length ?? 0) >= count);
}

const linesOf = (worker: Worker, msg: string): number => worker.log.filter(line => line.msg === msg).length;
const aborts = (worker: Worker): number => linesOf(worker, 'the open transaction is aborted');
const assignments = (worker: Worker): number => linesOf(worker, 'assigned');

async function assigned(worker: Worker, times: number): Promise<void> {
  await until('an assignment', 60_000, async () => assignments(worker) >= times);
}

const residentBytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;

// ── The faults ───────────────────────────────────────────────────────────────────────────────────────────────────────────

async function killRoles(trial: Trial): Promise<Findings> {
  const count = long ? 1_000_000 : 100_000;
  const kills = long ? 30 : 3;
  const { start, verdict } = await open({ ...trial, count, per_second: 10_000 });
  const workers = [start('source'), start('process'), start('sink')];
  const random = createRandom(trial.seed);
  for (let kill = 1; kill <= kills; kill++) {
    // Spread over the input, so that each meets a pipeline at work; and each role is met.
    await reached(Math.floor((count * kill) / (kills + 1)) - random.int(0, 500));
    await (kill <= workers.length ? workers[kill - 1] : random.pick(workers))?.kill();
  }
  const found = await verdict(settle_ms(trial));
  expect(workers.reduce((sum, worker) => sum + worker.ends(), 0)).toBeGreaterThanOrEqual(kills);
  return found;
}

async function killBroker(trial: Trial): Promise<Findings> {
  const count = long ? 500_000 : 30_000;
  const kills = long ? 5 : 1;
  const { start, verdict, killBroker: kill, startBroker, live } = await open({ ...trial, count, per_second: 5_000 });
  for (const role of ['source', 'process', 'sink'] as const) start(role);
  for (let i = 1; i <= kills; i++) {
    await reached(Math.floor((count * i) / (kills + 2)));
    await kill();
    const before = live.messages.length;
    // Longer than the transactions' timeout: those that were open are aborted when it is back.
    await sleep(5_000);
    const began_at_ms = Date.now();
    await startBroker();
    await reached(before + 1_000);
    expect(Date.now() - began_at_ms, 'progress again').toBeLessThan(60_000);
  }
  return verdict(settle_ms(trial));
}

async function killClickHouse(trial: Trial): Promise<Findings> {
  const count = long ? 400_000 : 60_000;
  const kills = long ? 10 : 2;
  const stopped_ms = long ? 600_000 : 12_000;
  const {
    start,
    verdict,
    killClickHouse: kill,
    loseAnswer,
    clickHousePid,
    rows,
  } = await open({
    ...trial,
    count,
    per_second: long ? 2_000 : 5_000,
  });
  start('source');
  start('process');
  const sink = start('sink');
  for (let i = 1; i <= kills; i++) {
    const before = await rows();
    await until('rows', 60_000, async () => (await rows()) > before);
    await loseAnswer();
    await kill();
  }
  const before = residentBytes(sink.pid());
  process.kill(clickHousePid(), 'SIGSTOP');
  await sleep(stopped_ms);
  const grown = residentBytes(sink.pid()) - before;
  process.kill(clickHousePid(), 'SIGCONT');
  expect(grown, 'memory growth of the sink').toBeLessThan(200e6);
  expect(linesOf(sink, 'insert failed; trying again') + sink.ends()).toBeGreaterThan(0);
  return verdict(settle_ms(trial));
}

/** Stopped for longer than the session, a process comes back and believes that its partitions are its own. */
async function stopProcess(trial: Trial): Promise<Findings> {
  const rounds = long ? 20 : 1;
  const count = long ? 600_000 : 50_000;
  const { start, verdict } = await open({ ...trial, count, per_second: long ? 3_000 : 4_000 });
  start('source');
  start('sink');
  const [first, second] = [start('process', 'a'), start('process', 'b')];
  await Promise.all([assigned(first, 1), assigned(second, 1)]);
  await reached(2_000);
  for (let round = 0; round < rounds; round++) {
    const [sleeper, other] = round % 2 === 0 ? [first, second] : [second, first];
    const [takeovers, returns] = [assignments(other), assignments(sleeper)];
    sleeper.signal('SIGSTOP');
    await assigned(other, takeovers + 1);
    await sleep(500);
    sleeper.signal('SIGCONT');
    // It must have found out: it starts again, or is given partitions anew.
    await assigned(sleeper, returns + 1);
  }
  return verdict(settle_ms(trial));
}

async function rebalance(trial: Trial): Promise<Findings> {
  const rounds = long ? 50 : 2;
  const count = long ? 500_000 : 40_000;
  // Long transactions: nearly always one is open.
  const { start, verdict } = await open({ ...trial, count, per_second: 2_500, commit_interval_ms: 400 });
  start('source');
  start('sink');
  const steady = start('process', 'steady');
  await assigned(steady, 1);
  await reached(1_000);
  for (let round = 0; round < rounds; round++) {
    const before = assignments(steady);
    const guest = start('process', `guest-${round}`);
    await assigned(guest, 1);
    await guest.kill(true);
    await assigned(steady, before + 2);
  }
  const found = await verdict(settle_ms(trial));
  // A broken build does not abort them.
  if (!trial.broken) expect(aborts(steady), 'open at a rebalance').toBeGreaterThanOrEqual(Math.ceil(rounds / 2));
  return found;
}

/** The answer to a commit is lost, or the commit itself arrives when its transaction has timed out. */
async function loseEndTxn(trial: Trial): Promise<Findings> {
  const rounds = long ? 100 : 3;
  const count = long ? 600_000 : 60_000;
  const { start, verdict, proxy, live } = await open({ ...trial, count, per_second: 2_500 });
  for (const role of ['source', 'process', 'sink'] as const) start(role);
  await reached(1_000);
  for (let round = 0; round < rounds; round++) {
    const before = live.messages.length;
    await hurtCommit(proxy, round % 3 === 2 ? 'delay' : 'lose');
    await until('progress', 90_000, async () => live.messages.length > before + 200 || live.messages.length >= count);
  }
  return verdict(settle_ms(trial));
}

/**
 * Waits for the processor's next commit that has outputs in it, and hurts that one: a commit of nothing but offsets, of which
 * there are some too, could be lost or late without anybody's seeing it.
 */
function hurtCommit(proxy: TcpProxy, how: 'delay' | 'lose'): Promise<void> {
  return new Promise(done => {
    let hasOutputs = false;
    proxy.request = (api_key, request) => {
      if (!request.includes('fault-totals')) return 'pass';
      if (api_key === add_partitions_to_txn && request.includes(totalTopic.name)) hasOutputs = true;
      if (api_key !== end_txn || !hasOutputs) return 'pass';
      proxy.request = null;
      if (how === 'delay') {
        done();
        return 7_000;
      }
      proxy.answer = (_, answered) => {
        if (!answered.equals(request)) return 'pass';
        proxy.answer = null;
        done();
        return 'lose';
      };
      return 'pass';
    };
  });
}

/** Killed for good with a transaction open; another instance, with nothing on disk, takes over. */
async function takeOver(trial: Trial): Promise<Findings> {
  const count = 130_000;
  // The last of them need what the first left in the state.
  const options = { count, keys: 100_000, per_second: 25_000, commit_interval_ms: 500 };
  const { start, verdict, kafka } = await open({ ...trial, ...options });
  start('source');
  start('sink');
  const first = start('process', 'a');
  await reached(100_500);
  // Stopped while it is looked at, or the transaction would be over before its owner is killed.
  await until('an open transaction', 20_000, async () => {
    first.signal('SIGSTOP');
    if (await hasOpenTransaction(kafka, totalTopic.name, partitions)) return true;
    first.signal('SIGCONT');
    await sleep(20);
    return false;
  });
  await first.kill(true);
  const second = start('process', 'b');
  await assigned(second, 1);
  const line = second.log.find(({ msg }) => msg === 'assigned');
  if (!trial.broken) expect(Number(line?.keys), 'restored keys').toBeGreaterThanOrEqual(99_000);
  expect(Number(line?.restore_ms), 'from assignment to restored').toBeLessThan(30_000);
  return verdict(settle_ms(trial));
}

/** Foreign bytes, unknown schemas and torn records among the sound ones, in the processor's topic and in the sink's. */
async function corrupt(trial: Trial): Promise<Findings> {
  const count = long ? 1_000_000 : 50_000;
  const bad = long ? 10_000 : 600;
  const rounds = 10;
  const { start, verdict, kafka } = await open({ ...trial, count, per_second: 10_000 });
  for (const role of ['source', 'process', 'sink'] as const) start(role);
  for (let round = 0; round < rounds; round++) {
    await reached(Math.floor((count * (round + 1)) / (rounds + 2)));
    for (const [i, topic] of [eventTopic.name, totalTopic.name].entries()) {
      const seed = trial.seed * 1_000 + round * 2 + i;
      await vandalize(kafka, { topic, count: bad / rounds / 2, seed, sound: await soundRecord(kafka, topic) });
    }
  }
  const found = await verdict(settle_ms(trial));
  expect(found.corrupt).toBe(bad);
  return found;
}

export const faults: Record<string, { run: (trial: Trial) => Promise<Findings>; broken: string }> = {
  'kill -9 of one role at a time': { run: killRoles, broken: 'offsets-outside-the-transaction' },
  'kill -9 of the broker': { run: killBroker, broken: 'positions-ahead-of-the-records' },
  'ClickHouse killed and stopped': { run: killClickHouse, broken: 'a-new-token-each-time' },
  'a process stopped past its session': { run: stopProcess, broken: 'offsets-outside-the-transaction' },
  'rebalance with a transaction open': { run: rebalance, broken: 'commit-after-revocation' },
  'EndTxn lost or delayed': { run: loseEndTxn, broken: 'reads-what-is-not-committed' },
  'a takeover with a transaction open': { run: takeOver, broken: 'restore-that-stops-early' },
  'records that are none': { run: corrupt, broken: 'letters-that-are-not-sent' },
};
