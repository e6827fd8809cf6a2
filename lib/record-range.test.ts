import { Readable } from 'node:stream';
import avsc from 'avsc';
import { describe, expect, it } from 'vitest';
import type { AvroRecord } from './avro.ts';
import { RecordRange } from './record-range.ts';
import { type Registry, serdeOf } from './registry.ts';
import { defineTopic } from './topic.ts';

interface Row {
  id: string;
  kind: string;
}
const kind = { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['a', 'b'] } } as const;
const newest: AvroRecord = { type: 'record', name: 'Row', fields: [{ name: 'id', type: 'string' }, kind] };
const elder: AvroRecord = { ...newest, fields: [kind, { name: 'id', type: 'string' }] };
const topicOf = (schema: AvroRecord) => defineTopic<Row>({ name: 't', schema, partitions: 1, key: row => row.id });
const registryOf = (own: number): Registry => ({
  idOf: () => own,
  schemaOf: async id => [null, elder, newest][id] ?? null,
});
const serde = serdeOf(registryOf(2), topicOf(newest));
const former = serdeOf(registryOf(1), topicOf(elder));
const row = (id: string): Row => ({ id, kind: 'b' });

async function rowsOf(range: RecordRange, wanted: ReadonlySet<number> | null = null): Promise<unknown[]> {
  const rows: unknown[] = [];
  const pieces = range.container(wanted);
  if (pieces === null) return rows;
  const decoder = Readable.from([Buffer.concat(pieces)]).pipe(new avsc.streams.BlockDecoder());
  for await (const one of decoder) rows.push({ ...(one as object) });
  return rows;
}

const stored = (id: string, offset: number) => ({ id, kind: 'b', _partition: 7, _offset: offset });

/** Sound ones; a tombstone at 11, one of the elder schema at 12, one that is none at 13. */
function mixed(): RecordRange {
  const range = new RecordRange(7, serde as never);
  range.add(10, 'k10', serde.serialize(row('ten')));
  range.add(11, 'k11', null);
  range.add(12, 'k12', former.serialize(row('twelve')));
  range.add(13, 'k13', serde.serialize(row('thirteen')).subarray(0, 9));
  range.add(14, 'k14', serde.serialize(row('fourteen')));
  return range;
}

describe('RecordRange', () => {
  it('holds the rows in order, those of another schema written anew, and tells what is no record', async () => {
    const range = mixed();
    const [unreadable, ...others] = await range.mend();
    expect(others).toEqual([]);
    expect(unreadable).toMatchObject({ offset: 13, key: 'k13', error: { code: 'avro.corrupt' } });
    expect(unreadable?.original).toEqual(serde.serialize(row('thirteen')).subarray(0, 9));
    expect(await rowsOf(range)).toEqual([stored('ten', 10), stored('twelve', 12), stored('fourteen', 14)]);
    expect([...range.rowOffsets()]).toEqual([10, 12, 14]);
    expect(await rowsOf(range, new Set([12, 13]))).toEqual([stored('twelve', 12)]);
    expect([range.count, range.lastOffset]).toEqual([5, 14]);
  });

  it('is few pieces, whatever lies between the rows', async () => {
    const range = new RecordRange(7, serde as never);
    for (let i = 0; i < 1_000; i++) range.add(i, 'k', i === 500 ? null : serde.serialize(row(`row ${i}`)));
    range.add(1_000, 'k', former.serialize(row('former')));
    for (let i = 1_001; i < 1_100; i++) range.add(i, 'k', serde.serialize(row(`row ${i}`)));
    await range.mend();
    // Head, what lies before and behind the former one, itself, and the end.
    expect(range.container()).toHaveLength(5);
    expect(await rowsOf(range)).toHaveLength(1_099);
  });

  it('has no container without a row', async () => {
    const range = new RecordRange(7, serde as never);
    expect(range.container()).toBeNull();
    range.add(1, 'k', null);
    expect(range.container()).toBeNull();
    expect([range.count, range.lastOffset]).toEqual([1, 1]);
  });

  it.each([10, 11, 12, 13, 14, 15])('splits before offset %i, and nothing of a record is lost', async offset => {
    const range = mixed();
    const bytes = range.bytes;
    const rest = range.split(offset);
    expect(range.count + rest.count).toBe(5);
    expect(range.bytes + rest.bytes).toBe(bytes);
    const unreadable = [...(await range.mend()), ...(await rest.mend())];
    expect(unreadable.map(one => one.key)).toEqual(['k13']);
    expect([...(await rowsOf(range)), ...(await rowsOf(rest))]).toEqual(await rowsOf(await mended(mixed())));
    expect(range.lastOffset).toBe(offset - 1 < 10 ? -1 : Math.min(14, offset - 1));
  });

  it('goes on after a split, where the others were', async () => {
    const range = mixed();
    range.split(12);
    range.add(12, 'k12', serde.serialize(row('another')));
    expect(await rowsOf(range)).toEqual([stored('ten', 10), stored('another', 12)]);
  });

  it('grows with thousands of records', async () => {
    const range = new RecordRange(7, serde as never);
    const ids = Array.from({ length: 5_000 }, (_, i) => `row ${i} ${'x'.repeat(i % 300)}`);
    for (const [i, id] of ids.entries()) range.add(i, id, serde.serialize(row(id)));
    expect(await rowsOf(range)).toEqual(ids.map((id, i) => stored(id, i)));
  });

  it('examines each record where the engine has found fault: a wrong value inside is no framing', async () => {
    const range = new RecordRange(7, serde as never);
    const wrong = serde.serialize(row('wrong'));
    wrong[wrong.length - 1] = 9 * 2;
    range.add(1, 'k1', serde.serialize(row('one')));
    range.add(2, 'k2', wrong);
    expect(await range.mend()).toEqual([]);
    expect(await range.examine()).toMatchObject([{ offset: 2, key: 'k2', original: wrong }]);
    expect(await rowsOf(range)).toEqual([stored('one', 1)]);
    expect(await range.examine()).toEqual([]);
  });
});

async function mended(range: RecordRange): Promise<RecordRange> {
  await range.mend();
  return range;
}
