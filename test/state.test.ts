/** What a processor's state is after restarts, on a real broker: from the copy on disk, from the changelog, from what compaction left. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../embedded/child.ts';
import type { AvroRecord } from '../lib/avro.ts';
import { type KafkaConfig, openTransactionalProducer, readToEnd } from '../lib/kafka.ts';
import { createTopics, partitionsOf } from '../lib/kafka-admin.ts';
import { createMetrics } from '../lib/metrics.ts';
import { defineProcessor, type Processor } from '../lib/processor.ts';
import { type RunningProcessor, runProcessor } from '../lib/processor-runtime.ts';
import { serdeOf } from '../lib/registry.ts';
import { openRegistry, registerSchemas, registryTopics } from '../lib/registry-open.ts';
import { openStateFile, type StateFile } from '../lib/state-file.ts';
import { defineTopic, type Topic } from '../lib/topic.ts';
import { type Broker, startBroker } from './broker.ts';
import { freshDir, until } from './instance.ts';

interface Visit {
  person: string;
}
interface Visits {
  person: string;
  count: number;
}
interface VisitsSince extends Visits {
  since: string;
}
const string = (name: string) => ({ name, type: 'string' }) as const;
const visit = defineTopic<Visit>({
  name: 'visit',
  schema: { type: 'record', name: 'Visit', fields: [string('person')] },
  partitions: 'many',
  key: ({ person }) => person,
});
const visitsSchema: AvroRecord = {
  type: 'record',
  name: 'Visits',
  fields: [string('person'), { name: 'count', type: 'long' }],
};
const withSince: AvroRecord = {
  ...visitsSchema,
  fields: [...visitsSchema.fields, { name: 'since', type: 'string', default: 'ever' }],
};
const visits = defineTopic<Visits>({
  name: 'visits',
  schema: visitsSchema,
  partitions: 'many',
  key: ({ person }) => person,
});
const visitsSince = defineTopic<VisitsSince>({ ...visits, name: 'visits.since', schema: withSince, key: visits.key });

/** Counts visits; who leaves is forgotten. */
const counting = defineProcessor<{ visit: typeof visit }, Visits, { visits: typeof visits }>({
  name: 'counting',
  version: 1,
  inputs: { visit },
  state: visitsSchema,
  outputs: { visits },
  on: {
    visit({ person }, before) {
      if (person.startsWith('leaves') && before) return { state: null };
      const state = { person, count: (before?.count ?? 0) + 1 };
      return { state, emit: { visits: state } };
    },
  },
});
/** The same after a change of its state's schema. */
const countingSince = defineProcessor<{ visit: typeof visit }, VisitsSince, { visits: typeof visitsSince }>({
  name: 'counting',
  version: 2,
  inputs: { visit },
  state: withSince,
  outputs: { visits: visitsSince },
  on: {
    visit({ person }, before) {
      const state = { person, count: (before?.count ?? 0) + 1, since: before?.since ?? 'now' };
      return { state, emit: { visits: state } };
    },
  },
});

const dir = freshDir();
const persons = 300;
let broker: Broker;
let kafka: KafkaConfig;

