/** What each kind of dead letter is read anew by, and that it is replayed once. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EncodedDraft } from '../../lib/draft.ts';
import type { Registry } from '../../lib/registry.ts';
import { serdeOf } from '../../lib/registry.ts';
import { topics } from '../../schemas/topics.ts';
import { hooksSettings } from '../hooks/settings.ts';
import { sourceOf } from '../imports.ts';
import type { LetterToReplay, Reread } from './letter.ts';
import { createRereader } from './reread.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-replay-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const owner = { organization_id: 'test', mailbox: 'in@x.example', owner_id: '', team_id: '' };
const own_id = 7;
const registry: Registry = { idOf: () => own_id, schemaOf: async () => null };
const hooks = hooksSettings.parse({
  deals: {
    kind: 'crm',
    verify: { scheme: 'token', secret: 'long enough' },
    map: { crm: { value: 'deal' }, id: 'id', changed_at: 'at', stage: 'stage' },
  },
});
const deals = join(folder, 'deals.csv');
writeFileSync(deals, 'Record ID,Deal Name,Deal Stage,Amount\n1,One,open,x\n');
const csv = await sourceOf(deals, null, owner, 0);
const reread = createRereader({ registry, hooks, sourceOf: async (_, source) => (source === csv.source ? csv : null) });

const put: string[] = [];
const store = {
  put: async (bytes: Uint8Array, sha256 = '') => {
    put.push(Buffer.from(bytes).toString());
    return { sha256, size_bytes: bytes.byteLength };
  },
};
const letter = (change: Partial<LetterToReplay>): LetterToReplay => ({
  dead_letter_id: 'a/1',
  owner,
  stage: 'ndjson',
  cause: 'schema',
  source: 'a',
  topic: null,
  original_sha256: '0'.repeat(64),
  original_size_bytes: 1,
  ...change,
});

function told(read: Reread): unknown {
  if ('refusal' in read) return `${read.refusal.cause}: ${read.refusal.message}`;
  const { topic, draft } = read;
  return [topic.name, draft instanceof EncodedDraft ? draft.key : topic.key(draft)];
}
const again = async (change: Partial<LetterToReplay>, bytes: string | Buffer): Promise<unknown> =>
  told(await reread(letter(change), Buffer.from(bytes as Buffer), store));

describe('from outside', () => {
  const crm = '{"crm": "deal", "id": "D1", "changed_at": "2025-01-01", "stage": "won"}';
  const mail = 'From: a@x.example\nMessage-ID: <m@x>\n\nhello\n';

  it.each([
    ['a mail', { stage: 'mbox', cause: 'not-a-mail' }, mail, 'email.received.v1'],
    ['a mail that a line carried', { stage: 'ndjson', cause: 'not-a-mail' }, mail, 'email.received.v1'],
    ['a line', {}, crm, 'crm.changed.v1'],
    ['a line with its end', {}, `${crm}\r\n`, 'crm.changed.v1'],
    ['a line that carries a mail', {}, JSON.stringify({ mail }), 'email.received.v1'],
    ['a row, by the header of its file', { stage: 'csv', source: csv.source }, '1,One,open,5\n', 'crm.changed.v1'],
    ['a row mended into a line', { stage: 'csv', source: 'gone' }, crm, 'crm.changed.v1'],
    [
      'a delivery, by the settings of its hook',
      { stage: 'submission', source: 'hook:deals' },
      '{"id": 7, "at": 1735600000, "stage": "won"}',
      'crm.changed.v1',
    ],
  ])('%s', async (_, change, bytes, topic) => {
    expect(await again(change, bytes)).toEqual([topic, expect.stringMatching(/^test\//)]);
  });

  it.each([
    ['a mail that is none', { stage: 'mbox' }, 'hello', /^not-a-mail: /],
    // A broken line must not pass for a mail.
    ['a line that is no JSON', { cause: 'json' }, mail, /^json: /],
    ['a row of other columns', { stage: 'csv', source: csv.source }, '1,One', /^csv: the row has 2 cells/],
    ['a row whose file is gone', { stage: 'csv', source: 'gone' }, '1,One,open,5', /^csv: .*NDJSON line/],
    ['a delivery of an unknown hook', { stage: 'submission', source: 'hook:x' }, '{}', /not configured/],
    [
      'a delivery of several records',
      { stage: 'submission', source: 'hook:deals' },
      '[{}, {}]',
      /holds 2 records: leave the one/,
    ],
    ['what is too large for a line', {}, Buffer.alloc(1024 * 1024 + 1), /^too-large: /],
  ])('still refuses %s', async (_, change, bytes, reason) => {
    expect(await again(change, bytes)).toMatch(reason);
  });

  it('keeps what a mail refers to', async () => {
    put.length = 0;
    await again({ stage: 'eml' }, mail);
    expect(put).toEqual([mail]);
  });
});

describe('from a topic', () => {
  const lineage = { source: 'a', sequence: 3, origin: 'live' as const, ingested_at_ms: 1, hops: [], traceparent: null };
  const event = {
    event_id: 'e1',
    owner,
    name: 'login',
    person_email: 'ada@x.example',
    occurred_at_ms: 5,
    received_at_ms: 6,
    data: '{}',
    lineage,
  };
  const { lineage: _, ...draft } = event;
  const from = (name: string, bytes: Buffer | string) => again({ topic: name, stage: 'deduplicate' }, bytes);
  const bytes = (): Buffer => serdeOf(registry, topics.eventReceived).serialize(event);

  it('takes bytes that can be read by now, and JSON', async () => {
    expect(await from('event.received.v1', bytes())).toEqual(['event.received.v1', 'test/e1']);
    expect(await from('event.accepted.v1', JSON.stringify(draft))).toEqual(['event.accepted.v1', 'test/e1']);
    const read = await reread(letter({ topic: 'event.received.v1' }), bytes(), store);
    expect(JSON.parse((read as { form: string }).form)).toEqual(draft);
    expect(read).not.toHaveProperty('draft.lineage');
  });

  it.each([
    ['other bytes', 'event.received.v1', Buffer.from('nonsense'), /^avro.framing/],
    ['a schema that is still unknown', 'event.received.v1', Buffer.from([0, 0, 0, 0, 9, 1]), /^avro.unknown-schema/],
    ['JSON of another kind', 'event.received.v1', '{"event_id": 5}', /^avro.json: it is no EventReceived/],
    ['half of JSON', 'event.received.v1', '{"event_id"', /^avro.json/],
    [
      'a record of nobody',
      'event.received.v1',
      JSON.stringify({ ...draft, owner: { ...owner, organization_id: '' } }),
      /^owner/,
    ],
    ['positions', 'source.position.v1', '{}', /^not-replayable/],
    ['dead letters', 'dead.letter.v1', '{}', /^not-replayable/],
    ['customers', 'customer.updated.v1', '{}', /^not-replayable/],
  ])('refuses %s', async (_, topic, given, reason) => {
    expect(await from(topic, given)).toMatch(reason);
  });
});
