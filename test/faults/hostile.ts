/** Others who do harm: a network that loses answers, and somebody who writes what is no record. */

import { expect } from 'vitest';
import { type Findings, soundRecord } from './oracle.ts';
import { long } from './passes.ts';
import { eventTopic, totalTopic } from './pipeline.ts';
import { add_partitions_to_txn, end_txn, type TcpProxy } from './proxy.ts';
import { until } from './rig.ts';
import { open, reached, settle_ms, type Trial } from './trial.ts';
import { vandalize } from './vandal.ts';

/** The answer to a commit is lost, or the commit itself arrives when its transaction has timed out. */
export async function loseEndTxn(trial: Trial): Promise<Findings> {
  const rounds = long ? 100 : 3;
  const count = long ? 900_000 : 60_000;
  const { start, verdict, proxy, live } = await open({ ...trial, count, per_second: long ? 2_000 : 2_500 });
  for (const role of ['source', 'process', 'sink'] as const) start(role);
  await reached(1_000);
  for (let round = 0; round < rounds; round++) {
    const before = live.messages.length;
    expect(before, 'there is more to commit').toBeLessThan(count);
    await hurtCommit(proxy, round % 3 === 2 ? 'delay' : 'lose');
    await until('progress', async () => live.messages.length > before + 200 || live.messages.length >= count);
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

/** Foreign bytes, unknown schemas and torn records among the sound ones, in the processor's topic and in the sink's. */
export async function corrupt(trial: Trial): Promise<Findings> {
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
