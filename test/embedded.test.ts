/** The embedded engines, started the way `millrace up` starts them, through the clients the pipeline uses. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import avro from 'avsc';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClickHouseService, startClickHouse } from '../embedded/clickhouse/index.ts';
import { type KafkaService, startKafka } from '../embedded/kafka/index.ts';
import { packageRoot } from '../embedded/root.ts';
import { until } from './instance.ts';

const user = 'millrace';
const password = 'a-generated-secret';
const resident_mb_max = 400;

/** A client that keeps its complaints to itself: errors are what some of these tests are about. */
function clientOf(url: string, options: Parameters<typeof createClient>[0] = {}): ClickHouseClient {
  return createClient({ url, username: user, password, log: { level: 127 }, ...options });
}

async function rowsOf<T>(client: ClickHouseClient, query: string, options: object = {}): Promise<T[]> {
  const result = await client.query({ query, format: 'JSONEachRow', ...options });
  return result.json<T>();
}

function residentMb(pid: number): number {
  const [, kb = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kb) / 1024;
}

function temporaryDirectory(name: string): string {
  return mkdtempSync(join(tmpdir(), `millrace-${name}-`));
}

/** Resolves with the error a service reports when it ends unasked. */
function exitWatch(): { onExit: (error: Error) => void; exited: Promise<Error> } {
  let onExit: (error: Error) => void = () => {};
  const exited = new Promise<Error>(resolve => {
    onExit = resolve;
  });
  return { onExit, exited };
}

