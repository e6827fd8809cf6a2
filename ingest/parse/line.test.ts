import { describe, expect, it } from 'vitest';
import { parseLine } from './line.ts';

const owner = { organization_id: 'acme', mailbox: '', owner_id: 'u1', team_id: 't1' };
const now_ms = Date.UTC(2025, 0, 15);
const parse = (line: unknown) =>
  parseLine(Buffer.from(typeof line === 'string' ? line : JSON.stringify(line)), owner, now_ms);

const deal = { crm: 'deal', id: 'd-1', changed_at: '2025-01-10T09:30:00Z' };
const event = { specversion: '1.0', id: 'e-1', source: '/app', type: 'signup' };

describe('a CRM change', () => {
  it('becomes a record', () => {
    const line = {
      ...deal,
      operation: 'upsert',
      email: ' Ann@A.Example ',
      name: 'Ann\nLee',
      account: 'A GmbH',
      stage: 'won',
      amount: 1250.5,
      outcome: 'won',
      owner: 'u2',
      fields: { region: 'EMEA', note: '\ud800\0' },
    };
    expect(parse(line)).toEqual({
      kind: 'crm',
      change: {
        change_id: expect.stringMatching(/^[0-9a-f]{32}$/),
        owner: { ...owner, owner_id: 'u2' },
        object: 'deal',
        object_id: 'd-1',
        operation: 'upsert',
        changed_at_ms: Date.UTC(2025, 0, 10, 9, 30),
        received_at_ms: now_ms,
        person_email: 'ann@a.example',
        person_name: 'Ann Lee',
        account: 'A GmbH',
        stage: 'won',
        amount: 1250.5,
        outcome: 'won',
        fields: '{"region":"EMEA","note":"\ufffd\ufffd"}',
      },
    });
  });

  it('has nothing where the line has nothing', () => {
    expect(parse({ ...deal, email: null, amount: null })).toMatchObject({
      change: { operation: 'upsert', person_email: '', stage: null, amount: null, outcome: null, fields: '{}', owner },
    });
  });

  it('has an id of its own: the key order does not matter, the content and the organisation do', () => {
    const idOf = (line: unknown, organization_id = 'acme') => {
      const parsed = parseLine(Buffer.from(JSON.stringify(line)), { ...owner, organization_id }, now_ms + 5);
      return parsed.kind === 'crm' ? parsed.change.change_id : null;
    };
    const { crm, ...rest } = deal;
    expect(idOf({ ...rest, crm })).toBe(idOf(deal));
    expect(
      new Set([idOf(deal), idOf({ ...deal, stage: 'won' }), idOf(deal, 'other'), idOf({ ...deal, change_id: '7' })])
        .size,
    ).toBe(4);
    expect(idOf({ ...deal, change_id: '7', stage: 'won' })).toBe(idOf({ ...deal, change_id: '7' }));
  });

  it('takes a time in the future for now', () => {
    expect(parse({ ...deal, changed_at: '2028-01-01' })).toMatchObject({ change: { changed_at_ms: now_ms } });
  });

  it.each([
    [{ ...deal, amount: '1250' }, 'amount: expected number, received string'],
    [{ ...deal, id: 7 }, 'id: expected string, received number'],
    [{ ...deal, changed_at: 'yesterday' }, 'changed_at: expected an ISO 8601 time such as 2025-03-14T09:30:00Z'],
    [{ ...deal, changed_at: '2025-13-45' }, 'changed_at: expected an ISO 8601 time such as 2025-03-14T09:30:00Z'],
    [{ ...deal, email: 'nobody' }, 'email: '],
    [{ ...deal, amout: 1 }, 'the line: Unrecognized key: "amout"'],
    [
      { ...deal, crm: 'invoice', id: '' },
      'crm: Invalid option: expected one of "contact"|"account"|"lead"|"deal" (and 1 more)',
    ],
    [{ ...deal, id: 'a\0b' }, 'id: expected text without control characters'],
  ])('is refused with the path and what was expected: %j', (line, message) => {
    expect(parse(line)).toEqual({ reject: { cause: 'schema', message: expect.stringContaining(message) } });
  });
});

