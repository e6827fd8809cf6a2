/**
 * Records that come twice, in no order, late, and from clocks an hour off, while processes are killed: each minute must be
 * what a recomputation says, and everything that came twice or late must be in its ledger.
 */
import { afterEach, expect, it } from 'vitest';
import { createRandom } from '../../bench/random.ts';
import { type Instance, startInstance, until } from '../instance.ts';
import { buildOf } from './broken.ts';
import { controls, long } from './passes.ts';
import { seeds } from './trial.ts';

const count = long ? 20_000 : 2_000;
const batch_events = 100;
const ms_max = 600_000;

const minute_ms = 60_000;
const hour_ms = 60 * minute_ms;
/** A minute is told so long after its end; what comes later is late, and an hour after that too late. */
const grace_ms = 10_000;

let instance: Instance | undefined;
afterEach(async () => {
  await instance?.stop();
  instance = undefined;
}, 60_000);

interface Sent {
  readonly id: string;
  readonly at_ms: number;
}

/** Of each kind a tenth: said twice, out of order by minutes, late by up to three hours; every clock up to an hour off. */
function* eventsOf(seed: number): Generator<Sent> {
  const random = createRandom(seed);
  const clocks = Array.from({ length: 20 }, () => random.int(-hour_ms, hour_ms));
  const before: Sent[] = [];
  for (let i = 0; i < count; i++) {
    const clock_ms = random.chance(0.5) ? 0 : random.pick(clocks);
    const disorder_ms = random.chance(0.1) ? random.int(0, 5 * minute_ms) : 0;
    const late_ms = random.chance(0.1) ? random.int(0, 3 * hour_ms) : 0;
    const event = { id: `event-${i}`, at_ms: Date.now() + clock_ms - disorder_ms - late_ms };
    before.push(event);
    yield event;
    if (random.chance(0.1)) yield random.pick(before);
  }
}

/** Answers the record id of each. */
async function send(to: Instance, events: readonly Sent[]): Promise<Map<string, string>> {
  const body = events.map(({ id, at_ms }) => ({
    specversion: '1.0',
    id,
    source: '/test',
    type: 'visit',
    time: new Date(at_ms).toISOString(),
    data: { email: 'ada@acme.example' },
  }));
  const headers = { 'content-type': 'application/cloudevents-batch+json' };
  const response = await to.fetch('/events', { method: 'POST', body: JSON.stringify(body), headers });
  expect(response.status).toBe(200);
  const { results } = (await response.json()) as { results: { id: string; record_id: string }[] };
  return new Map(results.map(({ id, record_id }) => [id, record_id]));
}

interface Minute {
  readonly start_ms: number;
  readonly events: number;
  readonly corrected: boolean;
}

