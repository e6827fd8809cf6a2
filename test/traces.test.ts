/** One trace through all roles: a collector of its own gets the spans of one mail, from the request to the row. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import rdkafka from 'node-rdkafka';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDataDir } from '../cli/data-dir.ts';
import { clientSettings } from '../lib/kafka-client.ts';
import { type Instance, startInstance, until } from './instance.ts';

interface SentSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: { stringValue?: string; intValue?: number | string } }[];
}
interface Found {
  readonly role: string;
  readonly span: SentSpan;
}

const spans: Found[] = [];
const bodies: string[] = [];
let collector: Server;
let instance: Instance;

beforeAll(async () => {
  collector = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    take(`${Buffer.concat(chunks)}`);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>(done => collector.listen(0, '127.0.0.1', done));
  const { port } = collector.address() as AddressInfo;
  instance = await startInstance({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, OTEL_TRACES_SAMPLER_ARG: '0' },
  });
});
afterAll(async () => {
  await instance?.stop();
  collector?.close();
});

function take(body: string): void {
  bodies.push(body);
  const sent = JSON.parse(body) as {
    resourceSpans: { resource: { attributes: SentSpan['attributes'] }; scopeSpans: { spans: SentSpan[] }[] }[];
  };
  for (const { resource, scopeSpans } of sent.resourceSpans) {
    const role = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
    for (const { spans: some } of scopeSpans) for (const span of some) spans.push({ role, span });
  }
}

const mail = { sender: 'ada@acme.example', subject: 'Invoice 4711 is wrong', content: 'Please correct the invoice.' };
const post = (body: object, headers: Record<string, string> = {}): Promise<Response> =>
  instance.fetch('/api/emails', {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
const named = (name: string): Found => {
  const found = spans.filter(({ span }) => span.name === name);
  expect(found, name).toHaveLength(1);
  return found[0] as Found;
};

const trace_id = '0af7651916cd43dd8448eb211c80319c';

it('a mail that is handed in under a trace is one, from the request to the row', async () => {
  const caller = 'b7ad6b7169203331';
  const response = await post(mail, { traceparent: `00-${trace_id}-${caller}-01` });
  expect(response.status).toBe(201);
  await until('the spans of all roles', async () =>
    ['POST /api/emails', 'insert messages', 'insert interactions', 'process customer'].every(name =>
      spans.some(({ span }) => span.name === name),
    ),
  );

  expect(new Set(spans.map(({ span }) => span.traceId))).toEqual(new Set([trace_id]));
  const way: [string, string][] = [
    ['millrace-api', 'POST /api/emails'],
    ['millrace-api', 'ingest /emails'],
    ['millrace-ingest', 'publish email.received.v1'],
    ['millrace-process', 'process deduplicate'],
    ['millrace-process', 'process enrich-mail'],
    ['millrace-sink', 'insert messages'],
  ];
  let parent = caller;
  for (const [role, name] of way) {
    const found = named(name);
    expect({ role: found.role, parent: found.span.parentSpanId }, name).toEqual({ role, parent });
    expect(BigInt(found.span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(found.span.startTimeUnixNano));
    parent = found.span.spanId;
  }
  // What else came of it hangs on one of these.
  const ids = new Set(spans.map(({ span }) => span.spanId));
  for (const { span } of spans) expect(ids.has(span.parentSpanId ?? '') || span.parentSpanId === caller).toBe(true);

  expect(await firstHeaders('email.received.v1')).toContainEqual({
    traceparent: Buffer.from(`00-${trace_id}-${named('publish email.received.v1').span.spanId}-01`),
  });

  // The span says where the row is.
  const attributes = Object.fromEntries(named('insert messages').span.attributes.map(({ key, value }) => [key, value]));
  const [row] = await instance.sql<{ topic_partition: number; subject: string }>(
    `SELECT subject, kafka_partition AS topic_partition FROM messages
     WHERE kafka_offset = ${Number(attributes['messaging.kafka.offset']?.intValue)}`,
  );
  expect(row?.subject).toBe(mail.subject);
  for (const untold of [mail.sender, 'Invoice', 'correct']) expect(bodies.join()).not.toContain(untold);
});

/** Of the topic's first record, as any consumer sees them. */
async function firstHeaders(topic: string): Promise<rdkafka.MessageHeader[]> {
  const { readRun, secrets } = openDataDir(instance.data_dir);
  const sasl = { mechanism: 'plain' as const, username: 'millrace', password: secrets().kafka };
  const settings = clientSettings({ brokers: readRun()?.kafka ?? '', replication_factor: 1, sasl });
  const consumer = new rdkafka.KafkaConsumer({ ...settings, 'group.id': 'test', 'enable.auto.commit': false }, {});
  await new Promise((done, fail) => consumer.connect({}, error => (error ? fail(error) : done(null))));
  consumer.assign([{ topic, partition: 0, offset: 0 }]);
  try {
    return await until('the first record', () => {
      return new Promise((done, fail) =>
        consumer.consume(1, (error, [message] = []) => (error ? fail(error) : done(message?.headers ?? null))),
      );
    });
  } finally {
    await new Promise(done => consumer.disconnect(done));
  }
}

it('what is not sampled makes no span', async () => {
  const unsampled = '00-0af7651916cd43dd8448eb211c80319d-b7ad6b7169203331-00';
  const none: Record<string, string>[] = [{}, { traceparent: unsampled }, { traceparent: 'none' }];
  for (const headers of none)
    expect((await post({ ...mail, subject: JSON.stringify(headers) }, headers)).status).toBe(201);
  // The spans of a later one come after theirs would have.
  const later = '1af7651916cd43dd8448eb211c80319c';
  await post({ ...mail, subject: 'later' }, { traceparent: `00-${later}-b7ad6b7169203331-01` });
  await until('the later one', async () =>
    spans.some(({ span }) => span.traceId === later && span.name === 'insert messages'),
  );
  expect(spans.filter(({ span }) => ![trace_id, later].includes(span.traceId))).toEqual([]);
});

it('a mail under a trace that is refused is told so, and one whose body is no JSON', async () => {
  const traceparent = '00-2af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  expect((await post({ subject: 'no sender' }, { traceparent })).status).toBe(400);
  const response = await instance.fetch('/api/emails', { method: 'POST', body: 'no JSON', headers: { traceparent } });
  expect(response.status).toBe(400);
});
