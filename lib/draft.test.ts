import { describe, expect, it } from 'vitest';
import type { AvroRecord } from './avro.ts';
import { draftEncoder, draftFramer } from './draft.ts';
import type { Lineage } from './lineage.ts';
import { header_bytes, type Registry, serdeOf } from './registry.ts';
import { defineTopic } from './topic.ts';

interface Note {
  id: string;
  words: string[];
  lineage: Lineage;
}

const hop: AvroRecord = {
  type: 'record',
  name: 'Hop',
  fields: [
    ...['stage', 'topic'].map(name => ({ name, type: 'string' })),
    ...['version', 'partition', 'offset', 'at_ms'].map(name => ({ name, type: 'long' })),
  ],
};
const lineageSchema: AvroRecord = {
  type: 'record',
  name: 'Lineage',
  fields: [
    { name: 'source', type: 'string' },
    { name: 'sequence', type: 'long' },
    { name: 'origin', type: { type: 'enum', name: 'Origin', symbols: ['live', 'backfill'] } },
    { name: 'ingested_at_ms', type: 'long' },
    { name: 'hops', type: { type: 'array', items: hop } },
  ],
};
const schema: AvroRecord = {
  type: 'record',
  name: 'Note',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'words', type: { type: 'array', items: 'string' } },
    { name: 'lineage', type: lineageSchema },
  ],
};
const topic = defineTopic<Note>({ name: 'note.v1', schema, partitions: 1, key: note => `k/${note.id}` });
const registry: Registry = { idOf: () => 70_000, schemaOf: async () => null };

describe('an encoded draft', () => {
  it('becomes, with its lineage, the very bytes of the whole record', () => {
    const draft = { id: 'ä', words: ['one', ''] };
    const lineage: Lineage = {
      source: 's',
      sequence: 7,
      origin: 'backfill',
      ingested_at_ms: 1.7e12,
      hops: [],
      traceparent: null,
    };
    const serde = serdeOf(registry, topic);
    const encoded = draftEncoder(topic)(draft);
    expect(encoded.key).toBe('k/ä');
    const whole = serde.serialize({ ...draft, lineage });
    expect(draftFramer(topic, whole.subarray(0, header_bytes))(encoded, lineage)).toEqual(whole);
  });

  it('is refused for a record whose last field is another', () => {
    const other = { ...topic, schema: { ...schema, fields: schema.fields.toReversed() } };
    expect(() => draftEncoder(other)).toThrow('does not end with its lineage');
  });
});
