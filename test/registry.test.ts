/** One suite of assertions on both kinds of registry, and the embedded one's API before clients of others. */
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AvroRecord } from '../lib/avro.ts';
import { type KafkaConfig, openTransactionalProducer, readToEnd } from '../lib/kafka.ts';
import { createTopics } from '../lib/kafka-admin.ts';
import { openReader } from '../lib/reader.ts';
import { type Serde, serdeOf } from '../lib/registry.ts';
import { openRegistry, type RegistryConfig, registerSchemas } from '../lib/registry-open.ts';
import { defineTopic, type Topic } from '../lib/topic.ts';
import { topics } from '../schemas/topics.ts';
import { type Apicurio, missingForApicurio, startApicurio } from './apicurio.ts';
import { freshDir, type Instance, startInstance } from './instance.ts';

const missing = missingForApicurio();
if (missing) console.warn(`skipped: parity with Apicurio Registry (${missing})`);

const files = freshDir();
let instance: Instance;
let apicurio: Apicurio | undefined;
let kafka: KafkaConfig;
let token: string;

beforeAll(async () => {
  [instance, apicurio] = await Promise.all([startInstance(), missing ? undefined : startApicurio()]);
  const read = (name: string) => JSON.parse(readFileSync(join(instance.data_dir, name), 'utf8'));
  const sasl = { mechanism: 'plain', username: 'millrace', password: read('secrets.json').kafka } as const;
  kafka = { brokers: read('run.json').kafka, replication_factor: 1, sasl };
  token = await instance.token('viewer');
}, 300_000);
afterAll(async () => {
  await apicurio?.stop();
  expect(await instance?.stop()).toBe(0);
});

// ── The worked example of docs/schemas.md ────────────────────────────────────────────────────────────────────────────

interface Order {
  id: string;
  total: number;
  currency?: string | null;
}

const first: AvroRecord = {
  type: 'record',
  name: 'Order',
  namespace: 'shop',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'total', type: 'double' },
  ],
};
const currency = { name: 'currency', type: ['null', 'string'], default: null } as const;
const withCurrency: AvroRecord = { ...first, fields: [...first.fields, currency] };
const required: AvroRecord = { ...withCurrency, fields: [...withCurrency.fields, { name: 'tax', type: 'double' }] };
const withoutTotal: AvroRecord = {
  ...withCurrency,
  fields: withCurrency.fields.filter(({ name }) => name !== 'total'),
};

const orders = (name: string, schema: AvroRecord) =>
  defineTopic<Order>({ name, schema, partitions: 1, key: order => order.id });
const list = (...some: Topic<Order>[]) => some as unknown as Topic<never>[];

async function send(topic: Topic<Order>, serde: Serde<Order>, order: Order): Promise<void> {
  const producer = await openTransactionalProducer(kafka, 'registry-test');
  await producer.begin();
  await producer.produce(topic.name, 0, order.id, serde.serialize(order));
  await producer.commit();
  await producer.close();
}

async function rawOf(topic: string, partitions = 1): Promise<Buffer[]> {
  const values: Buffer[] = [];
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  await readToEnd(kafka, all, (batch, i) => void values.push(Buffer.from(batch.value(i) as Buffer)));
  return values;
}

const kinds = {
  'the embedded registry': (): RegistryConfig => ({ kafka }),
  ...(missing ? {} : { Apicurio: () => ({ kafka, schema_registry: { url: (apicurio as Apicurio).url } }) }),
} satisfies Record<string, () => RegistryConfig>;

