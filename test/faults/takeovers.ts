/** Partitions that change hands: of a process that was stopped, while a transaction is open, for good. */

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { type Findings, hasOpenTransaction, sourcePartition } from './oracle.ts';
import { long } from './passes.ts';
import { eventTopic, totalTopic } from './pipeline.ts';
import { partitions, until, type Worker } from './rig.ts';
import { assigned, assignments, held, heldPartitions, linesOf, open, reached, settle_ms, type Trial } from './trial.ts';

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

/** The same of the instances that read sources: each time, the one is stopped that reads the source. */
export async function stopSource(trial: Trial): Promise<Findings> {
  // Now and then a broken build's reader, back, hears of the rebalance before it has committed anything.
  const rounds = long ? 20 : trial.broken ? 3 : 1;
  const count = long ? 600_000 : 50_000 * rounds;
  const { start, verdict, kafka, live } = await open({ ...trial, count, per_second: long ? 2_000 : 3_000 });
  const both = [start('source', 'a'), start('source', 'b')];
  start('process');
  start('sink');
  await Promise.all(both.map(one => assigned(one, 1)));
  await reached(2_000);
  const partition = await sourcePartition(kafka);
  for (let round = 0; round < rounds; round++) {
    const reader = both.find(one => heldPartitions(one).includes(partition)) as Worker;
    const other = both.find(one => one !== reader) as Worker;
    await stopPastSession(reader, other, async () => {
      expect(live.messages.length, 'the source is being read').toBeLessThan(count);
      // One whose transaction is open finds itself fenced by the broker's timeout, whatever its id.
      return !(await hasOpenTransaction(kafka, eventTopic.name, partitions));
    });
  }
  return verdict(settle_ms(trial));
}

async function stopInTurn(rounds: number, first: Worker, second: Worker): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const [sleeper, other] = round % 2 === 0 ? [first, second] : [second, first];
    await stopPastSession(sleeper, other, async () => true);
  }
}

/** Stops the sleeper at a moment that will do, until the other has all and works. */
async function stopPastSession(sleeper: Worker, other: Worker, willDo: () => Promise<boolean>): Promise<void> {
  await until('both have their share', async () => held(sleeper) === partitions / 2 && held(other) === held(sleeper));
  const returns = assignments(sleeper);
  // It may move while it is looked at, but not after.
  await until('a moment that will do', async () => {
    sleeper.signal('SIGSTOP');
    if (await willDo()) return true;
    sleeper.signal('SIGCONT');
    await sleep(20);
    return false;
  });
  await until('the other has all', async () => held(other) === partitions);
  await sleep(500);
  sleeper.signal('SIGCONT');
  // It must have found out: it starts again, or is given partitions anew.
  await assigned(sleeper, returns + 1);
}

export async function rebalance(trial: Trial): Promise<Findings> {
  // Now and then a broken build has just committed, or has not begun anew, when its partitions are taken.
  const rounds = long ? 50 : trial.broken ? 5 : 2;
  const count = long ? 500_000 : 20_000 * rounds;
  // Long transactions: nearly always one is open, and committed later it is committed long after its partitions were taken over.
  const { start, verdict } = await open({ ...trial, count, per_second: 2_500, commit_interval_ms: 2_000 });
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
  await until('an open transaction', async () => {
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