/** What differs, in words. */
async function differences(seed: number, broken: string | null): Promise<string[]> {
  instance = await startInstance(broken === null ? {} : { root: buildOf(broken) });
  const to = instance;
  const sent: Sent[] = [];
  const records = new Map<string, string>();
  const sendBatch = async (): Promise<void> => {
    for (const [id, record_id] of await send(to, batch)) records.set(id, record_id);
  };
  let batch: Sent[] = [];
  const rounds = Math.ceil(count / batch_events);
  for (const event of eventsOf(seed)) {
    sent.push(event);
    batch.push(event);
    if (batch.length < batch_events) continue;
    await sendBatch();
    batch = [];
    const round = Math.floor(sent.length / batch_events);
    if (round === Math.floor(rounds / 4) || round === Math.floor(rounds / 2))
      process.kill(to.pid('process'), 'SIGKILL');
    if (round === Math.floor((rounds * 3) / 4)) process.kill(to.pid('sink'), 'SIGKILL');
  }
  await sendBatch();
  const unique = new Map(sent.map(({ id, at_ms }) => [records.get(id) ?? id, at_ms]));

  type Source = Record<'read' | 'stored' | 'duplicate' | 'in_flight' | 'repeated', number>;
  const sums = ['read', 'stored', 'duplicate', 'in_flight', 'repeated'];
  const balance = `SELECT ${sums.map(name => `toInt32(sum(${name})) AS ${name}`).join(', ')} FROM reconciliation`;
  const settled = async (): Promise<Source | false> => {
    const [row] = await to.sql<Source>(balance);
    return row?.read === sent.length && row.in_flight === 0 ? row : false;
  };
  const row = await until('everything has ended', settled, 120_000).catch(
    async () => (await to.sql<Source>(balance))[0],
  );
  const faults: string[] = [];
  const expect_ = (what: string, found: unknown, wanted: unknown): void => {
    if (JSON.stringify(found) !== JSON.stringify(wanted))
      faults.push(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`.slice(0, 500));
  };
  expect_('balance', row, {
    ...{ read: sent.length, stored: unique.size, duplicate: sent.length - unique.size, in_flight: 0, repeated: 0 },
  });

  const arrived = await to.sql<{ id: string; ms: number }>(
    `SELECT record_id AS id, toUnixTimestamp64Milli(ingested_at) AS ms FROM interactions WHERE kind = 'event'`,
  );
  const { minutes, late } = recomputed(unique, new Map(arrived.map(({ id, ms }) => [id, Number(ms)])));

  // The minutes of clocks that are ahead are those of the arrival: the last of them is told when it is over.
  const streamed = async (): Promise<Minute[]> =>
    (
      await to.sql<{ start_ms: number; events: number; corrected: boolean }>(
        `SELECT toUnixTimestamp64Milli(start) AS start_ms, toInt32(sum(events)) AS events, max(corrected) AS corrected
         FROM metric_windows GROUP BY start_ms HAVING events > 0 ORDER BY start_ms`,
      )
    ).map(one => ({ ...one, start_ms: Number(one.start_ms) }));
  const total = minutes.reduce((sum, one) => sum + one.events, 0);
  // A broken build never does.
  await until(
    'every minute is told',
    async () => {
      const told = (await streamed()).reduce((sum, one) => sum + one.events, 0);
      return told === total;
    },
    broken === null ? 2 * minute_ms + grace_ms : grace_ms,
  ).catch(() => undefined);
  expect_('minutes', await streamed(), minutes);

  const ledger = await to.sql<{ record_id: string; outcome: string }>(
    'SELECT record_id, outcome FROM late_records ORDER BY record_id',
  );
  expect_(
    'ledger of the late',
    ledger.map(({ record_id, outcome }) => `${record_id} ${outcome}`),
    late,
  );
  return faults;
}

/** By what was sent and when each record arrived. */
function recomputed(unique: ReadonlyMap<string, number>, arrived: ReadonlyMap<string, number>) {
  const minutes = new Map<number, Minute>();
  const late: string[] = [];
  for (const [id, said_ms] of unique) {
    const ingested_ms = arrived.get(id) ?? Number.NaN;
    const at_ms = Math.min(said_ms, ingested_ms);
    const start_ms = at_ms - (at_ms % minute_ms);
    const late_ms = ingested_ms - (start_ms + minute_ms + grace_ms);
    if (late_ms >= 0) late.push(`${id} ${late_ms <= hour_ms ? 'corrected' : 'missed'}`);
    if (late_ms > hour_ms) continue;
    const before = minutes.get(start_ms);
    const corrected = late_ms >= 0 || (before?.corrected ?? false);
    minutes.set(start_ms, { start_ms, events: (before?.events ?? 0) + 1, corrected });
  }
  return { minutes: [...minutes.values()].sort((a, b) => a.start_ms - b.start_ms), late: late.sort() };
}

it.each(seeds)(
  'hostile times: each minute is what a recomputation says (seed %i)',
  async seed => {
    expect(await differences(seed, null)).toEqual([]);
  },
  ms_max,
);

it.skipIf(!controls)(
  'is found where it does harm: late-records-are-dropped',
  async () => {
    const found = await differences(1, 'late-records-are-dropped');
    console.info('late-records-are-dropped', found);
    expect(found).not.toEqual([]);
  },
  ms_max,
);
