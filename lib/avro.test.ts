import { Readable } from 'node:stream';
import avsc from 'avsc';
import { describe, expect, it } from 'vitest';
import {
  type AvroRecord,
  codecOf,
  container,
  evolvingDecoder,
  incompatibility,
  namespaced,
  positionBytes,
  writeLong,
} from './avro.ts';

const v1: AvroRecord = {
  type: 'record',
  name: 'Visit',
  fields: [
    { name: 'who', type: 'string' },
    { name: 'at_ms', type: { type: 'long', logicalType: 'timestamp-millis' } },
  ],
};
const v2: AvroRecord = { ...v1, fields: [...v1.fields, { name: 'page', type: ['null', 'string'], default: null }] };

describe('codecOf', () => {
  const codec = codecOf<{ who: string; at_ms: number }>(v1);

  it('reads what it wrote, from any offset', () => {
    const visit = { who: 'ada', at_ms: 1_700_000_000_000 };
    const bytes = Buffer.concat([Buffer.from('head'), codec.encode(visit)]);
    expect(codec.decode(bytes, 4)).toEqual(visit);
  });

  it('refuses bytes left over and bytes cut short', () => {
    const bytes = codec.encode({ who: 'ada', at_ms: 1 });
    expect(() => codec.decode(Buffer.concat([bytes, Buffer.from([0])]))).toThrow('left over');
    expect(() => codec.decode(bytes.subarray(0, 2))).toThrow('cut short');
  });

  it('checks bytes without reading them', () => {
    const bytes = codec.encode({ who: 'ada', at_ms: 1 });
    expect(() => codec.check(bytes)).not.toThrow();
    expect(() => codec.check(Buffer.concat([bytes, Buffer.from([0])]))).toThrow('left over');
    expect(() => codec.check(bytes.subarray(0, 2))).toThrow('cut short');
  });
});

describe('evolution', () => {
  it('fills a new optional field of an old record', () => {
    const old = codecOf<{ who: string; at_ms: number }>(v1).encode({ who: 'ada', at_ms: 1 });
    expect(evolvingDecoder(v1, v2)(old, 0)).toEqual({ who: 'ada', at_ms: 1, page: null });
  });

  it('names why a new required field cannot be read', () => {
    const required: AvroRecord = { ...v1, fields: [...v1.fields, { name: 'page', type: 'string' }] };
    expect(incompatibility(v2, v1)).toBeNull();
    expect(incompatibility(required, v1)).toContain('page');
  });
});

describe('what is corrupt', () => {
  const nested: AvroRecord = {
    type: 'record',
    name: 'Nested',
    fields: [
      { name: 'tags', type: { type: 'array', items: 'string' } },
      { name: 'counts', type: { type: 'map', values: 'long' } },
      {
        name: 'parts',
        type: { type: 'array', items: { type: 'record', name: 'Part', fields: [{ name: 'id', type: 'string' }] } },
      },
    ],
  };
  const codec = codecOf<unknown>(nested);
  const value = { tags: ['a', 'b'], counts: { x: 1 }, parts: [{ id: 'p' }, { id: 'q' }] };
  const evolving = evolvingDecoder<unknown>(nested, {
    ...nested,
    fields: [...nested.fields, { name: 'more', type: 'int', default: 0 }],
  });
  const long = (count: number): Buffer => {
    const bytes = Buffer.alloc(10);
    return bytes.subarray(0, writeLong(bytes, 0, count));
  };
  // Behind each lie its neighbours, as in a batch.
  const among = (bytes: Buffer): [Buffer, number, number] => {
    const neighbours = Buffer.alloc(1_000_000, 2);
    return [Buffer.concat([bytes, neighbours]), 0, bytes.length];
  };

  it.each([
    ['a count beyond any memory', [long(2 ** 50), long(0), long(0)]],
    ['a count of its neighbours', [long(400_000), long(0), long(0)]],
    ['a negative count without end', [long(-(2 ** 50)), long(8), long(0), long(0)]],
    ['a block that ends before it began', [long(-1), long(-3), long(0), long(0), long(0)]],
    ['an item that ends before its block began', [long(1), long(-2), long(0), long(0), long(0)]],
    ['a map beyond any memory', [long(0), long(2 ** 45), long(0)]],
  ])('is told at once: %s', (_, pieces) => {
    const bytes = among(Buffer.concat(pieces));
    for (const read of [codec.decode, codec.check, evolving]) expect(() => read(...bytes)).toThrow();
  });

  it('is no block with a size, which is as good as one without', () => {
    const body = Buffer.concat([long(1), Buffer.from('a')]);
    const bytes = Buffer.concat([long(-1), long(body.length), body, long(0), long(0), long(0)]);
    expect(codec.decode(bytes)).toEqual({ tags: ['a'], counts: {}, parts: [] });
    expect(() => codec.check(bytes)).not.toThrow();
    expect(evolving(codec.encode(value))).toEqual({ ...value, more: 0 });
    expect(codec.decode(codec.encode(value))).toEqual(value);
  });
});

