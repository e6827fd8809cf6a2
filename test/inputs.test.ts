/** Events and webhooks over HTTP, end to end: durable before the answer, once by the sender's id, nothing lost. */
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDir, type Instance, startInstance, until } from './instance.ts';

const secret = 'a-secret-of-the-sender';
const config = join(freshDir(), 'millrace.yaml');
let instance: Instance;

beforeAll(async () => {
  const hooks = `
hooks:
  deals:
    kind: crm
    verify: {scheme: github, secret: ${secret}}
    map: {crm: {value: deal}, id: deal.id, changed_at: deal.updated, email: deal.contact, stage: deal.stage}
`;
  writeFileSync(config, hooks);
  instance = await startInstance({ args: ['--config', config] });
});
afterAll(async () => {
  expect(await instance?.stop()).toBe(0);
});

const event = (id: string, more: object = {}): object => ({
  specversion: '1.0',
  id,
  source: '/test',
  type: 'trial_started',
  data: { email: 'ada@acme.example' },
  ...more,
});
const post = (body: unknown, headers: Record<string, string>): Promise<Response> =>
  instance.fetch('/events', { method: 'POST', body: JSON.stringify(body), headers });
const structured = (body: unknown): Promise<Response> => post(body, { 'content-type': 'application/cloudevents+json' });

interface SourceRow {
  source: string;
  read: number;
  stored: number;
  duplicate: number;
  dead_letter: number;
  balanced: boolean;
}
async function account(source: string): Promise<SourceRow | undefined> {
  const { sources } = await instance.json<{ sources: SourceRow[] }>(['reconcile']);
  return sources.find(row => row.source === source);
}

describe('POST /events', () => {
  it('takes a structured, a binary and a batch request', async () => {
    expect((await structured(event('s-1'))).status).toBe(200);
    const headers = { 'ce-specversion': '1.0', 'ce-id': 'b-1', 'ce-source': '/test', 'ce-type': 'login' };
    expect((await post({ email: 'ada@acme.example' }, { ...headers, 'content-type': 'application/json' })).status).toBe(
      200,
    );
    const batch = await post([event('m-1'), { ...event('m-2'), type: 7 }, event('m-3')], {
      'content-type': 'application/cloudevents-batch+json',
    });
    expect(await batch.json()).toMatchObject({
      accepted: 2,
      refused: 1,
      results: [
        { id: 'm-1', record_id: expect.any(String) },
        { id: 'm-2', detail: expect.stringContaining('type') },
        { id: 'm-3' },
      ],
    });
    expect(await account('events')).toMatchObject({ read: 4, stored: 4, balanced: true });
  });

  it('counts an id that comes again as a duplicate', async () => {
    expect((await structured(event('s-1'))).status).toBe(200);
    expect(await account('events')).toMatchObject({ read: 5, stored: 4, duplicate: 1, balanced: true });
  });

  it.each([
    ['no event', {}, 400],
    ['an unknown version', event('x', { specversion: '2.0' }), 400],
    ['binary data', event('x', { data: undefined, data_base64: 'AAAA' }), 400],
    ['a raw mail', { mail: 'From: a@example.com\n\nhello' }, 400],
  ])('refuses %s and keeps nothing of it', async (_, body, status) => {
    const before = await account('events');
    const response = await structured(body);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('problem+json');
    expect(await account('events')).toEqual({ ...before, read_at: expect.anything() });
  });

  it('refuses what is no CloudEvent, is too long, or comes from someone who may not write', async () => {
    expect((await post({}, { 'content-type': 'text/plain' })).status).toBe(415);
    const long = event('long', { data: { text: 'x'.repeat(5_000_000) } });
    expect((await structured(long)).status).toBe(413);
    const token = await instance.token('viewer');
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/cloudevents+json' };
    expect((await post(event('v'), headers)).status).toBe(403);
    const anyone = await fetch(new URL('/events', instance.url), { method: 'POST', body: '{}' });
    expect(anyone.status).toBe(401);
  });

  it('loses nothing that it has answered, though ingest is killed on the way', async () => {
    const answered: string[] = [];
    for (let i = 0; i < 60; i++) {
      if (i === 30) process.kill(instance.pid('ingest'), 'SIGKILL');
      const response = await structured(event(`k-${i}`)).catch(() => null);
      if (response?.status === 200) answered.push(`k-${i}`);
    }
    expect(answered.length).toBeGreaterThan(29);
    await until('ingest is back', async () => (await structured(event('k-last'))).status === 200);
    // An answer that was lost with the process may have left its event behind; a repetition finds out.
    for (let i = 0; i < 60; i++) expect((await structured(event(`k-${i}`))).status).toBe(200);
    expect(await account('events')).toMatchObject({ stored: 4 + 61, balanced: true });
  });
});

describe('POST /hooks/{name}', () => {
  const deliver = (name: string, id: string, body: string, key = secret): Promise<Response> =>
    fetch(new URL(`/hooks/${name}`, instance.url), {
      method: 'POST',
      body,
      headers: {
        'x-github-delivery': id,
        'x-hub-signature-256': `sha256=${createHmac('sha256', key).update(body).digest('hex')}`,
      },
    });
  const deal = JSON.stringify({
    deal: { id: 'D-1', updated: '2026-01-05T12:00:00Z', contact: 'ada@acme.example', stage: 'proposal' },
  });

  it('takes what is signed, once', async () => {
    const first = await deliver('deals', 'd-1', deal);
    expect(first.status).toBe(202);
    expect(await first.json()).toEqual({ received: 1, dead_letters: 0 });
    expect((await deliver('deals', 'd-1', deal)).status).toBe(202);
    expect(await account('hook:deals')).toMatchObject({ read: 2, stored: 1, duplicate: 1, balanced: true });
    const rows = await instance.sql("SELECT stage, person_id FROM interactions WHERE source = 'hook:deals'");
    expect(rows).toEqual([{ stage: 'proposal', person_id: 'ada@acme.example' }]);
  });

  it('keeps what is signed and cannot be read as a dead letter', async () => {
    const response = await deliver('deals', 'd-2', 'not JSON at all');
    expect(await response.json()).toEqual({ received: 1, dead_letters: 1 });
    expect(await account('hook:deals')).toMatchObject({ read: 3, dead_letter: 1, balanced: true });
  });

  it('refuses another secret and an unknown name', async () => {
    const response = await deliver('deals', 'd-3', deal, 'another-secret');
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain(secret);
    expect((await deliver('nobody', 'd-3', deal)).status).toBe(404);
    expect((await deliver('__proto__', 'd-3', deal)).status).toBe(404);
    expect(await account('hook:deals')).toMatchObject({ read: 3 });
  });
});
