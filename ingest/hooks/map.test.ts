import { describe, expect, it } from 'vitest';
import { parseObject } from '../parse/line.ts';
import { linesOf, records_max } from './map.ts';
import { hookSettings } from './settings.ts';

const now_ms = Date.UTC(2026, 0, 5, 12);
const owner = { organization_id: 'org', mailbox: '', owner_id: '', team_id: '' };
const verify = { scheme: 'stripe', secret: 'long-enough' };

function lines(settings: object, value: unknown, headers: Record<string, string> = {}) {
  const body = Buffer.from(JSON.stringify(value));
  const delivery = { headers: new Map(Object.entries(headers)), body, now_ms };
  return linesOf('shop', hookSettings.parse({ verify, ...settings }), delivery, value);
}

describe('a webhook', () => {
  it('becomes an event with what the map names, and all of it as data', () => {
    const value = { id: 'evt_1', created: 1767600000, data: { object: { email: 'Ada@Acme.example' } } };
    const map = { time: 'created', email: 'data.object.email', type: { value: 'invoice_paid' } };
    const [line] = lines({ kind: 'event', map }, value) ?? [];
    expect(line).toMatchObject({ id: 'evt_1', source: 'hook:shop', type: 'invoice_paid', data: value });
    expect(parseObject(line, owner, now_ms)).toMatchObject({
      kind: 'event',
      event: { person_email: 'ada@acme.example', occurred_at_ms: 1767600000000 },
    });
  });

  it('becomes CRM changes, one for each element, with ids of their own', () => {
    const value = [
      { objectId: 7, at: 1767600000123, props: { stage: 'won', sum: '1200.50' } },
      { objectId: 8, at: 1767600000124, props: { stage: 'open', sum: 5 } },
    ];
    const map = { crm: { value: 'deal' }, id: 'objectId', changed_at: 'at', stage: 'props.stage', amount: 'props.sum' };
    const found = lines({ kind: 'crm', map, id: 'header:X-Request-Id' }, value, { 'x-request-id': 'r1' }) ?? [];
    const parsed = found.map(line => parseObject(line, owner, now_ms));
    expect(parsed).toMatchObject([
      { kind: 'crm', change: { object: 'deal', object_id: '7', amount: 1200.5, stage: 'won' } },
      { kind: 'crm', change: { object_id: '8', amount: 5 } },
    ]);
    expect(found).toMatchObject([{ change_id: 'r1#0' }, { change_id: 'r1#1' }]);
  });

  it('has the same id when it is delivered again, and another when it says something else', () => {
    const ids = [{ a: 1 }, { a: 1 }, { a: 2 }].map(
      value => (lines({ kind: 'event' }, value) as { id: string }[])[0]?.id,
    );
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
  });

  it('is not read beyond what one delivery may hold', () => {
    expect(lines({ kind: 'event', each: 'all' }, { all: Array(records_max + 1).fill({}) })).toBeNull();
  });

  it('cannot reach what is not its own', () => {
    const [line] = lines({ kind: 'event', map: { email: 'constructor.name', type: '__proto__.x' } }, {}) ?? [];
    expect(line).toMatchObject({ type: 'shop' });
    expect(line).not.toHaveProperty('subject');
  });
});
