/** Partitions that change hands: of a process that was stopped, while a transaction is open, for good. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { type Findings, hasOpenTransaction } from './oracle.ts';
import { totalTopic } from './pipeline.ts';
import { partitions, until, type Worker } from './rig.ts';
import { assigned, assignments, held, linesOf, long, open, reached, settle_ms, type Trial } from './trial.ts';

const aborts = (worker: Worker): number => linesOf(worker, 'the open transaction is aborted');

/** Stopped for longer than the session, a process comes back and believes that its partitions are its own. */
export async function stopProcess(trial: Trial): Promise<Findings> {
  const rounds = long ? 20 : 1;
  const count = long ? 600_000 : 50_000;
  const { start, verdict } = await open({ ...trial, count, per_second: long ? 3_000 : 4_000 });
  start('source');
  start('sink');
  const [first, second] = [start('process', 'a'), start('process', 'b')];
  await Promise.all([assigned(first, 1), assigned(second, 1)]);
  await reached(2_000);
  await stopInTurn(rounds, first, second);
  return verdict(settle_ms(trial));
}

/** The same of the instances that read sources: in two rounds the one that reads the source is met. */
export async function stopSource(trial: Trial): Promise<Findings> {
  const rounds = long ? 20 : 2;
  const count = long ? 600_000 : 70_000;
  const { start, verdict } = await open({ ...trial, count, per_second: 3_000 });
  const [first, second] = [start('source', 'a'), start('source', 'b')];
  start('process');
  start('sink');
  await Promise.all([assigned(first, 1), assigned(second, 1)]);
  await reached(2_000);
  await stopInTurn(rounds, first, second);
  return verdict(settle_ms(trial));
}

async function stopInTurn(rounds: number, first: Worker, second: Worker): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const [sleeper, other] = round % 2 === 0 ? [first, second] : [second, first];
    await until(
      'both have their share',
      60_000,
      async () => held(first) === partitions / 2 && held(second) === held(first),
    );
    const returns = assignments(sleeper);
    sleeper.signal('SIGSTOP');
    await until('the other has all', 60_000, async () => held(other) === partitions);
    await sleep(500);
    sleeper.signal('SIGCONT');
    // It must have found out: it starts again, or is given partitions anew.
    await assigned(sleeper, returns + 1);
  }
}

export async function rebalance(trial: Trial): Promise<Findings> {
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

/** Killed for good with a transaction open; another instance, with nothing on disk, takes over. */
export async function takeOver(trial: Trial): Promise<Findings> {
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