describe.each(Object.entries(kinds))('%s', (kind, configOf) => {
  const name = `orders.${kind === 'Apicurio' ? 'apicurio' : 'embedded'}.v1`;
  const [v1, v2] = [orders(name, first), orders(name, withCurrency)];

  it('registers a schema once', async () => {
    expect(await registerSchemas(configOf(), list(v1))).toEqual([`${name}-value version 1`]);
    expect(await registerSchemas(configOf(), list(v1))).toEqual([]);
    const described = orders(name, { ...first, doc: 'What was sold.' });
    expect(await registerSchemas(configOf(), list(described)), 'another word of documentation').toEqual([]);
    const ids = await Promise.all([v1, described].map(topic => openRegistry(configOf(), [topic])));
    expect(ids[0]?.idOf(v1 as never)).toBe(ids[1]?.idOf(described as never));
  });

  it('lets an optional field in: old and new consumers read old and new records', async () => {
    await createTopics(kafka, list(v1));
    const before = serdeOf(await openRegistry(configOf(), [v1]), v1);
    await send(v1, before, { id: 'a', total: 10 });

    expect(await registerSchemas(configOf(), list(v2))).toEqual([`${name}-value version 2`]);
    const after = serdeOf(await openRegistry(configOf(), [v2]), v2);
    expect(after.schema_id).not.toBe(before.schema_id);
    await send(v2, after, { id: 'b', total: 20, currency: 'EUR' });

    const records = await rawOf(name);
    const by = (serde: Serde<Order>) => Promise.all(records.map(bytes => serde.deserialize(bytes)));
    // `before` was opened before version 2 was there, and has to look it up.
    expect(await by(before)).toEqual([
      { id: 'a', total: 10 },
      { id: 'b', total: 20 },
    ]);
    expect(await by(after)).toEqual([
      { id: 'a', total: 10, currency: null },
      { id: 'b', total: 20, currency: 'EUR' },
    ]);
    const reader = await openReader(configOf(), [v1], 'earliest');
    const read: unknown[] = [];
    while (read.length < 2) read.push(...(await reader.next(100)).map(({ value }) => value));
    await reader.close();
    expect(read).toEqual(await by(before));
    expect(await registerSchemas(configOf(), list(v1)), 'a downgrade registers nothing').toEqual([]);
  });

  it('refuses a required field, naming subject and version, and changes nothing', async () => {
    const refused = registerSchemas(configOf(), list(orders(name, required), orders(`${name}.more`, first)));
    await expect(refused).rejects.toMatchObject({
      code: 'registry.incompatible',
      message: expect.stringMatching(`^${name}-value: the new schema cannot read version 2: .*tax`),
      remedy: expect.stringContaining('default'),
    });
    const other = orders(`${name}.more`, first);
    const registry = await openRegistry(configOf(), [v2, other]);
    expect(registry.idOf(v2 as never)).toBeTypeOf('number');
    expect(() => registry.idOf(other as never)).toThrow('is not registered');
  });

  it('says of an unknown id that it is unknown', async () => {
    const registry = await openRegistry(configOf(), [v1]);
    expect(await registry.schemaOf(2_147_483_000)).toBeNull();
    expect(await registry.schemaOf(-5)).toBeNull();
    const bytes = Buffer.from([0, 0x7f, 0xff, 0xff, 0, 1, 2, 3]);
    await expect(async () => serdeOf(registry, v1).deserialize(bytes)).rejects.toMatchObject({
      code: 'avro.unknown-schema',
    });
  });
});

describe.skipIf(missing)('a registry that others write too', () => {
  const name = 'orders.shared.v1';
  const config = (): RegistryConfig => ({ kafka, schema_registry: { url: (apicurio as Apicurio).url } });
  const at = async (path: string, method: string, body?: unknown) => {
    const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' };
    const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
    const response = await fetch(`${config().schema_registry?.url}${path}`, init);
    return { status: response.status, value: (await response.json()) as Record<string, unknown> };
  };

  it('holds them to our rule, although its own default is none', async () => {
    expect((await at('/config', 'GET')).value).toEqual({ compatibilityLevel: 'NONE' });
    await registerSchemas(config(), list(orders(name, first)));
    expect((await at(`/config/${name}-value`, 'GET')).value).toEqual({ compatibilityLevel: 'BACKWARD' });
    const body = { schema: JSON.stringify(required) };
    expect((await at(`/subjects/${name}-value/versions`, 'POST', body)).status).toBe(409);
  });

  it('is obeyed where its rule is stricter, which stays', async () => {
    await registerSchemas(config(), list(orders(name, withCurrency)));
    await at(`/config/${name}-value`, 'PUT', { compatibility: 'FULL' });
    await expect(registerSchemas(config(), list(orders(name, withoutTotal)))).rejects.toMatchObject({
      code: 'registry.incompatible',
      message: expect.stringContaining(`${name}-value: the new schema`),
    });
    expect((await at(`/config/${name}-value`, 'GET')).value).toEqual({ compatibilityLevel: 'FULL' });
  });

  it('numbers as it likes', async () => {
    const other = await at('/subjects/foreign/versions', 'POST', { schema: JSON.stringify(withoutTotal) });
    const registry = await openRegistry(config(), []);
    expect(await registry.schemaOf(other.value.id as number)).toEqual(withoutTotal);
  });
});