describe('an event', () => {
  it('becomes a record', () => {
    expect(
      parse({
        ...event,
        time: '2025-01-10T09:30:00+01:00',
        subject: 'Ann@A.example',
        data: { plan: 'pro' },
        traceparent: 'x',
      }),
    ).toEqual({
      kind: 'event',
      event: {
        event_id: expect.stringMatching(/^[0-9a-f]{32}$/),
        owner,
        name: 'signup',
        person_email: 'ann@a.example',
        occurred_at_ms: Date.UTC(2025, 0, 10, 8, 30),
        received_at_ms: now_ms,
        data: '{"plan":"pro"}',
      },
    });
  });

  it('names its person by data.email where the subject is another thing', () => {
    expect(parse({ ...event, subject: 'file-7', data: { email: 'B@b.example' } })).toMatchObject({
      event: { person_email: 'b@b.example' },
    });
    expect(parse({ ...event, data: { email: 7 } })).toMatchObject({ event: { person_email: '' } });
  });

  it('happens now where it says nothing, or a time in the future', () => {
    for (const time of [undefined, '2028-01-01T00:00:00Z'])
      expect(parse({ ...event, time })).toMatchObject({ event: { occurred_at_ms: now_ms } });
  });

  it.each([
    [{ ...event, type: 7 }, 'type: expected string, received number'],
    [{ ...event, data: [1] }, 'data: expected record, received array'],
    [{ ...event, specversion: '0.3' }, 'specversion: expected "1.0"'],
    [{ ...event, data_base64: 'aGk=' }, 'data_base64: expected data to be a JSON object; binary data is not read'],
    [{ specversion: '1.0' }, 'id: expected string, received undefined (and 2 more)'],
  ])('is refused with the path and what was expected: %j', (line, message) => {
    expect(parse(line)).toEqual({ reject: { cause: 'schema', message } });
  });
});

describe('a line', () => {
  it('may be a raw mail', () => {
    const bytes = Buffer.from('From: a@b\n\nä');
    expect(parse({ mail: bytes.toString() })).toEqual({ kind: 'mail', bytes });
    expect(parse({ mail_base64: bytes.toString('base64') })).toEqual({ kind: 'mail', bytes });
    expect(parse({ mail_base64: '%' })).toMatchObject({ reject: { cause: 'schema' } });
    expect(parse({ mail: 7 })).toMatchObject({
      reject: { cause: 'schema', message: 'mail: expected string, received number' },
    });
  });

  it.each([
    ['{"a":', 'json'],
    ['', 'json'],
    ['[]', 'schema'],
    ['null', 'schema'],
    ['"text"', 'schema'],
    ['{"other":1}', 'schema'],
    [
      `{"specversion":"1.0","id":"a","source":"b","type":"c","data":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
      'too-large',
    ],
    ['['.repeat(500_000), 'json'],
  ])('is refused: %.40s', (line, cause) => expect(parse(line)).toMatchObject({ reject: { cause } }));

  it('is refused where it is not UTF-8, or carries more than a record may', () => {
    expect(parseLine(Buffer.from('{"crm":"d\xe9al"}', 'latin1'), owner, now_ms)).toMatchObject({
      reject: { cause: 'encoding' },
    });
    expect(parse({ ...event, data: { text: 'x'.repeat(600_000) } })).toMatchObject({ reject: { cause: 'too-large' } });
  });

  it.each([
    '{"mail": the secret plan}',
    '{"mail": "a", "mail": b the secret plan of ours}',
    '[{"mail":"a"},\nthe secret plan]',
    'the secret',
  ])('is refused without a word of it: %j', line => {
    const { reject } = parse(line) as { reject: { message: string } };
    expect(reject.message).toMatch(/^the line is not JSON: ./);
    expect(reject.message).not.toMatch(/secret|mail/);
  });

  it('cannot reach a prototype', () => {
    const line = '{"specversion":"1.0","id":"a","source":"b","type":"c","data":{"__proto__":{"polluted":1}}}';
    expect(parse(line)).toMatchObject({ kind: 'event' });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
