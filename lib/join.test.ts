import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../bench/random.ts';
import { streamJoin, waiting_bytes_max, waiting_records_max } from './join.ts';
import type { Lineage } from './lineage.ts';
import { defineProcessor } from './processor.ts';
import { drive } from './test-driver.ts';
import { defineTopic } from './topic.ts';

interface Event {
  id: string;
  person: string;
  at_ms: number;
}
interface Pair {
  person: string;
  left: string;
  right: string;
}
const field = (name: string, type: 'string' | 'long') => ({ name, type });
const events = (name: string) =>
  defineTopic<Event>({
    name,
    schema: {
      type: 'record',
      name: 'Event',
      namespace: 'test',
      fields: [field('id', 'string'), field('person', 'string'), field('at_ms', 'long')],
    },
    partitions: 'many',
    key: ({ person }) => person,
  });
const clicks = events('clicks');
const sales = events('sales');
const pairs = defineTopic<Pair>({
  name: 'pairs',
  schema: {
    type: 'record',
    name: 'Pair',
    fields: [field('person', 'string'), field('left', 'string'), field('right', 'string')],
  },
  partitions: 'many',
  key: ({ person }) => person,
});
const within_ms = 100;
const grace_ms = 50;
const at_ms = (event: Event): number => event.at_ms;
const options = {
  name: 'bought',
  version: 1,
  left: { topic: clicks, at_ms },
  right: { topic: sales, at_ms },
  output: pairs,
  within_ms,
  grace_ms,
  clock: (event: Event) => (event.person === '' ? event.at_ms : null),
  join: (click: Event, sale: Event): Pair => ({ person: click.person, left: click.id, right: sale.id }),
};
const innerJoin = defineProcessor(streamJoin(options));
const leftJoin = defineProcessor(
  streamJoin({ ...options, unmatched: click => ({ person: click.person, left: click.id, right: '' }) }),
);

type Arrival = { readonly topic: typeof clicks; readonly event: Event; readonly arrived_ms: number };
const click = (id: string, at: number, arrived_ms = at): Arrival => arrival(clicks, id, at, arrived_ms);
const sale = (id: string, at: number, arrived_ms = at): Arrival => arrival(sales, id, at, arrived_ms);
const tick = (at: number): Arrival => ({ ...arrival(clicks, '', at, at), event: { id: '', person: '', at_ms: at } });
function arrival(topic: typeof clicks, id: string, at: number, arrived_ms: number, person = 'ann'): Arrival {
  return { topic, event: { id, person, at_ms: at }, arrived_ms };
}

function run(processor: typeof leftJoin, arrivals: readonly Arrival[]) {
  const driver = drive([processor]);
  for (const { topic, event, arrived_ms } of arrivals) driver.feed(topic, event, arrived_ms);
  return {
    pairs: driver.read(pairs).map(({ left, right }) => `${left}+${right}`),
    rejected: driver.rejected.map(({ cause }) => cause),
    state: (person: string) => driver.state(processor, person),
  };
}

