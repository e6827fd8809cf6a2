/** What a processor's state is after restarts, on a real broker: from the copy on disk, from the changelog, from what compaction left. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AvroRecord } from '../lib/avro.ts';
import { defineProcessor, type Processor } from '../lib/processor.ts';
import { registerSchemas } from '../lib/registry-open.ts';
import { defineTopic, type Topic } from '../lib/topic.ts';
import { until } from './instance.ts';
import { type Rig, startRig } from './processor-rig.ts';

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

const persons = 300;
let rig: Rig;

beforeAll(async () => {
  rig = await startRig();
  await rig.createTopics([visit, visits, visitsSince, counting.changelog as Topic<unknown>]);
});
afterAll(() => rig?.stop());

const go = (names: readonly string[]): Promise<void> =>
  rig.send(
    visit,
    names.map(person => ({ person })),
  );
const changelog = counting.changelog as Topic<unknown>;
const everybody = Array.from({ length: persons }, (_, i) => `person-${i}`);
const lastOf = async <T extends Visits>(topic: Topic<T>, person: string): Promise<T | undefined> =>
  (await rig.read(topic)).filter(one => one.person === person).at(-1);
const written = (count: number) => until(`${count} outputs`, async () => (await rig.read(visits)).length >= count);
const length = async (): Promise<number> => (await rig.read(changelog)).length;

describe('a processor’s state', () => {
  it('is in the copy on disk after a clean stop: nothing is replayed', async () => {
    const first = await rig.start(counting, 'a');
    expect(first.replayed).toBe(0);
    for (let round = 0; round < 3; round++) await go([...everybody, `leaves-${round}`]);
    await written(3 * (persons + 1));
    await go(['leaves-0', 'leaves-1', 'leaves-2']);
    await until('forgotten', async () => (await rig.tombstones(changelog)).length === 3);
    await first.stop();
    const again = await rig.start(counting, 'a');
    expect(again.replayed).toBe(0);
    await go(['person-7']);
    await until('a fourth visit', async () => (await lastOf(visits, 'person-7'))?.count === 4);
    await again.stop();
  });

  it('is restored into an empty directory from what compaction has left', async () => {
    await until('compaction', async () => {
      // A segment is closed when something is written after its time.
      const run = await rig.start(counting, 'a');
      const counted = (await lastOf(visits, 'person-0'))?.count as number;
      await go(['person-0']);
      // Or whoever comes next would count it.
      await until('the visit', async () => (await lastOf(visits, 'person-0'))?.count === counted + 1);
      await run.stop();
      return (await length()) < 2 * persons;
    });
    const before = (await lastOf(visits, 'person-0'))?.count as number;
    const run = await rig.start(counting, 'b');
    expect(run.replayed).toBeGreaterThanOrEqual(persons);
    expect(run.replayed).toBeLessThan(3 * persons);
    await go(['person-0', 'person-9', 'leaves-1']);
    await until('the next visits', async () => (await lastOf(visits, 'person-9'))?.count === 4);
    expect(await lastOf(visits, 'person-0')).toEqual({ person: 'person-0', count: before + 1 });
    expect(await lastOf(visits, 'leaves-1')).toEqual({ person: 'leaves-1', count: 1 });
    await run.stop();
  });

  it('is read under its schema’s next version, from the copy and from the changelog', async () => {
    await registerSchemas({ kafka: rig.kafka }, [countingSince.changelog] as unknown as Topic<never>[]);
    for (const [folder, count] of [
      ['b', 5],
      ['c', 6],
    ] as const) {
      const run = await rig.start(countingSince, folder);
      await go(['person-9']);
      await until('a visit', async () => (await lastOf(visitsSince, 'person-9'))?.count === count);
      expect((await lastOf(visitsSince, 'person-9'))?.since).toBe('ever');
      await run.stop();
    }
  });

  it('is not begun where inputs and changelog have other numbers of partitions', async () => {
    const wide = defineTopic<Visit>({ ...visit, name: 'visit.wide', key: visit.key });
    await rig.createTopics([wide], 3);
    const moved = { ...counting, definition: { ...counting.definition, inputs: { visit: wide } } } as Processor;
    await expect(rig.start(moved, 'd')).rejects.toThrow('millrace.counting.changelog.v1 has 2, visit.wide has 3');
  });
});