it('a registry that is away, or refuses the sign-in, is named with a remedy', async () => {
  const orders_ = [orders('orders.v1', first)];
  const away = { kafka, schema_registry: { url: 'http://127.0.0.1:1/base' } };
  await expect(openRegistry(away, orders_)).rejects.toMatchObject({
    code: 'registry.unreachable',
    message: 'no schema registry answers at http://127.0.0.1:1/base: connect ECONNREFUSED 127.0.0.1:1',
    remedy: expect.stringContaining('SCHEMA_REGISTRY_URL'),
    retryable: true,
  });
  const unsigned = { kafka, schema_registry: { url: `${instance.url}/registry`, user: 'ada', password: 'wrong' } };
  await expect(openRegistry(unsigned, orders_)).rejects.toMatchObject({
    code: 'registry.refused',
    remedy: expect.stringContaining('SCHEMA_REGISTRY_PASSWORD'),
  });
});

// ── The embedded registry's API ──────────────────────────────────────────────────────────────────────────────────────

describe('the API of the embedded registry', () => {
  const subject = 'email.enriched.v1-value';
  const get = async (path: string, init: RequestInit = {}) => {
    const authorization = `Basic ${Buffer.from(`anyone:${token}`).toString('base64')}`;
    const response = await fetch(`${instance.url}/registry${path}`, { headers: { authorization }, ...init });
    expect(response.headers.get('content-type')).toBe('application/vnd.schemaregistry.v1+json');
    return { status: response.status, value: (await response.json()) as never as Record<string, unknown> };
  };
  const post = (path: string, schema: unknown) =>
    get(path, { method: 'POST', body: JSON.stringify({ schema: JSON.stringify(schema) }) });

  it('answers what Confluent clients ask', async () => {
    const { value: newest } = await get(`/subjects/${subject}/versions/latest`);
    expect(newest).toMatchObject({ subject, version: 1, id: expect.any(Number) });
    const { id, schema } = newest as { id: number; schema: string };
    expect(JSON.parse(schema)).toEqual(topics.emailEnriched.schema);
    expect((await get(`/schemas/ids/${id}`)).value).toEqual({ schema });
    expect((await get(`/schemas/ids/${id}/versions`)).value).toContainEqual({ subject, version: 1 });
    expect((await get('/subjects')).value).toContain(subject);
    expect((await get(`/subjects/${subject}/versions`)).value).toEqual([1]);
    expect((await get(`/subjects/${subject}/versions/1`)).value).toEqual(newest);
    expect((await get(`/subjects/${subject}/versions/1/schema`)).value).toEqual(topics.emailEnriched.schema);
    expect((await get('/schemas/types')).value).toEqual(['AVRO']);
    expect((await get('/config')).value).toEqual({ compatibilityLevel: 'BACKWARD' });
    expect((await get(`/config/${subject}`)).value).toEqual({ compatibilityLevel: 'BACKWARD' });
    expect((await post(`/subjects/${subject}`, topics.emailEnriched.schema)).value).toEqual(newest);
    const path = `/compatibility/subjects/${subject}/versions/latest`;
    expect((await post(path, topics.emailEnriched.schema)).value).toEqual({ is_compatible: true });
    expect((await post(path, first)).value).toEqual({ is_compatible: false });
  });

  it('tells faults in their codes, and that it is read-only', async () => {
    const code = async (asked: ReturnType<typeof get>) => {
      const { status, value } = await asked;
      expect(value.message).toBeTypeOf('string');
      return [status, value.error_code];
    };
    expect(await code(get('/subjects/nothing/versions'))).toEqual([404, 40401]);
    expect(await code(get(`/subjects/${subject}/versions/9`))).toEqual([404, 40402]);
    expect(await code(get('/schemas/ids/999999'))).toEqual([404, 40403]);
    expect(await code(post(`/subjects/${subject}`, first))).toEqual([404, 40403]);
    expect(await code(get(`/subjects/${subject}/versions/first`))).toEqual([422, 42202]);
    expect(await code(post(`/subjects/${subject}`, { type: 'record' }))).toEqual([422, 42201]);
    expect(await code(post(`/subjects/${subject}/versions`, first))).toEqual([422, 42205]);
    expect(await code(get('/subjects', { headers: {} }))).toEqual([401, 401]);
  });

  it('lets a Confluent client decode the topics, and ours stand on it', async () => {
    const mail = { sender: 'ada@acme.example', subject: 'Invoice 4711 is wrong', content: 'Please correct it.' };
    const posted = await instance.fetch('/api/emails', { method: 'POST', body: JSON.stringify(mail) });
    expect(posted.status).toBe(201);
    const url = `${instance.url}/registry`;
    const client = new SchemaRegistry({ host: url, auth: { username: 'anyone', password: token } });
    const { name, partitions } = topics.emailEnriched;
    const decoded = await Promise.all((await rawOf(name, partitions)).map(bytes => client.decode(bytes)));
    expect(decoded).toMatchObject([{ email: { subject: mail.subject } }]);

    const config = { kafka, schema_registry: { url, user: 'anyone', password: token } };
    expect(await registerSchemas(config, [topics.emailEnriched as never])).toEqual([]);
    await expect(registerSchemas(config, list(orders('orders.new.v1', first)))).rejects.toThrow('read-only');
  });

  const kcat = kcatWithAvro();
  it.skipIf(typeof kcat === 'object')('lets kcat print the topics', async () => {
    const [user, password] = [kafka.sasl?.username, kafka.sasl?.password];
    const broker = ['security.protocol=SASL_PLAINTEXT', 'sasl.mechanisms=PLAIN', `sasl.username=${user}`];
    const settings = [...broker, `sasl.password=${password}`].flatMap(setting => ['-X', setting]);
    const registry = `${instance.url.replace('http://', `http://anyone:${token}@`)}/registry`;
    const args = [
      '-b',
      kafka.brokers,
      '-C',
      '-e',
      '-q',
      '-t',
      topics.emailEnriched.name,
      '-s',
      'value=avro',
      '-r',
      registry,
    ];
    const { stdout } = await promisify(execFile)(kcat as string, [...settings, ...args], { timeout: 30_000 });
    expect(stdout).toContain('Invoice 4711 is wrong');
  });
});

