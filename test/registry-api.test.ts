/** The embedded registry's API before clients of others, and the command that stands on it. */
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KafkaConfig } from '../lib/kafka.ts';
import { openRegistry, registerSchemas } from '../lib/registry-open.ts';
import { topics } from '../schemas/topics.ts';
import { freshDir, type Instance, startInstance } from './instance.ts';
import { first, list, orders, rawOf, required, withCurrency } from './orders.ts';

const files = freshDir();
let instance: Instance;
let kafka: KafkaConfig;
let token: string;

beforeAll(async () => {
  instance = await startInstance();
  const read = (name: string) => JSON.parse(readFileSync(join(instance.data_dir, name), 'utf8'));
  const sasl = { mechanism: 'plain', username: 'millrace', password: read('secrets.json').kafka } as const;
  kafka = { brokers: read('run.json').kafka, replication_factor: 1, sasl };
  token = await instance.token('viewer');
  for (const schema of [first, withCurrency]) await registerSchemas({ kafka }, list(orders('orders.v1', schema)));
});
afterAll(async () => {
  expect(await instance?.stop()).toBe(0);
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
    const { name } = topics.emailEnriched;
    const decoded = await Promise.all((await rawOf(kafka, name)).map(bytes => client.decode(bytes)));
    expect(decoded).toMatchObject([{ email: { subject: mail.subject } }]);

    const config = { kafka, schema_registry: { url, user: 'anyone', password: token } };
    expect(await registerSchemas(config, [topics.emailEnriched as never])).toEqual([]);
    await expect(registerSchemas(config, list(orders('orders.new.v1', first)))).rejects.toThrow('read-only');
  });

  it('tells our own client that its sign-in is refused', async () => {
    const unsigned = { kafka, schema_registry: { url: `${instance.url}/registry`, user: 'ada', password: 'wrong' } };
    await expect(openRegistry(unsigned, [orders('orders.v1', first)])).rejects.toMatchObject({
      code: 'registry.refused',
      remedy: expect.stringContaining('SCHEMA_REGISTRY_PASSWORD'),
    });
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
    const { stdout } = await promisify(execFile)(kcat as string, [...settings, ...args], { timeout: 90_000 });
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
    expect(listed).toContainEqual(expect.objectContaining({ subject: 'orders.v1-value', version: 2 }));
    expect((await instance.run(['schema', 'list'])).stdout).toMatch(/^subject +version +id/);
    const shown = await instance.run(['schema', 'show', 'orders.v1', '--version', '1']);
    expect(JSON.parse(shown.stdout)).toEqual(first);
    expect(await instance.json(['schema', 'show', 'orders.v1'])).toMatchObject({
      version: 2,
      schema: withCurrency,
    });
    expect(await instance.run(['schema', 'show', 'nothing'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('millrace schema list'),
    });
  });

  it('checks', async () => {
    const check = (file: string) => instance.run(['schema', 'check', file, '--subject', 'orders.v1']);
    expect(await check(write('same.avsc', withCurrency))).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('may follow'),
    });
    expect(await check(write('required.avsc', required))).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^may not follow orders\.v1-value version 2: .*tax/),
    });
    expect((await check(write('none.avsc', { type: 'rekord' }))).code).toBe(1);
    expect((await check(join(files, 'absent.avsc'))).code).toBe(2);
  });
});
