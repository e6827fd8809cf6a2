/** TLS and SASL with a private authority: to a real broker, and to the database behind a TLS proxy. */
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../embedded/child.ts';
import { type ClickHouseService, startClickHouse } from '../embedded/clickhouse/index.ts';
import { createClickHouse } from '../lib/clickhouse.ts';
import { type KafkaConfig, openTransactionalProducer, readToEnd } from '../lib/kafka.ts';
import { createTopics, topicIds } from '../lib/kafka-admin.ts';
import { defineTopic, type Topic } from '../lib/topic.ts';
import { type Broker, startBroker } from './broker.ts';
import { type Authority, createAuthority } from './certificates.ts';
import { type CommandResult, freshDir, runCommand } from './instance.ts';

const dir = freshDir();
const password = 'a-generated-secret';
const secret_path = join(dir, 'password');
let authority: Authority;

beforeAll(() => {
  authority = createAuthority(dir);
  // As an editor leaves it: the line's end is no part of the secret.
  writeFileSync(secret_path, `${password}\n`);
});

/** A command with nothing of this process's environment but what it needs to run. */
function command(name: string, env: Record<string, string>): Promise<CommandResult> {
  return runCommand([name], '', { PATH: process.env.PATH ?? '', ...env });
}

describe('Kafka', () => {
  let broker: Broker;
  let sasl_port: number;
  let mutual_port: number;

  const topicOf = (name: string): Topic<never> =>
    defineTopic({
      name,
      schema: { type: 'record', name: 'Row', fields: [] },
      partitions: 1,
      key: () => '',
    }) as unknown as Topic<never>;
  const signIn = (change: Partial<KafkaConfig> = {}): KafkaConfig => ({
    brokers: `localhost:${sasl_port}`,
    replication_factor: 1,
    sasl: { mechanism: 'scram-sha-512', username: 'millrace', password },
    tls: { enabled: true, ca: authority.ca },
    ...change,
  });

  beforeAll(async () => {
    const [client, internal, controller, mutual] = (await freePorts(4)) as [number, number, number, number];
    sasl_port = client;
    mutual_port = mutual;
    const server = authority.issue('broker', 'DNS:localhost');
    broker = await startBroker({
      dir: join(dir, 'kafka'),
      properties: propertiesOf({ client, internal, controller, mutual }, server.path, authority.ca_path),
      user: 'millrace',
      password,
      port: internal,
    });
  });
  afterAll(async () => broker?.stop());

  /** Both clients: administration through the one, records through the other. */
  async function works(kafka: KafkaConfig, name: string): Promise<void> {
    await createTopics(kafka, [topicOf(name)]);
    expect((await topicIds(kafka)).has(name)).toBe(true);
    const producer = await openTransactionalProducer(kafka, name);
    await producer.begin();
    producer.produce(name, 0, 'key', Buffer.from('value'));
    await producer.commit();
    await producer.close();
    const values: string[] = [];
    await readToEnd(kafka, [{ topic: name, partition: 0 }], (batch, i) => void values.push(String(batch.value(i))));
    expect(values).toEqual(['value']);
  }

  const admin = (kafka: KafkaConfig): Promise<unknown> => createTopics(kafka, [topicOf('never')]);
  const producer = (kafka: KafkaConfig): Promise<unknown> => openTransactionalProducer(kafka, 'never');
  const clients = [
    ['kafkajs', admin],
    ['librdkafka', producer],
  ] as const;

  it('signs in with SCRAM over TLS', () => works(signIn(), 'by-scram'));

  it('signs in with PLAIN over TLS', () =>
    works(signIn({ sasl: { mechanism: 'plain', username: 'millrace', password } }), 'by-plain'));

  it('signs in with a client certificate', async () => {
    const { certificate, key } = authority.issue('client', 'DNS:client');
    const tls = { enabled: true, ca: authority.ca, certificate, key };
    const { sasl: _, ...kafka } = signIn({ brokers: `localhost:${mutual_port}`, tls });
    await works(kafka, 'by-certificate');
  });

  it.concurrent.each(clients)('%s refuses a broker that no known authority vouches for', async (_, connect) => {
    await expect(connect(signIn({ tls: { enabled: true } }))).rejects.toThrow(/certificate/i);
  });

  it.concurrent.each(clients)('%s refuses a broker under another name', async (_, connect) => {
    await expect(connect(signIn({ brokers: `127.0.0.1:${sasl_port}` }))).rejects.toThrow(/certificate|altname/i);
  });

  it.concurrent.each(clients)('%s says that the password is wrong', async (_, connect) => {
    const sasl = { mechanism: 'scram-sha-512', username: 'millrace', password: 'wrong' } as const;
    await expect(connect(signIn({ sasl }))).rejects.toThrow(/authentication failed|invalid credentials/i);
  });

  it('is configured by variables that name files', async () => {
    const env = {
      KAFKA_BROKERS: `localhost:${sasl_port}`,
      KAFKA_TLS_CA_FILE: authority.ca_path,
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'millrace',
      KAFKA_SASL_PASSWORD_FILE: secret_path,
      CLICKHOUSE_URL: 'http://127.0.0.1:1',
    };
    expect(await command('topics', env)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^created \d+ topics/),
    });
    const { KAFKA_TLS_CA_FILE: _, ...untrusting } = env;
    const refused = await command('topics', { ...untrusting, KAFKA_TLS: 'true' });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: .*certificate.*\n.*→ check /) });
  });
});