beforeAll(async () => {
  const [port = 0, controller = 0] = await freePorts(2);
  const properties = propertiesOf(port, controller);
  broker = await startBroker({ dir: join(dir, 'broker'), properties, user: 'none', password: 'none', port });
  kafka = { brokers: `127.0.0.1:${port}`, replication_factor: 1, partitions: 2, session_timeout_ms: 6_000 };
  const list = [visit, visits, visitsSince, counting.changelog] as unknown as Topic<never>[];
  await createTopics(kafka, [...registryTopics({ kafka }), ...list]);
  await registerSchemas({ kafka }, list);
});
afterAll(async () => {
  await broker?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** One that compacts within a second. */
function propertiesOf(port: number, controller: number): string {
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'CLIENT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(dir, 'kafka'),
    'offsets.topic.num.partitions': 1,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'log.roll.ms': 500,
    'log.cleaner.backoff.ms': 100,
    'log.cleaner.min.cleanable.ratio': 0.01,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

interface Run {
  readonly running: RunningProcessor;
  readonly replayed: number;
  stop(): Promise<void>;
}

async function start(processor: Processor, folder: string): Promise<Run> {
  const lines: { msg: string; replayed: number }[] = [];
  const log = pino(
    {},
    new Writable({
      write(chunk, _, done) {
        lines.push(JSON.parse(String(chunk)));
        done();
      },
    }),
  );
  const { inputs, outputs } = processor.definition;
  const all = [...Object.values(inputs), ...Object.values(outputs), processor.changelog as Topic<unknown>];
  const registry = await openRegistry({ kafka }, all);
  const file: StateFile = openStateFile(join(dir, folder));
  const running = await runProcessor(processor, {
    kafka,
    registry,
    deadLetterOffice: async ({ message }) => {
      throw new Error(message);
    },
    file,
    instance: 'one',
    commit_interval_ms: 20,
    log,
    metrics: createMetrics('test'),
    onFatal(error) {
      throw error;
    },
  });
  await until('assigned', 30_000, async () => running.ready());
  return {
    running,
    replayed: lines.find(({ msg }) => msg === 'assigned')?.replayed ?? -1,
    async stop() {
      await running.stop();
      await file.close();
    },
  };
}

async function go(names: readonly string[]): Promise<void> {
  const serde = serdeOf(await openRegistry({ kafka }, [visit]), visit);
  const producer = await openTransactionalProducer(kafka, 'visitors');
  await producer.begin();
  for (const person of names) producer.produce(visit.name, null, person, serde.serialize({ person }));
  await producer.commit();
  await producer.close();
}

async function read<T>(topic: Topic<T>): Promise<T[]> {
  const serde = serdeOf(await openRegistry({ kafka }, [topic]), topic);
  const found: T[] = [];
  await readToEnd(kafka, await partitionsOf(kafka, [topic.name]), async (batch, i) => {
    const value = batch.value(i);
    if (value !== null) found.push(await serde.deserialize(value));
  });
  return found;
}

const everybody = Array.from({ length: persons }, (_, i) => `person-${i}`);
const lastOf = async <T extends Visits>(topic: Topic<T>, person: string): Promise<T | undefined> =>
  (await read(topic)).filter(one => one.person === person).at(-1);
const written = (count: number) => until(`${count} outputs`, 30_000, async () => (await read(visits)).length >= count);
const length = async (): Promise<number> => (await read(counting.changelog as Topic<unknown>)).length;

describe('a processor’s state', () => {
  it('is in the copy on disk after a clean stop: nothing is replayed', async () => {
    const first = await start(counting, 'a');
    expect(first.replayed).toBe(0);
    for (let round = 0; round < 3; round++) await go([...everybody, `leaves-${round}`]);
    await written(3 * (persons + 1));
    await go(['leaves-0', 'leaves-1', 'leaves-2']);
    await until('forgotten', 30_000, async () => (await tombstones()) === 3);
    await first.stop();
    const again = await start(counting, 'a');
    expect(again.replayed).toBe(0);
    await go(['person-7']);
    await until('a fourth visit', 30_000, async () => (await lastOf(visits, 'person-7'))?.count === 4);
    await again.stop();
  });

  it('is restored into an empty directory from what compaction has left', async () => {
    await until('compaction', 60_000, async () => {
      // A segment is closed when something is written after its time.
      const run = await start(counting, 'a');
      await go(['person-0']);
      await run.stop();
      return (await length()) < 2 * persons;
    });
    const before = (await lastOf(visits, 'person-0'))?.count as number;
    const run = await start(counting, 'b');
    expect(run.replayed).toBeGreaterThanOrEqual(persons);
    expect(run.replayed).toBeLessThan(3 * persons);
    await go(['person-0', 'person-9', 'leaves-1']);
    await until('the next visits', 30_000, async () => (await lastOf(visits, 'person-9'))?.count === 4);
    expect(await lastOf(visits, 'person-0')).toEqual({ person: 'person-0', count: before + 1 });
    expect(await lastOf(visits, 'leaves-1')).toEqual({ person: 'leaves-1', count: 1 });
    await run.stop();
  });

  it('is read under its schema’s next version, from the copy and from the changelog', async () => {
    await registerSchemas({ kafka }, [countingSince.changelog] as unknown as Topic<never>[]);
    for (const [folder, count] of [
      ['b', 5],
      ['c', 6],
    ] as const) {
      const run = await start(countingSince, folder);
      await go(['person-9']);
      await until('a visit', 30_000, async () => (await lastOf(visitsSince, 'person-9'))?.count === count);
      expect((await lastOf(visitsSince, 'person-9'))?.since).toBe('ever');
      await run.stop();
    }
  });

  it('is not begun where inputs and changelog have other numbers of partitions', async () => {
    const wide = defineTopic<Visit>({ ...visit, name: 'visit.wide', key: visit.key });
    await createTopics({ ...kafka, partitions: 3 }, [wide] as unknown as Topic<never>[]);
    await registerSchemas({ kafka }, [wide] as unknown as Topic<never>[]);
    const moved = { ...counting, definition: { ...counting.definition, inputs: { visit: wide } } } as Processor;
    await expect(start(moved, 'd')).rejects.toThrow('millrace.counting.changelog.v1 has 2, visit.wide has 3');
  });
});

async function tombstones(): Promise<number> {
  let count = 0;
  const topic = (counting.changelog as Topic<unknown>).name;
  await readToEnd(kafka, await partitionsOf(kafka, [topic]), (batch, i) => {
    if (batch.isTombstone(i)) count++;
  });
  return count;
}
