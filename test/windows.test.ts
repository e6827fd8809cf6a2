/** The per-minute metrics of what arrives live, against what the facts say; and what came late for its minute. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Instance, startInstance, until } from './instance.ts';

let instance: Instance;

beforeAll(async () => {
  instance = await startInstance();
});
afterAll(async () => {
  expect(await instance?.stop()).toBe(0);
});

const minute_ms = 60_000;

/** An event that happened `minutes` ago and arrives now. */
async function happened(id: number, minutes: number): Promise<void> {
  const event = {
    specversion: '1.0',
    id: `e-${id}`,
    source: '/test',
    type: 'trial_started',
    time: new Date(Date.now() - minutes * minute_ms).toISOString(),
    data: { email: 'ada@acme.example' },
  };
  const headers = { 'content-type': 'application/cloudevents+json' };
  const response = await instance.fetch('/events', { method: 'POST', body: JSON.stringify(event), headers });
  expect(response.status).toBeLessThan(300);
}

/** By minute, from the facts: the batch computation that the stream must agree with. */
const recomputed = `
  SELECT toStartOfMinute(occurred_at) AS minute, count() AS events
  FROM interactions WHERE origin = 'live' AND kind = 'event' GROUP BY minute ORDER BY minute`;
const streamed = `
  SELECT toStartOfMinute(start) AS minute, sum(events) AS events
  FROM metric_windows GROUP BY minute ORDER BY minute`;
const counted = (): Promise<{ events: number; corrected: boolean }[]> =>
  instance.sql('SELECT toInt32(sum(events)) AS events, max(corrected) AS corrected FROM metric_windows');

describe('the minutes of live records', () => {
  it('agree with the facts, though the processors were killed on the way', async () => {
    // Older than the grace, so that a minute is told with the next tick, and again with each further event of it.
    for (let id = 0; id < 40; id++) {
      if (id === 20) process.kill(instance.pid('process'), 'SIGKILL');
      await happened(id, 3 + (id % 4));
    }
    await until('all events are in their minutes', 60_000, async () => (await counted())[0]?.events === 40);
    expect(await instance.sql(streamed)).toEqual(await instance.sql(recomputed));
    expect(await counted()).toEqual([{ events: 40, corrected: true }]);
  });

  it('leave out what came an hour late, which the ledger names', async () => {
    await happened(40, 180);
    const late = () =>
      instance.sql<{ outcome: string; records: number }>(
        'SELECT outcome, toInt32(count()) AS records FROM late_records GROUP BY outcome ORDER BY outcome',
      );
    const both = [
      { outcome: 'corrected', records: 40 },
      { outcome: 'missed', records: 1 },
    ];
    await until('the ledger has it', 30_000, async () => (await late()).length === 2);
    expect(await late()).toEqual(both);
    expect((await counted())[0]?.events).toBe(40);
    expect(await instance.sql('SELECT toInt32(sum(late)) AS late FROM reconciliation')).toEqual([{ late: 41 }]);
  });
});