/** Its path, or why there is none. Debian's is built without Avro. */
function kcatWithAvro(): string | { absent: string } {
  let absent: string;
  try {
    const version = String(execFileSync('kcat', ['-V']));
    if (version.includes('Avro')) return 'kcat';
    absent = 'kcat is built without Avro';
  } catch {
    absent = 'kcat not found';
  }
  console.warn(`skipped: kcat prints the topics (${absent})`);
  return { absent };
}

// ── The command ──────────────────────────────────────────────────────────────────────────────────────────────────────

describe('millrace schema', () => {
  const write = (name: string, schema: unknown): string => {
    const path = join(files, name);
    writeFileSync(path, JSON.stringify(schema));
    return path;
  };

  it('lists and shows', async () => {
    const listed = await instance.json<{ subject: string; version: number }[]>(['schema', 'list']);
    expect(listed).toContainEqual(expect.objectContaining({ subject: 'orders.embedded.v1-value', version: 2 }));
    expect((await instance.run(['schema', 'list'])).stdout).toMatch(/^subject +version +id/);
    const shown = await instance.run(['schema', 'show', 'orders.embedded.v1', '--version', '1']);
    expect(JSON.parse(shown.stdout)).toEqual(first);
    expect(await instance.json(['schema', 'show', 'orders.embedded.v1'])).toMatchObject({
      version: 2,
      schema: withCurrency,
    });
    expect(await instance.run(['schema', 'show', 'nothing'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('millrace schema list'),
    });
  });

  it('checks', async () => {
    const check = (file: string) => instance.run(['schema', 'check', file, '--subject', 'orders.embedded.v1']);
    expect(await check(write('same.avsc', withCurrency))).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('may follow'),
    });
    expect(await check(write('required.avsc', required))).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^may not follow orders\.embedded\.v1-value version 2: .*tax/),
    });
    expect((await check(write('none.avsc', { type: 'rekord' }))).code).toBe(1);
    expect((await check(join(files, 'absent.avsc'))).code).toBe(2);
  });
});
