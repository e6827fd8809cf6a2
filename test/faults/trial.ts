/** What every fault is made of: one trial of it on one build, on a rig of its own, and the conditions that are waited for. */
import { afterEach } from 'vitest';
import { long } from './passes.ts';
import { type Rig, type RigOptions, startRig, until, type Worker } from './rig.ts';

export const seeds = process.env.MILLRACE_SEED ? [Number(process.env.MILLRACE_SEED)] : long ? [1, 2, 3] : [1];
export const ms_max = long ? 3_600_000 : 240_000;

export interface Trial {
  readonly seed: number;
  /** The build to run; null is the one as it is. */
  readonly broken: string | null;
  readonly native: boolean;
}

/** A broken build may never have everything. */
export const settle_ms = ({ broken }: Trial): number => (broken === null ? ms_max / 2 : 15_000);

let rig: Rig | undefined;
afterEach(async () => {
  await rig?.close();
  rig = undefined;
}, 60_000);

export async function open(options: RigOptions): Promise<Rig> {
  rig = await startRig(options);
  return rig;
}

/** Waits until so many of the outputs have been read live. */
export async function reached(count: number): Promise<void> {
  await until(`${count} outputs`, async () => (rig?.live.messages.length ?? 0) >= count, 120_000);
}

export const linesOf = (worker: Worker, msg: string): number => worker.log.filter(line => line.msg === msg).length;
export const assignments = (worker: Worker): number => linesOf(worker, 'assigned');

const given = (worker: Worker): unknown => worker.log.findLast(({ msg }) => msg === 'assigned')?.partitions;

/** How many partitions it said that it was given last. */
export function held(worker: Worker): number {
  const partitions = given(worker);
  return Array.isArray(partitions) ? partitions.length : Number(partitions ?? 0);
}

/** Those of the sources, which say which they are. */
export const heldPartitions = (worker: Worker): readonly number[] => (given(worker) ?? []) as number[];

export async function assigned(worker: Worker, times: number): Promise<void> {
  await until('an assignment', async () => assignments(worker) >= times);
}