describe('writeLong', () => {
  it('agrees with avsc, beyond 32 bits and below zero too', () => {
    const type = avsc.Type.forSchema('long');
    for (const value of [0, 1, -1, 63, 64, -64, -65, 2 ** 31, 2 ** 40 + 7, -(2 ** 40), Number.MAX_SAFE_INTEGER / 2]) {
      const bytes = Buffer.alloc(10);
      expect(bytes.subarray(0, writeLong(bytes, 0, Math.floor(value)))).toEqual(type.toBuffer(Math.floor(value)));
    }
  });
});

describe('container', () => {
  it('is an Avro file of the records with their places, without decoding them', async () => {
    const codec = codecOf<{ who: string; at_ms: number }>(v1);
    const block = ['ada', 'bob'].flatMap((who, i) => [codec.encode({ who, at_ms: i }), positionBytes(3, 2 ** 33 + i)]);
    const file = Buffer.concat(container(v1, 2, block));
    const decoder = Readable.from([file]).pipe(new avsc.streams.BlockDecoder());
    const rows: unknown[] = [];
    for await (const row of decoder) rows.push({ ...(row as object) });
    expect(rows).toEqual([
      { who: 'ada', at_ms: 0, _partition: 3, _offset: 2 ** 33 },
      { who: 'bob', at_ms: 1, _partition: 3, _offset: 2 ** 33 + 1 },
    ]);
  });
});

describe('namespaced', () => {
  it('lets one schema hold two whose types have names in common, referred to in any way', () => {
    const who: AvroRecord = { type: 'record', name: 'Who', fields: [{ name: 'name', type: 'string' }] };
    const kind = { type: 'enum', name: 'Kind', symbols: ['in', 'out'] } as const;
    const visit = (fields: AvroRecord['fields']): AvroRecord => ({ ...v1, namespace: 'a.b', fields });
    const one = visit([
      { name: 'who', type: who },
      { name: 'hosts', type: { type: 'array', items: 'Who' } },
      { name: 'guests', type: { type: 'map', values: ['null', 'a.b.Who'] } },
      { name: 'kind', type: kind },
    ]);
    const other = visit([
      { name: 'who', type: { ...who, namespace: 'c' } },
      { name: 'kind', type: { ...kind, symbols: ['x'] } },
    ]);
    const both = codecOf<unknown>({
      type: 'record',
      name: 'Both',
      fields: [
        { name: 'one', type: namespaced(one, 'left') },
        { name: 'other', type: namespaced(other, 'right') },
      ],
    });
    const ada = { name: 'ada' };
    const value = {
      one: { who: ada, hosts: [ada], guests: { first: null, second: ada }, kind: 'out' },
      other: { who: ada, kind: 'x' },
    };
    expect(both.decode(both.encode(value))).toEqual(value);
  });
});
