/** Instances that are added and taken away under load. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { type Findings, sinkPositions } from './oracle.ts';
import { long } from './passes.ts';
import { type Rig, until, type Worker } from './rig.ts';
import { assigned, assignments, held, open, reached, settle_ms, type Trial } from './trial.ts';

const scaled = ['process', 'sink'] as const;

/**
 * One more of each role comes, then the eldest of each goes: one of them is killed for good, the other stopped, by turns. What
 * they had is taken over by those who are there.
 */
export async function comeAndGo(trial: Trial): Promise<Findings> {
  const rounds = long ? 20 : 2;
  const count = long ? 1_500_000 : 120_000;
  const rig = await open({ ...trial, count, per_second: 3_000 });
  const { start, verdict } = rig;
  start('source');
  const members = {
    process: [start('process', 'a'), start('process', 'b')],
    sink: [start('sink', 'a'), start('sink', 'b')],
  };
  await Promise.all(Object.values(members).flatMap(all => all.map(one => assigned(one, 1))));
  await reached(1_000);
  for (let round = 0; round < rounds; round++) {
    const killed = scaled[(round + 1) % scaled.length];
    await Promise.all(
      scaled.map(async role => {
        const staying = members[role];
        const guest = start(role, `guest-${round}`);
        await moved(staying, () => assigned(guest, 1));
        staying.push(guest);
        const leaving = staying.shift() as Worker;
        expect(held(leaving), `the ${role} that leaves has partitions`).toBeGreaterThan(0);
        if (role === killed && role === 'sink') await stopWithRowsUncommitted(rig, leaving, count);
        await moved(staying, () => (role === killed ? leaving.kill(true) : leaving.stop()));
      }),
    );
  }
  return verdict(settle_ms(trial));
}

/** Until each of them has been assigned partitions anew. */
async function moved(workers: readonly Worker[], change: () => Promise<void>): Promise<void> {
  const before = workers.map(assignments);
  await change();
  await Promise.all(workers.map((worker, i) => assigned(worker, (before[i] as number) + 1)));
}

/** Long enough for those that are not stopped to store more. */
const look_pause_ms = 400;
const run_ms = 300;

/**
 * Stops the sink when it has stored a range and not committed it: what its successor must know from the plan. Of a partition
 * whose rows are ahead of its commit, and where neither moves, it is the owner.
 */
async function stopWithRowsUncommitted(
  { kafka, clickhouse_url, live }: Rig,
  sink: Worker,
  count: number,
): Promise<void> {
  await until('rows that are not committed', async () => {
    expect(live.messages.length, 'there is more to store').toBeLessThan(count);
    sink.signal('SIGSTOP');
    const before = await sinkPositions(kafka, clickhouse_url);
    await sleep(look_pause_ms);
    const after = await sinkPositions(kafka, clickhouse_url);
    const isLeft = after.some(({ committed, stored }, partition) => {
      const was = before[partition];
      return stored > committed && was?.stored === stored && was.committed === committed;
    });
    if (isLeft) return true;
    sink.signal('SIGCONT');
    // Or it would never get through a transaction before that times out.
    await sleep(run_ms);
    return false;
  });
}
