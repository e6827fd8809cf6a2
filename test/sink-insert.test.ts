/** What a repeated INSERT leaves in the table, on the real engine. */
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClickHouseService, startClickHouse } from '../embedded/clickhouse/index.ts';
import type { AvroRecord } from '../lib/avro.ts';
import { type ClickHouse, createClickHouse } from '../lib/clickhouse.ts';
import { RecordRange } from '../lib/record-range.ts';
import { header_bytes, type Serde } from '../lib/registry.ts';
import { defineSink, type Sink } from '../lib/sink.ts';
import { type StoredRange, storeRange } from '../lib/sink-insert.ts';
import { defineTopic } from '../lib/topic.ts';
import { unlessErased } from '../sinks/erasure.ts';
import { freshDir } from './instance.ts';

interface Row {
  id: string;
}
const schema: AvroRecord = { type: 'record', name: 'Row', fields: [{ name: 'id', type: 'string' }] };
const topic = defineTopic<Row>({ name: 't', schema, partitions: 1, key: row => row.id });
const sink = defineSink({
  name: 'rows',
  input: topic,
  table: 'rows',
  columns: { id: 'id', kafka_topic_id: '_topic_id', kafka_partition: '_partition', kafka_offset: '_offset' },
});
const framed = (id: string): Buffer => Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), topic.codec.encode({ id })]);
const serde: Serde<unknown> = {
  topic,
  schema_id: 1,
  serialize: record => framed((record as Row).id),
  write: (record, into, at) => topic.codec.write(record as Row, into, at),
  learn: async () => undefined,
  knows: () => true,
  deserialize: bytes => topic.codec.decode(bytes as Buffer, header_bytes),
  check: (bytes, start = 0, end = bytes.length) => topic.codec.check(bytes, start + header_bytes, end),
};
const rangeOf = (from: number, repeated: boolean): StoredRange => {
  const records = new RecordRange(0, serde);
  // The third is a tombstone: an offset without a row.
  for (const [i, value] of [framed('a'), framed('b'), null, framed('d')].entries()) records.add(from + i, '', value);
  return { topic: 't', topic_id: 'abc', partition: 0, from, to: from + 4, records, repeated };
};

describe('storeRange', () => {
  let service: ClickHouseService;
  let clickhouse: ClickHouse;
  const store = (range: StoredRange, into: Sink = sink): Promise<void> =>
    storeRange(into, range, {
      clickhouse,
      log: pino({ level: 'silent' }),
      signal: new AbortController().signal,
      onRetry: () => undefined,
    });
  const stored = (from: number): Promise<{ id: string }[]> =>
    clickhouse.rows(
      `SELECT id FROM rows WHERE kafka_offset >= ${from} AND kafka_offset < ${from + 4} ORDER BY kafka_offset`,
    );
  const whole = [{ id: 'a' }, { id: 'b' }, { id: 'd' }];

  beforeAll(async () => {
    service = await startClickHouse({
      data_dir: freshDir(),
      user: 'default',
      password: 'secret',
      onExit: () => undefined,
    });
    const config = { url: service.url, user: 'default', password: 'secret', database: 'default' };
    const server = createClickHouse(config);
    await server.command('CREATE DATABASE shop');
    await server.close();
    clickhouse = createClickHouse({ ...config, database: 'shop' });
    await clickhouse.command(
      `CREATE TABLE rows (id String, kafka_topic_id String, kafka_partition Int32, kafka_offset Int64)
      ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100`,
    );
  });
  afterAll(async () => {
    await clickhouse?.close();
    await service?.stop();
  });

  it('stores a range, and nothing more when it is repeated', async () => {
    await store(rangeOf(0, false));
    await store(rangeOf(0, true));
    expect(await stored(0)).toEqual(whole);
  });

  it('stores again what is missing although its token is noted', async () => {
    await store(rangeOf(10, false));
    // What a server leaves that is killed between noting the token and keeping the rows.
    await clickhouse.command('ALTER TABLE rows DELETE WHERE kafka_offset >= 10', { mutations_sync: 1 });
    await store(rangeOf(10, false));
    expect(await stored(10), 'the token alone is no proof').toEqual([]);
    await store(rangeOf(10, true));
    expect(await stored(10)).toEqual(whole);
  });

  it('stores what is missing of a range that is partly there', async () => {
    await store(rangeOf(20, false));
    await clickhouse.command('ALTER TABLE rows DELETE WHERE kafka_offset = 21', { mutations_sync: 1 });
    await store(rangeOf(20, true));
    expect(await stored(20)).toEqual(whole);
  });

  it('knows a recreated topic from its namesake', async () => {
    await store(rangeOf(30, false));
    await store({ ...rangeOf(30, true), topic_id: 'def' });
    expect(await stored(30)).toHaveLength(6);
  });

  it('leaves erased persons out, and brings none of them back when a range is repeated', async () => {
    await clickhouse.command('CREATE TABLE erasures (organization_id String, person_id String) ENGINE = Memory');
    const forgetful = { ...sink, tail: unlessErased("'o'", 'id') };
    await store(rangeOf(40, false), forgetful);
    expect(await stored(40)).toEqual(whole);
    await clickhouse.command("INSERT INTO erasures VALUES ('o', 'b'), ('another', 'd')");
    await clickhouse.command("ALTER TABLE rows DELETE WHERE id = 'b'", { mutations_sync: 1 });
    await store(rangeOf(40, true), forgetful);
    expect(await stored(40)).toEqual([{ id: 'a' }, { id: 'd' }]);
    // As past the window of tokens: nothing of it is known any more.
    await clickhouse.command('TRUNCATE TABLE rows');
    await store({ ...rangeOf(40, true), topic_id: 'ghi' }, forgetful);
    expect(await stored(40)).toEqual([{ id: 'a' }, { id: 'd' }]);
  });
});