describe('a join of two streams', () => {
  it.each([
    ['left first', [click('c', 1_000), sale('s', 1_100)]],
    ['right first', [sale('s', 1_100), click('c', 1_000)]],
    ['the later one earlier', [sale('s', 900), click('c', 1_000)]],
  ])('pairs what lies within its time: %s', (_, arrivals) => {
    expect(run(leftJoin, [...arrivals, tick(5_000)]).pairs).toEqual(['c+s']);
  });

  it('pairs each with all of the other side, and none with its own or with another key’s', () => {
    const bobs = arrival(sales, 'bob’s', 1_000, 1_000, 'bob');
    const arrivals = [click('c1', 1_000), click('c2', 1_010), bobs, sale('s1', 1_020), sale('s2', 1_030)];
    expect(run(innerJoin, arrivals).pairs).toEqual(['c1+s1', 'c2+s1', 'c1+s2', 'c2+s2']);
  });

  it('an inner one says nothing of what met none; a left one does, once nothing can come any more', () => {
    const apart = [click('c', 1_000), sale('s', 1_101)];
    expect(run(innerJoin, [...apart, tick(9_000)]).pairs).toEqual([]);
    expect(run(leftJoin, [...apart, tick(1_000 + within_ms + grace_ms)]).pairs).toEqual([]);
    expect(run(leftJoin, [...apart, tick(1_001 + within_ms + grace_ms), tick(9_000)]).pairs).toEqual(['c+']);
  });

  it('keeps each record as long as one that is in time can meet it, and no longer', () => {
    const last = 1_000 + within_ms + grace_ms;
    const met = run(leftJoin, [click('c', 1_000), tick(last), sale('s', 1_000 + within_ms, last), tick(9_000)]);
    expect(met.pairs).toEqual(['c+s']);
    expect(met.state('ann')).toBeNull();
    const { state } = run(leftJoin, [click('c', 1_000), sale('s', 1_090), tick(last + 1)]);
    expect(state('ann')).toMatchObject({ left: [], right: [{ record: { id: 's' } }] });
  });

  it('rejects what arrives too far from its own time, before or after', () => {
    const { pairs, rejected } = run(innerJoin, [
      click('c', 1_000),
      sale('late', 1_000, 1_001 + grace_ms),
      sale('from the future', 1_000 + grace_ms, 999),
      sale('s', 1_000, 1_000 + grace_ms),
    ]);
    expect(pairs).toEqual(['c+s']);
    expect(rejected).toEqual(['join.untimely', 'join.untimely']);
  });

  it('keeps a bounded number of records a key, of bounded size, and has room again when they are over', () => {
    const many = Array.from({ length: waiting_records_max }, (_, i) => click(`c${i}`, 1_000));
    const { pairs, rejected } = run(innerJoin, [
      ...many,
      sale('one too many', 1_000),
      tick(2_000),
      click('c', 2_000),
      sale('s', 2_000),
    ]);
    expect(rejected).toEqual(['join.full']);
    expect(pairs).toEqual(['c+s']);
    const large = 'x'.repeat(waiting_bytes_max / 2);
    expect(run(innerJoin, [click(large, 1_000), sale(large, 1_000)]).rejected).toEqual(['join.full']);
  });

  it('what met none keeps the lineage it came with', () => {
    const lineage: Lineage = {
      source: 'a',
      sequence: 7,
      origin: 'live',
      ingested_at_ms: 1,
      hops: [],
      traceparent: null,
    };
    const { timer } = streamJoin({ ...options, unmatched: click => ({ person: '', left: click.id, right: '' }) });
    const { event } = click('c', 1_000);
    const waiting = { left: [{ record: { ...event, lineage }, bytes: 1, matched: false }], right: [] };
    expect(timer?.fire(waiting, 9_000, {}).emit).toEqual({ joined: [{ person: '', left: 'c', right: '', lineage }] });
  });
});

describe('the order of arrival', () => {
  it('changes nothing when no time is told before the end', () => {
    withSeeds(random => {
      const arrivals = someArrivals(random);
      for (let i = 0; i < 4; i++) check(shuffled(arrivals, random));
    });
  });

  it('changes nothing within the grace, though time is told on the way', () => {
    withSeeds(random => check(withTicks(someArrivals(random), random)));
  });

  function check(arrivals: readonly Arrival[]): void {
    const { pairs, rejected, state } = run(leftJoin, [...arrivals, tick(9_000)]);
    expect([...pairs].sort()).toEqual(expected(arrivals));
    expect([rejected, ...persons.map(state)]).toEqual([[], null, null, null]);
  }
});

function withSeeds(test: (random: Random) => void): void {
  for (let seed = 1; seed <= seeds; seed++) {
    try {
      test(createRandom(seed));
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
}

const seeds = 200;
const persons = ['ann', 'bob', 'cid'];

/** In no order; each arrives within the grace. */
function someArrivals(random: Random): Arrival[] {
  return Array.from({ length: random.int(0, 60) }, (_, i) => {
    const at = random.int(0, 1_500);
    const arrived_ms = at + random.int(0, grace_ms);
    return arrival(random.pick([clicks, sales]), `${i}`, at, arrived_ms, random.pick(persons));
  });
}

/** As they arrive, with times told that nothing after them was there before. */
function withTicks(arrivals: readonly Arrival[], random: Random): Arrival[] {
  const ordered = [...arrivals].sort((a, b) => a.arrived_ms - b.arrived_ms);
  return ordered.flatMap(one => (random.chance(0.3) ? [tick(one.arrived_ms), one] : [one]));
}

function shuffled<T>(from: readonly T[], random: Random): T[] {
  const all = [...from];
  for (let i = all.length - 1; i > 0; i--) {
    const at = random.int(0, i);
    [all[i], all[at]] = [all[at] as T, all[i] as T];
  }
  return all;
}

/** Each with each, by the definition alone. */
function expected(arrivals: readonly Arrival[]): string[] {
  const of = (topic: typeof clicks) => arrivals.filter(one => one.topic === topic && one.event.person !== '');
  return of(clicks)
    .flatMap(({ event: left }) => {
      const met = of(sales).filter(
        ({ event }) => event.person === left.person && Math.abs(event.at_ms - left.at_ms) <= within_ms,
      );
      return met.length === 0 ? [`${left.id}+`] : met.map(({ event }) => `${left.id}+${event.id}`);
    })
    .sort();
}
