import { describe, expect, it } from 'vitest';
import type { AvroRecord } from './avro.ts';
import { defineSink, insertStatement, structureOf } from './sink.ts';
import { defineTopic } from './topic.ts';

const schema: AvroRecord = {
  type: 'record',
  name: 'Row',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'at_ms', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'from', type: { type: 'record', name: 'Address', fields: [{ name: 'name', type: 'string' }] } },
    { name: 'to', type: { type: 'array', items: 'Address' } },
    { name: 'score', type: ['null', 'double'], default: null },
    { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['a', 'b'] } },
    { name: 'tags', type: { type: 'map', values: 'double' } },
  ],
};

describe('structureOf', () => {
  it('maps every Avro type, references by name too', () => {
    expect(structureOf(schema)).toBe(
      "`id` String, `at_ms` DateTime64(3, 'UTC'), `from` Tuple(`name` String), `to` Array(Tuple(`name` String)), " +
        '`score` Nullable(Float64), `kind` String, `tags` Map(String, Float64), _partition Int32, _offset Int64',
    );
  });

  it('refuses a union that no column can hold', () => {
    expect(() => structureOf({ ...schema, fields: [{ name: 'x', type: ['int', 'string'] }] })).toThrow('union');
  });
});

describe('insertStatement', () => {
  it('is one INSERT whose SELECT maps the columns', () => {
    const input = defineTopic({
      name: 't',
      schema: { ...schema, fields: schema.fields.slice(0, 1) },
      partitions: 1,
      key: () => '',
    });
    const sink = defineSink({
      name: 's',
      input,
      table: 'rows',
      columns: { key: 'upper(id)', kafka_topic_id: '_topic_id', place: '_offset' },
      tail: 'WHERE id != 1',
    });
    expect(insertStatement(sink, 'abc')).toBe(
      "INSERT INTO rows (`key`, `kafka_topic_id`, `place`) SELECT upper(id), 'abc', _offset FROM input('`id` String, _partition Int32, _offset Int64') WHERE id != 1 FORMAT Avro",
    );
  });
});
