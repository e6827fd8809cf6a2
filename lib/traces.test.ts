import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import { codecOf } from './avro.ts';
import { sampledTraceparentOf, traceparentAtEnd, traceparentOf } from './traces.ts';
import { openTracer } from './traces-otlp.ts';

const trace_id = '0af7651916cd43dd8448eb211c80319c';
const parent = `00-${trace_id}-b7ad6b7169203331-01`;
const unsampled = `00-${trace_id}-b7ad6b7169203331-00`;

describe('a traceparent', () => {
  it('is passed over where it is none', () => {
    expect([parent, unsampled].map(traceparentOf)).toEqual([parent, unsampled]);
    expect([parent, unsampled].map(sampledTraceparentOf)).toEqual([parent, null]);
    for (const none of ['', 'x', parent.toUpperCase(), `${parent}-x`, `01${parent.slice(2)}`, 7, null, undefined])
      expect(traceparentOf(none)).toBeNull();
    expect(sampledTraceparentOf(`00-${'0'.repeat(32)}-b7ad6b7169203331-01`)).toBeNull();
  });

  it('is found at the end of a record without decoding it, and costs a byte where there is none', () => {
    const { encode } = codecOf<{ text: string; traceparent: string | null }>({
      type: 'record',
      name: 'Traced',
      fields: [
        { name: 'text', type: 'string' },
        { name: 'traceparent', type: ['null', 'string'], default: null },
      ],
    });
    const between = (bytes: Buffer): string | null =>
      traceparentAtEnd(Buffer.concat([Buffer.from('before'), bytes, Buffer.from('1')]), 6, 6 + bytes.length);
    expect(between(encode({ text: 'a', traceparent: parent }))).toBe(parent);
    expect(encode({ text: 'a', traceparent: null })).toHaveLength(1 + 1 + 1);
    for (const text of ['a', parent, '1'.repeat(100)]) expect(between(encode({ text, traceparent: null }))).toBeNull();
    expect(between(Buffer.from('1'.repeat(100)))).toBeNull();
    expect(between(Buffer.from('1'))).toBeNull();
  });
});

describe('a tracer', () => {
  const received: { url: string | undefined; key: unknown; body: string }[] = [];
  const collector = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push({ url: request.url, key: request.headers['x-key'], body: `${Buffer.concat(chunks)}` });
    response.end('{}');
  });
  afterAll(() => void collector.close());

  async function tracer(ratio: number, port?: number) {
    if (!collector.listening) await new Promise<void>(done => collector.listen(0, '127.0.0.1', done));
    return openTracer({
      endpoint: `http://127.0.0.1:${port ?? (collector.address() as AddressInfo).port}/`,
      headers: { 'x-key': 'a key' },
      ratio,
      version: '1.2.3',
      role: 'sink',
      instance: '7',
      log: pino({ level: 'silent' }),
    });
  }

  it('makes a span of what is sampled, part of its parent, and sends it', async () => {
    const { begin, close } = await tracer(0);
    expect(begin('alone', 'server', null)).toBeNull();
    expect(begin('not wanted', 'server', unsampled)).toBeNull();
    const span = begin('insert messages', 'client', parent, { 'db.collection.name': 'messages' });
    expect(span?.traceparent).toMatch(new RegExp(`^00-${trace_id}-[0-9a-f]{16}-01$`));
    span?.end({ rows: 7 }, 'refused');
    await close();
    const [{ url, key, body } = { url: '', key: '', body: '{}' }, ...more] = received;
    expect([url, key, more]).toEqual(['/v1/traces', 'a key', []]);
    const [resource] = JSON.parse(body).resourceSpans;
    expect(resource.resource.attributes).toContainEqual({
      key: 'service.name',
      value: { stringValue: 'millrace-sink' },
    });
    const [sent, ...others] = resource.scopeSpans[0].spans;
    expect(others).toEqual([]);
    expect(sent).toMatchObject({
      traceId: trace_id,
      parentSpanId: 'b7ad6b7169203331',
      spanId: span?.traceparent.split('-')[2],
      name: 'insert messages',
      status: { code: 2, message: 'refused' },
    });
  });

  it('begins traces as often as it is told to', async () => {
    const { begin, close } = await tracer(1);
    const span = begin('alone', 'server', null);
    expect(sampledTraceparentOf(span?.traceparent)).not.toBeNull();
    await close();
  });

  it('ends in time though nobody takes the spans', async () => {
    const { begin, close } = await tracer(1, 1);
    begin('lost', 'server', null)?.end();
    const began_ms = performance.now();
    await close();
    expect(performance.now() - began_ms).toBeLessThan(6_000);
  });
});
