import { describe, expect, it } from 'vitest';
import * as decode from './decode.ts';

describe('decode', () => {
  it('reads ISO, ClickHouse and epoch times alike', () => {
    const at = Date.UTC(2026, 2, 14, 9, 32, 0, 120);
    expect(decode.time('2026-03-14T09:32:00.120Z')).toBe(at);
    expect(decode.time('2026-03-14 09:32:00.120')).toBe(at);
    expect(decode.time(at)).toBe(at);
    expect(decode.time(null)).toBeNaN();
    expect(decode.time('soon')).toBeNaN();
  });

  it('reads 64-bit integers from strings, and nothing from nothing', () => {
    expect(decode.number('1204')).toBe(1204);
    expect(decode.number('')).toBeNaN();
    expect(decode.number(null)).toBeNaN();
  });

  it('marks characters that would disguise a name', () => {
    expect(decode.shown('invoice\u202Egnp.exe')).toBe('invoice\uFFFDgnp.exe');
    expect(decode.shown('a\u0000b\nc\td')).toBe('a\uFFFDb\nc\td');
  });

  it('takes a feed’s record, which has the content instead of an excerpt', () => {
    expect(decode.mail({ id: 'e', content: 'x'.repeat(900) })).toMatchObject({
      email_id: 'e',
      excerpt: 'x'.repeat(300),
    });
  });

  it('takes a conversation that nobody has answered for one without a first response', () => {
    expect(
      decode.conversation({ id: '<a>', subject: 'a\u202Eb', sla_breached: 1, first_response_at: null }),
    ).toMatchObject({
      conversation_id: '<a>',
      subject: 'a\uFFFDb',
      sla_breached: false,
      first_response_at: Number.NaN,
    });
  });

  it('takes what is said in a conversation, and nothing for nothing', () => {
    const said = { email_id: 'e', sender: 'a@b.example', received_at: '2026-03-14T09:32:00Z', text: 'a\u202Eb' };
    expect(decode.sayings({ summary: [said] })).toEqual([
      { ...said, sender_name: '', received_at: Date.UTC(2026, 2, 14, 9, 32), text: 'a\uFFFDb' },
    ]);
    expect(decode.sayings({})).toEqual([]);
  });

  it('survives whatever comes instead of an object', () => {
    for (const odd of [null, 7, 'text', [], { items: 'none', sources: 3, arrivals: {} }]) {
      expect(decode.page(decode.mail)(odd)).toEqual({ items: [], next: null });
      expect(decode.trace(odd).arrivals).toEqual([]);
      expect(decode.reconciliation(odd).balanced).toBe(false);
      expect(decode.customerDetail(odd).timeline).toEqual([]);
      expect(decode.metrics(odd).step_s).toBeNaN();
    }
  });
});
