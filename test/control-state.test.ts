/**
 * Control state on a real broker, as two instances of the API have it: whoever decides sees all that was ever written, nothing
 * that was decided on less lands, and what was written is there after a restart of either, and of the broker.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePorts } from '../embedded/child.ts';
import { type ControlState, changeOf, forgetting, openControlState } from '../lib/control-state.ts';
import type { KafkaConfig } from '../lib/kafka.ts';
import { createTopics } from '../lib/kafka-admin.ts';
import { registerSchemas, registryTopics } from '../lib/registry-open.ts';
import { defineTopic, type Topic } from '../lib/topic.ts';
import { type Broker, startBroker } from './broker.ts';
import { freshDir, until } from './instance.ts';
import { propertiesOf } from './processor-rig.ts';

interface Counter {
  name: string;
  count: number;
  /** Who counted last. */
  by: string;
  version: number;
}
const counters = defineTopic<Counter>({
  name: 'control.counter.v1',
  schema: {
    type: 'record',
    name: 'Counter',
    fields: [
      { name: 'name', type: 'string' },
      { name: 'count', type: 'long' },
      { name: 'by', type: 'string' },
      { name: 'version', type: 'long' },
    ],
  },
  partitions: 1,
  compact_after_ms: 0,
  key: ({ name }) => name,
});
// The cast: a list of topics of different records has no record type of its own.
const topics = [counters] as unknown as readonly Topic<never>[];
const each = 100;

const dir = freshDir();
let kafka: KafkaConfig;
let broker: Broker;
let startAgain: () => Promise<void>;
const open = new Set<ControlState>();

const log = pino({ level: 'silent' });
function opened(): ControlState {
  const state = openControlState({ kafka, topics, transactional_id: 'test.counters', log });
  open.add(state);
  return state;
}
async function closed(state: ControlState): Promise<void> {
  open.delete(state);
  await state.close();
}