/** The compose file's own properties, with its one listener under TLS and a second one that asks for a certificate. */
function propertiesOf(
  ports: Record<'client' | 'internal' | 'controller' | 'mutual', number>,
  keystore: string,
  truststore: string,
): string {
  const published = readFileSync(join(import.meta.dirname, '../deploy/compose/kafka/server.properties'), 'utf8');
  const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
  const moved = published
    .replaceAll('CLIENT://0.0.0.0:9092', `CLIENT://127.0.0.1:9092,MUTUAL://127.0.0.1:${ports.mutual}`)
    .replaceAll('CLIENT://kafka:9092', `CLIENT://localhost:9092,MUTUAL://localhost:${ports.mutual}`)
    .replaceAll('9092', String(ports.client))
    .replaceAll('9093', String(ports.controller))
    .replaceAll('9094', String(ports.internal))
    .replace('CLIENT:SASL_PLAINTEXT', 'CLIENT:SASL_SSL,MUTUAL:SSL')
    .replace('sasl.enabled.mechanisms=SCRAM-SHA-512', 'sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN')
    .replace('/var/lib/kafka/data', dir);
  return `${moved}
listener.name.client.plain.sasl.jaas.config=${plain} user_millrace="${password}";
ssl.keystore.type=PEM
ssl.keystore.location=${keystore}
ssl.truststore.type=PEM
ssl.truststore.location=${truststore}
listener.name.mutual.ssl.client.auth=required
`;
}

describe('ClickHouse', () => {
  let service: ClickHouseService;
  let proxy: Server;
  let port: number;

  beforeAll(async () => {
    service = await startClickHouse({ data_dir: join(dir, 'ch'), user: 'default', password, onExit: () => undefined });
    proxy = proxyTo(service.url, authority.issue('database', 'DNS:localhost'));
    await new Promise<void>(done => proxy.listen(0, '127.0.0.1', done));
    port = (proxy.address() as AddressInfo).port;
  });
  afterAll(async () => {
    proxy?.close();
    proxy?.closeAllConnections();
    await service?.stop();
  });

  const ask = async (host: string, ca: string | undefined, secret = password): Promise<unknown> => {
    const url = `https://${host}:${port}`;
    const clickhouse = createClickHouse({ url, user: 'default', password: secret, database: 'default', tls: { ca } });
    return clickhouse.rows('SELECT 1 AS one').finally(clickhouse.close);
  };

  it('is reached over TLS', async () => expect(await ask('localhost', authority.ca)).toEqual([{ one: 1 }]));

  it('is refused where no known authority vouches for it', () =>
    expect(ask('localhost', undefined)).rejects.toThrow(/certificate/));

  it('is refused under another name', () => expect(ask('127.0.0.1', authority.ca)).rejects.toThrow(/altnames/));

  it('says that the password is wrong', () =>
    expect(ask('localhost', authority.ca, 'wrong')).rejects.toThrow(/Authentication failed/));

  it('is configured by variables that name files', async () => {
    const env = {
      KAFKA_BROKERS: '127.0.0.1:1',
      CLICKHOUSE_URL: `https://localhost:${port}`,
      CLICKHOUSE_PASSWORD_FILE: secret_path,
      CLICKHOUSE_TLS_CA_FILE: authority.ca_path,
    };
    expect(await command('migrate', env)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^applied 001/) });
    const { CLICKHOUSE_TLS_CA_FILE: _, ...untrusting } = env;
    const refused = await command('migrate', untrusting);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: .*certificate.*\n.*→ check /) });
  });
});

function proxyTo(url: string, { certificate, key }: { certificate: string; key: string }): Server {
  return createServer({ cert: certificate, key }, (incoming, reply) => {
    const { method, headers } = incoming;
    const outgoing = request(new URL(incoming.url ?? '/', url), { method, headers }, answer => {
      reply.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(reply);
    });
    incoming.pipe(outgoing);
  });
}
