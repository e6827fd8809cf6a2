import { describe, expect, it } from 'vitest';
import type { AvroRecord } from './avro.ts';
import { fingerprint, type SchemaStore, type SchemaVersion, serdeOf } from './registry.ts';
import { registerIn, registryOn } from './registry-open.ts';
import { findIn, latestOf } from './registry-topic.ts';
import { defineTopic, type Topic } from './topic.ts';

const schema: AvroRecord = { type: 'record', name: 'Visit', fields: [{ name: 'page', type: 'string' }] };
const visits = defineTopic<{ page: string }>({ name: 'visits', schema, partitions: 1, key: ({ page }) => page });
const topics = [visits as unknown as Topic<never>];

/** A store whose ids have gaps and no order, and which counts what it is asked for. */
function storeOf(entries: SchemaVersion[] = []): SchemaStore & { asked: number[]; entries: SchemaVersion[] } {
  const asked: number[] = [];
  return {
    asked,
    entries,
    latest: async subject => latestOf(entries, subject),
    find: async (subject, wanted) => findIn(entries, subject, wanted),
    requireBackward: async () => undefined,
    async byId(id) {
      asked.push(id);
      return entries.find(entry => entry.id === id)?.schema ?? null;
    },
    async add(wanted) {
      const added = wanted.map((entry, i) => ({ ...entry, version: 1, id: 2_000_000_000 - 7 * entries.length - i }));
      entries.push(...added);
      return added;
    },
  };
}

const framed = (id: number): Buffer => Buffer.from([0, ...Buffer.from(Uint32Array.of(id).buffer).reverse(), 0]);

describe('ids that nobody registered', () => {
  it('are looked up once in half a minute, whatever their number', async () => {
    const store = storeOf();
    await registerIn(store, topics);
    let now = 0;
    const registry = await registryOn(store, topics, () => now);
    const { deserialize } = serdeOf(registry, visits);
    const refused = async (id: number): Promise<string> => {
      try {
        await deserialize(framed(id));
        return 'read';
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    for (let i = 0; i < 100; i++) expect(await refused(5)).toBe('avro.unknown-schema');
    expect(store.asked).toEqual([5]);
    // As many ids as records: what a poisoned topic looks like.
    for (let id = 100; id < 1_100; id++) expect(await refused(id)).toBe('avro.unknown-schema');
    expect(store.asked).toHaveLength(8);
    now = 30_001;
    store.entries.push({ subject: 'visits-value', version: 2, id: 5, schema });
    expect(await refused(5)).toBe('read');
    expect(store.asked).toHaveLength(9);
  });

  it('do not stand in the way of one that is asked for at the same time', async () => {
    const others = Array.from({ length: 20 }, (_, i) => ({ subject: 'other', version: i + 1, id: i + 1, schema }));
    const store = storeOf(others);
    const registry = await registryOn(store, []);
    const answers = await Promise.all([...others, ...others].map(({ id }) => registry.schemaOf(id)));
    expect(answers).not.toContain(null);
    expect(store.asked).toHaveLength(20);
  });

  it('are asked for again where the registry did not answer', async () => {
    const store = storeOf();
    const registry = await registryOn({ ...store, byId: () => Promise.reject(new Error('away')) }, []);
    await expect(registry.schemaOf(1)).rejects.toThrow('away');
    await expect(registry.schemaOf(1)).rejects.toThrow('away');
  });
});

it('a schema that cannot be read as the topic is compared once, and refused each time', async () => {
  const foreign: AvroRecord = { type: 'record', name: 'Order', fields: [{ name: 'total', type: 'double' }] };
  const store = storeOf([{ subject: 'other', version: 1, id: 3, schema: foreign }]);
  await registerIn(store, topics);
  const { deserialize } = serdeOf(await registryOn(store, topics), visits);
  await expect(async () => deserialize(framed(3))).rejects.toMatchObject({ code: 'avro.incompatible' });
  await expect(async () => deserialize(framed(3))).rejects.toMatchObject({ code: 'avro.incompatible' });
  expect(store.asked).toEqual([3]);
});

it('takes schemas for the same whatever the order of their keys and their documentation', () => {
  const described = { fields: [{ type: 'string', doc: 'its path', name: 'page' }], name: 'Visit', type: 'record' };
  expect(fingerprint(described as AvroRecord)).toBe(fingerprint(schema));
  const renamed: AvroRecord = { ...schema, fields: [{ name: 'doc', type: 'string' }] };
  expect(fingerprint(renamed)).not.toBe(fingerprint(schema));
});

it('registers nothing where one of several does not fit', async () => {
  const store = storeOf();
  await registerIn(store, topics);
  const changed = { ...schema, fields: [...schema.fields, { name: 'seconds', type: 'int' }] };
  const more = defineTopic({ ...visits, name: 'more' }) as unknown as Topic<never>;
  const next = defineTopic({ ...visits, schema: changed }) as unknown as Topic<never>;
  await expect(registerIn(store, [more, next])).rejects.toMatchObject({
    code: 'registry.incompatible',
    message: expect.stringMatching(/^visits-value: the new schema cannot read version 1: /),
  });
  expect(store.entries).toHaveLength(1);
});