beforeAll(async () => {
  const [port = 0, controller = 0] = await freePorts(2);
  const options = { dir: join(dir, 'broker'), properties: propertiesOf(dir, port, controller), user: 'none', port };
  startAgain = async () => {
    broker = await startBroker({ ...options, password: 'none' });
  };
  await startAgain();
  kafka = { brokers: `127.0.0.1:${port}`, replication_factor: 1, session_timeout_ms: 6_000 };
  await createTopics(kafka, [...registryTopics({ kafka }), ...topics]);
  await registerSchemas({ kafka }, topics);
});
afterAll(async () => {
  await Promise.all([...open].map(state => state.close()));
  await broker?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const at = (state: ControlState, name: string): Counter | undefined => state.of(counters).get(name);

/** Counts on from what is known when it is decided; answers what was decided on, each time it was asked. */
async function count(state: ControlState, name: string, by: string): Promise<number[]> {
  const seen: number[] = [];
  await state.change(() => {
    const before = at(state, name);
    seen.push(before?.count ?? 0);
    const next = { name, by, count: (before?.count ?? 0) + 1, version: (before?.version ?? 0) + 1 };
    return [changeOf(counters, next)];
  });
  return seen;
}

it('two that write at the same time lose nothing, and decide nothing on less than all', async () => {
  const [a, b] = [opened(), opened()];
  const landed: number[] = [];
  let decided = 0;
  const writer = async (state: ControlState, by: string): Promise<void> => {
    for (let n = 0; n < each; n++) {
      const seen = await count(state, 'both', by);
      decided += seen.length;
      // What it was decided on in the end is what was there before it.
      landed.push((seen.at(-1) ?? 0) + 1);
    }
  };
  await Promise.all([writer(a, 'a'), writer(b, 'b')]);
  await Promise.all([a.caughtUp(), b.caughtUp()]);
  expect(landed.toSorted((x, y) => x - y)).toEqual(Array.from({ length: 2 * each }, (_, i) => i + 1));
  for (const state of [a, b]) expect(at(state, 'both')).toMatchObject({ count: 2 * each, version: 2 * each });
  console.info(`${2 * each} writes, decided ${decided} times`);
});

it('what one wrote the other sees once it has caught up, and refuses nothing by what it knew before', async () => {
  const [a, b] = [...open] as [ControlState, ControlState];
  for (let n = 0; n < 20; n++) {
    const [one, other] = n % 2 === 0 ? [a, b] : [b, a];
    // Both hold the writer in turn, so that the other has not been told that it was taken.
    await count(one, 'seen', 'one');
    const version = at(one, 'seen')?.version;
    if (n < 10) await other.caughtUp();
    else {
      await other.change(() => {
        if (at(other, 'seen')?.version !== version) throw new Error('refused by what was known before');
        return [];
      });
    }
    expect(at(other, 'seen')?.version).toBe(version);
  }
});

it('what was decided against is thrown, and nothing is written', async () => {
  const [a, b] = [...open] as [ControlState, ControlState];
  const refused = new Error('no');
  const before = at(a, 'both');
  await expect(
    a.change(() => {
      throw refused;
    }),
  ).rejects.toBe(refused);
  await count(a, 'after', 'a');
  await b.caughtUp();
  expect(at(b, 'both')).toEqual(before);
  expect(at(b, 'after')?.count).toBe(1);
});

it('changes of one decision are there together', async () => {
  const [a, b] = [...open] as [ControlState, ControlState];
  const names = Array.from({ length: 50 }, (_, n) => `together-${n}`);
  await a.change(() => names.map(name => changeOf(counters, { name, by: 'a', count: 1, version: 1 })));
  await b.caughtUp();
  expect(names.every(name => at(b, name)?.count === 1)).toBe(true);
});

it('a tombstone forgets, here and there and for whoever comes later', async () => {
  const [a, b] = [...open] as [ControlState, ControlState];
  await count(a, 'gone', 'a');
  const record = at(a, 'gone') as Counter;
  await b.change(() => [forgetting(counters, record)]);
  expect(at(b, 'gone')).toBeUndefined();
  await a.caughtUp();
  expect(at(a, 'gone')).toBeUndefined();
  const c = opened();
  await c.loaded();
  expect(at(c, 'gone')).toBeUndefined();
  expect(new Map(c.of(counters))).toEqual(new Map(a.of(counters)));
  await closed(c);
});

it('whoever begins anew reads everything again before he decides', async () => {
  const [a, b] = [...open] as [ControlState, ControlState];
  const before = new Map(a.of(counters));
  await Promise.all([closed(a), closed(b)]);
  const again = opened();
  expect(again.of(counters).size).toBe(0);
  expect(await count(again, 'both', 'again')).toEqual([2 * each]);
  for (const [name, record] of before) if (name !== 'both') expect(at(again, name)).toEqual(record);
});

it('a broker that was killed and comes back loses nothing that was acknowledged', async () => {
  const [a] = [...open] as [ControlState];
  const b = opened();
  await b.loaded();
  const before = at(a, 'both')?.count ?? 0;
  await broker.kill();
  await startAgain();
  let acknowledged = 0;
  let tried = 0;
  for (const state of [a, b, a, b]) {
    await until('a write after the restart', async () => {
      tried++;
      await count(state, 'both', `try ${tried}`);
      acknowledged++;
      return true;
    });
  }
  await until('both to have caught up', async () => {
    await Promise.all([a.caughtUp(), b.caughtUp()]);
    return true;
  });
  expect(at(a, 'both')).toEqual(at(b, 'both'));
  const counted = (at(a, 'both')?.count ?? 0) - before;
  expect(counted).toBeGreaterThanOrEqual(acknowledged);
  expect(counted).toBeLessThanOrEqual(tried);
  expect(at(a, 'both')?.version).toBe(at(a, 'both')?.count);
  console.info(`after the restart: ${tried} tried, ${acknowledged} acknowledged, ${counted} counted`);
});
