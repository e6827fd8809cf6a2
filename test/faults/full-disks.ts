/** Disks that are full: Kafka's, and ClickHouse's. */
import { expect } from 'vitest';
import type { Findings } from './oracle.ts';
import { long } from './passes.ts';
import { until } from './rig.ts';
import { open, reached, settle_ms, type Trial } from './trial.ts';

const disk_bytes = 256 * 1024 * 1024;

/** Without its disk the broker ends; it is started again when there is room, as its supervisor would. */
export async function fullBroker(trial: Trial): Promise<Findings> {
  const rounds = long ? 5 : 1;
  const count = long ? 300_000 : 30_000;
  const rig = await open({ ...trial, count, per_second: 5_000, disk: { of: 'kafka', bytes: disk_bytes } });
  const { start, verdict, live, disk, broker, startBroker } = rig;
  for (const role of ['source', 'process', 'sink'] as const) start(role);
  for (let round = 1; round <= rounds; round++) {
    await reached(Math.floor((count * round) / (rounds + 2)));
    disk?.fill();
    await until('the broker to end', async () => broker().hasEnded());
    expect(broker().log(), 'why it ended').toContain('No space left on device');
    disk?.makeRoom();
    const before = live.messages.length;
    await startBroker();
    await reached(Math.min(count, before + 1_000));
  }
  return verdict(settle_ms(trial));
}

/** What cannot be stored waits in Kafka, and the other stages go on. */
export async function fullClickHouse(trial: Trial): Promise<Findings> {
  const rounds = long ? 10 : 1;
  const count = long ? 400_000 : 40_000;
  const rig = await open({ ...trial, count, per_second: 4_000, disk: { of: 'clickhouse', bytes: disk_bytes } });
  const { start, verdict, live, disk, rows } = rig;
  start('source');
  start('process');
  const sink = start('sink');
  for (let round = 1; round <= rounds; round++) {
    await reached(Math.floor((count * round) / (rounds + 2)));
    await until('rows', async () => (await rows()) > 0);
    const stored = await settled(rows, () => disk?.fill());
    const before = live.messages.length;
    await reached(Math.min(count, before + 4_000));
    expect(await rows(), 'rows while the disk is full').toBe(stored);
    disk?.makeRoom();
    await until('rows again', async () => (await rows()) > stored);
  }
  const told = sink.log.filter(({ msg, remedy }) => msg === 'insert failed; trying again' && remedy !== undefined);
  if (!trial.broken) expect(told[0]?.remedy, 'what the sink says').toMatch(/make room/);
  return verdict(settle_ms(trial));
}

const steady_ms = 1_000;

/** The number of rows once it has stayed the same for a while. What a merge that failed gives back is taken too. */
async function settled(rows: () => Promise<number>, fill: () => void): Promise<number> {
  let last = -1;
  let since_ms = 0;
  return until('the rows to stand still', async () => {
    fill();
    const now = await rows();
    if (now !== last) since_ms = Date.now();
    last = now;
    return Date.now() - since_ms >= steady_ms && { now };
  }).then(({ now }) => now);
}