describe('ClickHouse', () => {
  const data_dir = temporaryDirectory('clickhouse');
  let service: ClickHouseService;
  let client: ClickHouseClient;

  beforeAll(async () => {
    service = await startClickHouse({ data_dir, user, password, onExit: () => {} });
    client = clientOf(service.url);
    await client.command({ query: 'CREATE DATABASE shop' });
    await client.command({ query: 'CREATE TABLE shop.t (a UInt64, s String) ENGINE = MergeTree ORDER BY a' });
  });

  afterAll(async () => {
    await client?.close();
    await service?.stop();
    rmSync(data_dir, { recursive: true, force: true });
  });

  it('answers pings and keeps its memory small', async () => {
    expect(await client.ping()).toMatchObject({ success: true });
    expect(await client.ping({ select: true })).toMatchObject({ success: true });
    expect(residentMb(service.pid)).toBeLessThan(resident_mb_max);
  });

  it('binds parameters of every shape without touching the statement', async () => {
    const query_params = { s: "it's\ta \\ \n'; DROP", n: [1, 2], t: new Date(0), m: { k: 'v' }, name: 'one' };
    const query =
      'SELECT {s:String} AS s, {n:Array(UInt8)} AS n, {t:DateTime} AS t, {m:Map(String, String)} AS m FROM system.{name:Identifier}';
    expect(await rowsOf(client, query, { query_params })).toEqual([
      { s: query_params.s, n: [1, 2], t: '1970-01-01 00:00:00', m: { k: 'v' } },
    ]);
    const multipart = clientOf(service.url, { use_multipart_params: true });
    expect(await rowsOf(multipart, 'SELECT {s:String} AS s', { query_params: { s: 'a\r\nb' } })).toEqual([
      { s: 'a\r\nb' },
    ]);
    await multipart.close();
  });

  it('applies settings to one statement only', async () => {
    const query = "SELECT toString(getSetting('max_threads')) AS threads";
    const clickhouse_settings = { max_threads: 3 };
    expect(await rowsOf(client, query, { clickhouse_settings })).toEqual([{ threads: '3' }]);
    expect(await rowsOf(client, query)).not.toEqual([{ threads: '3' }]);
    await expect(rowsOf(client, 'SELECT 1', { clickhouse_settings: { no_such_setting: 1 } })).rejects.toMatchObject({
      code: '115',
    });
  });

  it('inserts arrays, streams, compressed bodies and inline data', async () => {
    const table = 'shop.t';
    const first = await client.insert({ table, values: [{ a: 1, s: 'é' }], format: 'JSONEachRow' });
    expect(first.summary?.written_rows).toBe('1');
    const values = Readable.from(Array.from({ length: 5_000 }, (_, i) => ({ a: 10 + i, s: 'streamed' })));
    await client.insert({ table, values, format: 'JSONEachRow' });
    const packed = clientOf(service.url, { compression: { request: true, response: true } });
    await packed.insert({ table, values: [{ a: 2, s: 'packed' }], format: 'JSONEachRow' });
    await client.command({ query: "INSERT INTO shop.t VALUES (3, 'a;b'), (2 + 2, concat('c', 'd'));" });
    await client.command({ query: 'INSERT INTO shop.t (s, a) FORMAT JSONEachRow {"a":5,"s":"inline"}' });
    expect(await rowsOf(packed, 'SELECT a, s FROM shop.t WHERE a < 10 ORDER BY a')).toEqual([
      { a: 1, s: 'é' },
      { a: 2, s: 'packed' },
      { a: 3, s: 'a;b' },
      { a: 4, s: 'cd' },
      { a: 5, s: 'inline' },
    ]);
    expect(await rowsOf(client, "SELECT count() AS n FROM shop.t WHERE s = 'streamed'")).toEqual([{ n: 5_000 }]);
    await packed.close();
  });

  it('inserts nothing of a body that breaks off', async () => {
    const url = `${service.url}/?query=${encodeURIComponent('INSERT INTO shop.t FORMAT JSONEachRow')}`;
    const headers = { Authorization: `Basic ${btoa(`${user}:${password}`)}`, 'Content-Encoding': 'gzip' };
    const whole = gzipSync(Array.from({ length: 9_999 }, (_, i) => `{"a":${i},"s":"broken ${i}"}\n`).join(''));
    const response = await fetch(url, { method: 'POST', headers, body: whole.subarray(0, whole.length - 100) });
    expect(response.ok).toBe(false);
    await response.text();
    expect(await rowsOf(client, "SELECT count() AS n FROM shop.t WHERE s LIKE 'broken%'")).toEqual([{ n: 0 }]);
  });

  it('answers in whatever format is asked for, each a whole document', async () => {
    const textOf = async (format: 'JSON' | 'CSVWithNames' | 'TabSeparated' | 'JSONCompactEachRowWithNamesAndTypes') =>
      (await client.query({ query: 'SELECT number AS n FROM numbers(200000)', format })).text();
    expect(JSON.parse(await textOf('JSON'))).toMatchObject({ rows: 200_000 });
    for (const format of ['CSVWithNames', 'JSONCompactEachRowWithNamesAndTypes'] as const) {
      expect((await textOf(format)).match(/"n"/g)).toHaveLength(1);
    }
    expect((await textOf('TabSeparated')).split('\n')).toHaveLength(200_001);
    const inText = await client.exec({ query: 'SELECT 1 AS x FORMAT JSONCompact' });
    expect(inText.response_headers['x-clickhouse-format']).toBe('JSONCompact');
    inText.stream.resume();
  });

  it('streams a result larger than it holds, and tells of a fault in the middle', async () => {
    const count = async (query: string) => {
      let rows = 0;
      const result = await client.query({ query, format: 'JSONEachRow' });
      for await (const batch of result.stream()) rows += batch.length;
      return rows;
    };
    expect(await count('SELECT number FROM numbers(2000000)')).toBe(2_000_000);
    expect(residentMb(service.pid)).toBeLessThan(2 * resident_mb_max);
    await expect(count('SELECT number, throwIf(number = 1500000) FROM numbers(2000000)')).rejects.toThrow('throwIf');
  });

  it('ends the query of a client that went away', async () => {
    const gone = new AbortController();
    const query = 'SELECT count() FROM numbers(1000000000000) WHERE number % 7 = 3';
    const asked = client.query({ query, abort_signal: gone.signal });
    const running =
      "SELECT count() AS n FROM system.processes WHERE query LIKE '%1000000000000%7 = 3%' AND query NOT LIKE '%processes%'";
    const are = (n: number) => async () => (await rowsOf<{ n: number }>(client, running))[0]?.n === n;
    await until('it to run', are(1));
    gone.abort();
    await expect(asked).rejects.toThrow();
    await until('it to be ended', are(0));
  });

  it('answers errors as a server does', async () => {
    await expect(rowsOf(client, 'SELEC 1')).rejects.toMatchObject({ code: '62' });
    await expect(rowsOf(client, 'SELECT * FROM nowhere')).rejects.toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' });
    await expect(rowsOf(client, 'SELECT 1; SELECT 2')).rejects.toMatchObject({ code: '62' });
    const huge = `SELECT '${'x'.repeat(17 * 1024 * 1024)}'`;
    await expect(rowsOf(client, huge)).rejects.toMatchObject({ code: '307' });
    const stranger = clientOf(service.url, { password: 'wrong' });
    await expect(rowsOf(stranger, 'SELECT 1')).rejects.toMatchObject({ code: '516' });
    await stranger.close();
  });

  it('reads only where asked to, and then no file of the machine', async () => {
    const clickhouse_settings = { readonly: '1', max_result_rows: '10' } as const;
    const reads = (query: string, query_params = {}) => rowsOf(client, query, { clickhouse_settings, query_params });
    expect(await reads('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await expect(reads('SELECT * FROM numbers(11)')).rejects.toMatchObject({ code: '396' });
    await expect(reads('SELECT 1 SETTINGS max_result_rows = 0')).rejects.toMatchObject({ code: '164' });
    await expect(reads('INSERT INTO shop.t SELECT 1, 2')).rejects.toMatchObject({ code: '164' });
    await expect(reads("SELECT file('/etc/hostname')")).rejects.toMatchObject({ code: '164' });
    await expect(reads("SELECT arrayMap({f:Identifier}, ['/etc/hostname'])", { f: 'file' })).rejects.toMatchObject({
      code: '164',
    });
    const url = `${service.url}/?user=${user}&password=${password}&query=${encodeURIComponent('DROP TABLE shop.t')}`;
    expect((await fetch(url)).headers.get('x-clickhouse-exception-code')).toBe('164');
  });

  it('inserts a batch of nested Avro once, however often its token comes', async () => {
    await client.command({
      query: `CREATE TABLE shop.orders (id String, at DateTime64(3), state LowCardinality(String), buyer_name String,
        items Array(Tuple(name String, count Int32)), note Nullable(String), _offset Int64)
        ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 1000`,
    });
    const query = `INSERT INTO shop.orders (id, at, state, buyer_name, items, note, _offset)
      SELECT id, at, state, buyer.name, items, note, _offset FROM input('id String, at DateTime64(3), state String,
      buyer Tuple(name String), items Array(Tuple(name String, count Int32)), note Nullable(String), _offset Int64') FORMAT Avro`;
    const batch = await ordersContainer(1_000);
    for (let i = 0; i < 2; i++) {
      const settings = {
        insert_deduplication_token: "topic'1:0:0-999",
        async_insert: 0,
        wait_end_of_query: 1,
      } as const;
      const done = await client.exec({ query, values: Readable.from([batch]), clickhouse_settings: settings });
      done.stream.resume();
    }
    expect(await rowsOf(client, 'SELECT count() AS n, uniqExact(id) AS ids FROM shop.orders')).toEqual([
      { n: 1_000, ids: 1_000 },
    ]);
    expect(await rowsOf(client, "SELECT * EXCEPT id FROM shop.orders WHERE id = 'order 7'")).toEqual([
      {
        at: '2024-01-01 00:00:00.007',
        state: 'paid',
        buyer_name: 'Ada 7',
        items: [{ name: 'pen', count: 7 }],
        note: null,
        _offset: 7,
      },
    ]);
  });

  it('inserts a batch twice where the table keeps no window of tokens', async () => {
    const clickhouse_settings = { insert_deduplication_token: 'same' };
    const values = [{ a: 7_777, s: 'twice' }];
    for (let i = 0; i < 2; i++)
      await client.insert({ table: 'shop.t', values, format: 'JSONEachRow', clickhouse_settings });
    expect(await rowsOf(client, "SELECT count() AS n FROM shop.t WHERE s = 'twice'")).toEqual([{ n: 2 }]);
  });

  it('has every acknowledged batch once after kill -9', async () => {
    await client.command({
      query: `CREATE TABLE shop.log (n UInt64) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 1000`,
    });
    const batch_rows = 1_000;
    const insertBatch = (on: ClickHouseClient, batch: number) =>
      on.insert({
        table: 'shop.log',
        values: Array.from({ length: batch_rows }, (_, i) => ({ n: batch * batch_rows + i })),
        format: 'JSONEachRow',
        clickhouse_settings: { insert_deduplication_token: `log:0:${batch}` },
      });

    let acknowledged = 0;
    const { onExit, exited } = exitWatch();
    const victim_dir = data_dir;
    await service.stop();
    service = await startClickHouse({ data_dir: victim_dir, user, password, onExit });
    const writer = clientOf(service.url);
    const writing = (async () => {
      for (;;) {
        await insertBatch(writer, acknowledged);
        acknowledged += 1;
        if (acknowledged === 20) setTimeout(() => process.kill(service.pid, 'SIGKILL'), 5);
      }
    })();
    await expect(writing).rejects.toThrow();
    expect((await exited).message).toContain(service.log_path);

    await Promise.all([writer.close(), client.close()]);
    service = await startClickHouse({ data_dir: victim_dir, user, password, onExit: () => {} });
    client = clientOf(service.url);
    // The one in flight may be there or not, and its token may be noted without its rows: sink-insert.ts sees to that.
    for (let batch = 0; batch < acknowledged; batch++) await insertBatch(client, batch);
    const rows = acknowledged * batch_rows;
    expect(acknowledged).toBeGreaterThanOrEqual(20);
    expect(
      await rowsOf(client, `SELECT count() AS rows, uniqExact(n) AS numbers FROM shop.log WHERE n < ${rows}`),
    ).toEqual([{ rows, numbers: rows }]);
  });
});

/** An Avro object container with every shape the pipeline's records have. */
function ordersContainer(count: number): Promise<Buffer> {
  const type = avro.Type.forSchema({
    type: 'record',
    name: 'Order',
    fields: [
      { name: 'id', type: 'string' },
      { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
      { name: 'state', type: { type: 'enum', name: 'State', symbols: ['open', 'paid'] } },
      { name: 'buyer', type: { type: 'record', name: 'Buyer', fields: [{ name: 'name', type: 'string' }] } },
      {
        name: 'items',
        type: {
          type: 'array',
          items: {
            type: 'record',
            name: 'Item',
            fields: [
              { name: 'name', type: 'string' },
              { name: 'count', type: 'int' },
            ],
          },
        },
      },
      { name: 'note', type: ['null', 'string'], default: null },
      { name: '_offset', type: 'long' },
    ],
  });
  const encoder = new avro.streams.BlockEncoder(type);
  const began_ms = Date.UTC(2024, 0, 1);
  for (let i = 0; i < count; i++) {
    const buyer = { name: `Ada ${i}` };
    const items = [{ name: 'pen', count: i }];
    encoder.write({ id: `order ${i}`, at: began_ms + i, state: 'paid', buyer, items, note: null, _offset: i });
  }
  encoder.end();
  return encoder.toArray().then(chunks => Buffer.concat(chunks as Buffer[]));
}

describe('Kafka', () => {
  const data_dir = temporaryDirectory('kafka');
  let service: KafkaService;
  const { onExit, exited } = exitWatch();

  beforeAll(async () => {
    service = await startKafka({ data_dir, user, password, onExit });
  });

  afterAll(async () => {
    await service?.stop();
    rmSync(data_dir, { recursive: true, force: true });
  });

  const clientWith = (secret: string) =>
    new kafkajs.Kafka({
      brokers: [service.bootstrap],
      sasl: { mechanism: 'plain', username: user, password: secret },
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { retries: 5 },
    });

  it('refuses a wrong password and keeps the right one off its command line', async () => {
    const stranger = clientWith('wrong').admin();
    await expect(stranger.connect()).rejects.toThrow(/authentication/i);
    await stranger.disconnect();
    expect(readFileSync(`/proc/${service.pid}/cmdline`, 'utf8')).not.toContain(password);
    expect(residentMb(service.pid)).toBeLessThan(resident_mb_max);
  });

  it('writes nothing while nothing happens', async () => {
    const log = join(data_dir, 'store', '__cluster_metadata-0', '00000000000000000000.log');
    let bytes = -1;
    await until('its log to stay as it is for 2 s', async () => {
      const before = bytes;
      bytes = statSync(log).size;
      if (bytes !== before) await pause(2_000);
      return bytes === before && bytes > 0;
    });
  });

  it('has every acknowledged record after kill -9', async () => {
    const topic = 'orders';
    const sent = Array.from({ length: 500 }, (_, i) => `record ${i}`);
    await withAdmin(clientWith(password), async admin => {
      await admin.createTopics({ topics: [{ topic, numPartitions: 2, replicationFactor: 1 }], waitForLeaders: true });
    });
    const producer = clientWith(password).producer();
    await producer.connect();
    await producer.send({ topic, acks: -1, messages: sent.map(value => ({ key: value, value })) });
    const fence = join(data_dir, 'server.properties.controller');
    expect(existsSync(fence), 'a new store has nobody to be fenced').toBe(false);
    process.kill(service.pid, 'SIGKILL');
    expect((await exited).message).toContain(service.log_path);
    await producer.disconnect();

    service = await startKafka({ data_dir, user, password, onExit: () => {} });
    expect(existsSync(fence), 'a killed broker is fenced').toBe(true);
    expect((await consume(clientWith(password), topic, sent.length)).sort()).toEqual([...sent].sort());
  });
});

describe('an owner that is killed', () => {
  const data_dir = temporaryDirectory('orphans');
  afterAll(() => rmSync(data_dir, { recursive: true, force: true }));

  it('takes both engines with it', async () => {
    const script = `
      import { startClickHouse } from './dist/embedded/clickhouse/index.js';
      import { startKafka } from './dist/embedded/kafka/index.js';
      const [data_dir, user, password] = process.argv.slice(1);
      const onExit = error => { throw error; };
      const options = name => ({ data_dir: data_dir + '/' + name, user, password, onExit });
      const services = await Promise.all([startClickHouse(options('clickhouse')), startKafka(options('kafka'))]);
      process.stdout.write(JSON.stringify(services.map(({ pid }) => pid)) + '\\n');`;
    const args = ['--input-type=module', '--eval', script, data_dir, user, password];
    const owner = spawn(process.execPath, args, { cwd: packageRoot(), stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(owner.stdout, 'data')) as [Buffer];
    const pids = JSON.parse(String(line)) as number[];
    expect(pids.filter(isAlive)).toEqual(pids);
    owner.kill('SIGKILL');
    await until('both to end', async () => !pids.some(isAlive));
  });
});

function isAlive(pid: number): boolean {
  try {
    return !/State:\s+Z/.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function withAdmin(kafka: kafkajs.Kafka, work: (admin: kafkajs.Admin) => Promise<void>): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await work(admin).finally(() => admin.disconnect());
}

async function consume(kafka: kafkajs.Kafka, topic: string, count: number): Promise<string[]> {
  const consumer = kafka.consumer({ groupId: 'reader' });
  const values: string[] = [];
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const eachMessage = async ({ message }: kafkajs.EachMessagePayload) => {
        values.push(String(message.value));
        if (values.length === count) resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
    return values;
  } finally {
    await consumer.disconnect();
  }
}
