import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MillraceError } from './errors.ts';
import { type FaultReports, openFaultReports } from './fault-reports.ts';
import type { LoggedFault } from './log.ts';
import { Problem } from './problem.ts';

let reports: FaultReports;
let sent: string[];
let answer: () => Promise<Response>;

beforeEach(() => {
  sent = [];
  answer = async () => new Response('{}');
  vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
    sent.push(String(init.body));
    return answer();
  });
  reports = openFaultReports({
    dsn: 'https://key@sentry.example.com/1',
    environment: 'test',
    version: '1.2.3',
    role: 'sink',
    instance: '7',
    secrets: ['broker-secret'],
  });
});
afterEach(() => void vi.unstubAllGlobals());

const tell = (error: unknown, fields: LoggedFault['fields'] = {}, fatal = false): void =>
  reports.tell({ fatal, message: 'it failed', fields: { ...fields, error } });
const eventsOf = async (): Promise<Record<string, unknown>[]> => {
  await reports.flush();
  return sent.map(envelope => JSON.parse(envelope.split('\n')[2] ?? ''));
};

it('a fault is told with who it happened to, where, and its stack', async () => {
  tell(new TypeError('x is undefined'), { route: '/api/things/:id', request_id: 'abc', organization_id: 'acme' }, true);
  const [event] = await eventsOf();
  expect(event).toMatchObject({
    level: 'fatal',
    message: 'it failed',
    release: 'millrace@1.2.3',
    environment: 'test',
    server_name: '7',
    tags: { role: 'sink', instance: '7', route: '/api/things/:id', request_id: 'abc' },
    exception: { values: [{ type: 'TypeError', value: 'x is undefined' }] },
  });
  expect(JSON.stringify(event)).toContain('fault-reports.test');
  for (const absent of ['acme', 'breadcrumbs', '"user"', '"request"', 'vars', 'infer_ip":"auto"'])
    expect(sent.join()).not.toContain(absent);
});

it('secrets, addresses and quoted text are told of no error and of no cause', async () => {
  const cause = new Error('ada@acme.example wrote "Dear Sir"');
  tell(new MillraceError('kafka', 'refused with broker-secret', { cause }));
  const [event] = await eventsOf();
  expect(event).toMatchObject({ tags: { code: 'kafka' } });
  expect(sent.join()).not.toMatch(/broker-secret|ada@|Dear Sir/);
  expect(sent.join()).toContain('refused with [redacted]');
});

it('a fault is told once, and what is only away is not', async () => {
  const error = new Error('once');
  tell(error);
  tell(error, {}, true);
  tell(new Error('once'));
  tell(new MillraceError('clickhouse', 'does not answer', { retryable: true }));
  tell(new Problem(502, 'ingest does not answer'));
  expect(await eventsOf()).toHaveLength(1);
  tell(new MillraceError('kafka', 'no broker answers', { retryable: true }), {}, true);
  expect(await eventsOf()).toHaveLength(2);
  for (let i = 0; i < 200; i++) tell(new Error(`kind ${i}`));
  expect((await eventsOf()).length).toBeLessThanOrEqual(60);
});

it('who does not answer holds nobody up for long', async () => {
  answer = () => new Promise<Response>(() => undefined);
  tell(new Error('lost'));
  const began_ms = performance.now();
  await reports.flush();
  expect(performance.now() - began_ms).toBeLessThan(4_000);
});
