/** Instances that are added and taken away under load. */
import { expect } from 'vitest';
import type { Findings } from './oracle.ts';
import type { Worker } from './rig.ts';
import { assigned, assignments, long, open, reached, settle_ms, type Trial } from './trial.ts';

const scaled = ['process', 'sink'] as const;

/**
 * One more of each role comes, then the eldest of each goes: one of them is stopped, the other killed for good, by turns. What
 * they had is taken over by those who are there.
 */
export async function comeAndGo(trial: Trial): Promise<Findings> {
  const rounds = long ? 20 : 2;
  const count = long ? 1_000_000 : 100_000;
  // So many that the sink always has some at hand, and keeps its last range's commit for the next.
  const { start, verdict } = await open({ ...trial, count, per_second: 5_000 });
  start('source');
  const members = {
    process: [start('process', 'a'), start('process', 'b')],
    sink: [start('sink', 'a'), start('sink', 'b')],
  };
  await Promise.all(Object.values(members).flatMap(all => all.map(one => assigned(one, 1))));
  await reached(1_000);
  for (let round = 0; round < rounds; round++) {
    await Promise.all(
      scaled.map(async (role, i) => {
        const staying = members[role];
        const guest = start(role, `guest-${round}`);
        await moved(staying, () => assigned(guest, 1));
        staying.push(guest);
        const leaving = staying.shift() as Worker;
        expect(holds(leaving), `${role} that leaves has partitions`).toBe(true);
        await moved(staying, () => (round % 2 === i ? leaving.kill(true) : leaving.stop()));
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

function holds(worker: Worker): boolean {
  const held = worker.log.findLast(({ msg }) => msg === 'assigned')?.partitions;
  return (Array.isArray(held) ? held.length : Number(held)) > 0;
}
