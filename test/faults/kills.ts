/** Processes that are killed: a role, the broker, ClickHouse. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { createRandom } from '../../bench/random.ts';
import type { Findings } from './oracle.ts';
import { long } from './passes.ts';
import { until } from './rig.ts';
import { linesOf, open, reached, settle_ms, type Trial } from './trial.ts';

const residentBytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;

export async function killRoles(trial: Trial): Promise<Findings> {
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

export async function killBroker(trial: Trial): Promise<Findings> {
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

/** As when the machine sleeps or has no time: for longer than the controller waits for its broker. */
export async function stopBroker(trial: Trial): Promise<Findings> {
  const count = long ? 500_000 : 30_000;
  const stops = long ? 20 : 2;
  const { start, verdict, broker, live } = await open({ ...trial, count, per_second: 5_000 });
  for (const role of ['source', 'process', 'sink'] as const) start(role);
  for (let i = 1; i <= stops; i++) {
    await reached(Math.floor((count * i) / (stops + 2)));
    broker().signal('SIGSTOP');
    const before = live.messages.length;
    await sleep(6_000);
    broker().signal('SIGCONT');
    await reached(before + 1_000);
  }
  return verdict(settle_ms(trial));
}

export async function killClickHouse(trial: Trial): Promise<Findings> {
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
    await until('rows', async () => (await rows()) > before);
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
