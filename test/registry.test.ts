/** One suite of assertions on both kinds of registry: the embedded one, and Apicurio behind Confluent's API. */
import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KafkaService, startKafka } from '../embedded/kafka/index.ts';
import { type KafkaConfig, openTransactionalProducer } from '../lib/kafka.ts';
import { createTopics } from '../lib/kafka-admin.ts';
import { openReader } from '../lib/reader.ts';
import { type Serde, serdeOf } from '../lib/registry.ts';
import { openRegistry, type RegistryConfig, registerSchemas, registryTopics } from '../lib/registry-open.ts';
import type { Topic } from '../lib/topic.ts';
import { topics } from '../schemas/topics.ts';
import { type Apicurio, missingForApicurio, startApicurio } from './apicurio.ts';
import { type Authority, createAuthority } from './certificates.ts';
import { freshDir, type Instance, startInstance } from './instance.ts';
import { first, list, type Order, orders, rawOf, required, withCurrency, withoutTotal } from './orders.ts';

const missing = missingForApicurio();
if (missing) console.warn(`skipped: parity with Apicurio Registry (${missing})`);

const dir = freshDir();
const [username, password] = ['team', 'broker-secret'];
const fetch_ms_max = 300_000;
let broker: KafkaService;
let apicurio: Apicurio | undefined;
let kafka: KafkaConfig;

beforeAll(async () => {
  const embedded = { data_dir: join(dir, 'kafka'), user: username, password, onExit: () => undefined };
  [broker, apicurio] = await Promise.all([startKafka(embedded), missing ? undefined : startApicurio()]);
  kafka = { brokers: broker.bootstrap, replication_factor: 1, sasl: { mechanism: 'plain', username, password } };
  await createTopics(kafka, registryTopics({ kafka }));
}, fetch_ms_max);
afterAll(async () => {
  await Promise.all([apicurio?.stop(), broker?.stop()]);
});

async function send(topic: Topic<Order>, serde: Serde<Order>, order: Order): Promise<void> {
  const producer = await openTransactionalProducer(kafka, 'registry-test');
  await producer.begin();
  producer.produce(topic.name, 0, order.id, serde.serialize(order));
  await producer.commit();
  await producer.close();
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

    const records = await rawOf(kafka, name);
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
    while (read.length < 2) read.push(...(await reader.next(100)).map(record => record.read()));
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

it('a registry that is away is named with a remedy', async () => {
  const orders_ = [orders('orders.v1', first)];
  const away = { kafka, schema_registry: { url: 'http://127.0.0.1:1/base' } };
  await expect(openRegistry(away, orders_)).rejects.toMatchObject({
    code: 'registry.unreachable',
    message: 'no schema registry answers at http://127.0.0.1:1/base: connect ECONNREFUSED 127.0.0.1:1',
    remedy: expect.stringContaining('SCHEMA_REGISTRY_URL'),
    retryable: true,
  });
});

describe.skipIf(missing)('over TLS, with a password', () => {
  let authority: Authority;
  let proxy: Server;
  const configOf = (password: string, ca?: string): RegistryConfig => {
    const { port } = proxy.address() as AddressInfo;
    const { pathname } = new URL((apicurio as Apicurio).url);
    return {
      kafka,
      schema_registry: { url: `https://localhost:${port}${pathname}`, user: 'ada', password, tls: { ca } },
    };
  };
  const topic = orders('orders.tls.v1', first);

  beforeAll(async () => {
    authority = createAuthority(dir);
    const { certificate, key } = authority.issue('registry', 'DNS:localhost');
    const wanted = `Basic ${Buffer.from('ada:secret').toString('base64')}`;
    proxy = createServer({ cert: certificate, key }, (asked, answer) => {
      if (asked.headers.authorization !== wanted) return void answer.writeHead(401).end('<html>no</html>');
      const target = new URL(asked.url ?? '', (apicurio as Apicurio).url);
      const { method, headers } = asked;
      asked.pipe(request(target, { method, headers }, from => from.pipe(answer.writeHead(from.statusCode ?? 502))));
    });
    await new Promise<void>(done => proxy.listen(0, '127.0.0.1', done));
  });
  afterAll(() => {
    proxy?.close();
    proxy?.closeAllConnections();
  });

  it('works where both are right', async () => {
    expect(await registerSchemas(configOf('secret', authority.ca), list(topic))).toEqual([
      `${topic.name}-value version 1`,
    ]);
  });

  it('says which of them is not', async () => {
    await expect(registerSchemas(configOf('wrong', authority.ca), list(topic))).rejects.toMatchObject({
      code: 'registry.refused',
      remedy: expect.stringContaining('SCHEMA_REGISTRY_PASSWORD'),
    });
    await expect(registerSchemas(configOf('secret'), list(topic))).rejects.toMatchObject({
      code: 'registry.unreachable',
      message: expect.stringContaining('certificate'),
    });
  });
});

describe.skipIf(missing)('an instance on a registry of its own', () => {
  let other: Instance;
  beforeAll(async () => {
    const SCHEMA_REGISTRY_URL = (apicurio as Apicurio).url;
    // Ids that do not begin at 1, as in a registry that others use.
    await registerSchemas(
      { kafka, schema_registry: { url: SCHEMA_REGISTRY_URL } },
      list(orders('orders.v0', withCurrency)),
    );
    other = await startInstance({ env: { SCHEMA_REGISTRY_URL } });
  });
  afterAll(async () => {
    expect(await other?.stop()).toBe(0);
  });

  it('takes a mail through all stages, and serves no registry', async () => {
    const mail = { sender: 'ada@acme.example', subject: 'The export fails', content: 'Please help.' };
    const posted = await other.fetch('/api/emails', { method: 'POST', body: JSON.stringify(mail) });
    expect(posted.status).toBe(201);
    const stored = await other.sql<{ subject: string }>('SELECT subject FROM emails');
    expect(stored).toEqual([{ subject: mail.subject }]);
    const subjects = (await (await fetch(`${apicurio?.url}/subjects`)).json()) as string[];
    expect(subjects).toContain(`${topics.emailEnriched.name}-value`);
    const listed = await other.run(['schema', 'list']);
    expect(listed).toMatchObject({ code: 1, stderr: expect.stringContaining('SCHEMA_REGISTRY_URL') });
  });
});
