import { describe, expect, it } from 'vitest';
import {
  cleanAddress,
  inReplyToOf,
  keptHeaders,
  message_id_bytes_max,
  messageIdOf,
  parseDate,
  receivedAt,
  references_max,
  referencesOf,
  sentAt,
} from './headers.ts';

const headers = (...lines: string[]) =>
  lines.map(line => ({ name: line.slice(0, line.indexOf(':')), value: line.slice(line.indexOf(':') + 1).trim() }));
const iso = (at_ms: number | null) => (at_ms === null ? null : new Date(at_ms).toISOString());
const now_ms = Date.UTC(2025, 0, 1);

describe('parseDate', () => {
  it.each([
    ['Thu, 22 Aug 2002 18:26:25 +0700', '2002-08-22T11:26:25.000Z'],
    ['22 Aug 2002 18:26:25 -0330', '2002-08-22T21:56:25.000Z'],
    ['Thu,  2 Aug 2002 8:26 EDT', '2002-08-02T12:26:00.000Z'],
    ['Thu, 22 Aug 2002 18:26:25 GMT (a comment)', '2002-08-22T18:26:25.000Z'],
    ['Thu, 22-Aug-02 18:26:25', '2002-08-22T18:26:25.000Z'],
    ['Thu, 22 Aug 99 18:26:25 +0000', '1999-08-22T18:26:25.000Z'],
    ['Thu, 22 Aug 102 18:26:25 +0000', '2002-08-22T18:26:25.000Z'],
    ['Thu, 22 Aug 0102 12:07:35 +0800', '0102-08-22T04:07:35.000Z'],
    ['Sat, 22 Jan 2028 18:26:25 +0000', '2028-01-22T18:26:25.000Z'],
    ['Thu, 22 Aug 2002 18:26:25 +9900', '2002-08-22T18:26:25.000Z'],
    ['Thu Aug 22 12:34:53 2002', '2002-08-22T12:34:53.000Z'],
    ['Thu Aug 22 12:34:53 PDT 2002', '2002-08-22T19:34:53.000Z'],
    ['2002-08-22T12:34:53Z', '2002-08-22T12:34:53.000Z'],
    ['Thu, 22 Xyz 2002 18:26:25', null],
    ['Thu, 22 Aug 2002 25:26:25', null],
    ['yesterday', null],
    ['', null],
    ['9'.repeat(100_000), null],
  ])('reads %.60j', (value, expected) => expect(iso(parseDate(value))).toBe(expected));
});

describe('receivedAt', () => {
  it('takes the newest plausible Received', () => {
    const found = headers(
      'received: from a by b; Sat, 22 Jan 2028 18:26:25 +0000',
      'received: from a by b',
      'received: from a by b; Thu, 22 Aug 0102 12:07:35 +0800',
      'received: from a (x; y) by b; Thu, 22 Aug 2002 18:26:25 +0000',
      'received: from a by b; Thu, 22 Aug 2002 10:00:00 +0000',
      'date: Thu, 22 Aug 2002 09:00:00 +0000',
    );
    expect(iso(receivedAt(found, now_ms))).toBe('2002-08-22T18:26:25.000Z');
  });

  it('takes a plausible Date else, and now where that is none: a date is data, never a clock', () => {
    expect(iso(receivedAt(headers('date: Thu, 22 Aug 2002 09:00:00 +0000'), now_ms))).toBe('2002-08-22T09:00:00.000Z');
    for (const date of [
      'date: Sat, 22 Jan 2028 18:26:25 +0000',
      'date: Thu, 22 Aug 0102 12:07:35 +0800',
      'date: x',
      'to: y',
    ]) {
      expect(receivedAt(headers(date), now_ms)).toBe(now_ms);
    }
    expect(iso(sentAt(headers('date: Sat, 22 Jan 2028 18:26:25 +0000')))).toBe('2028-01-22T18:26:25.000Z');
  });
});

describe('ids', () => {
  it('takes what stands in brackets, in its own case', () => {
    expect(messageIdOf(headers('message-id:  <Ab.1@A.Example> (added by x)'))).toBe('<Ab.1@A.Example>');
    expect(messageIdOf(headers('message-id: ab@a.example'))).toBe('ab@a.example');
    expect(messageIdOf(headers('message-id: <>'))).toBe('<>');
    expect(messageIdOf(headers('message-id: '))).toBeNull();
    expect(messageIdOf(headers('to: x'))).toBeNull();
    expect(inReplyToOf(headers('in-reply-to: Your message of "Thu" <a@b> <c@d>'))).toBe('<a@b>');
    expect(inReplyToOf(headers('in-reply-to: Your message'))).toBeNull();
  });

  it('bounds them', () => {
    expect(messageIdOf(headers(`message-id: <${'x'.repeat(1_900)}>`))).toHaveLength(message_id_bytes_max);
    expect(messageIdOf(headers(`message-id: ${'<'.repeat(500_000)}`))).toHaveLength(message_id_bytes_max);
    const many = Array.from({ length: 500 }, (_, i) => `<${i}@a>`);
    const kept = referencesOf(headers(`references: ${many.join(' ')}`, 'references: <499@a><first@b>'));
    expect(kept).toHaveLength(references_max);
    expect([kept[0], kept.at(-1)]).toEqual(['<0@a>', '<first@b>']);
  });
});

describe('cleanAddress', () => {
  it.each([
    [
      { name: ' Ann\r\n Lee ', address: 'Ann@A.Example' },
      { name: 'Ann Lee', address: 'ann@a.example' },
    ],
    [
      { name: '', address: 'root' },
      { name: 'root', address: '' },
    ],
    [
      { name: 'x', address: `${'a'.repeat(400)}@b.example` },
      { name: 'x', address: '' },
    ],
    [
      { name: '\ud800\0', address: '' },
      { name: '\ufffd\ufffd', address: '' },
    ],
  ])('cleans %.60j', (address, expected) => expect(cleanAddress(address)).toEqual(expected));
});

describe('keptHeaders', () => {
  it('keeps the first of those that later stages read, bounded', () => {
    const kept = keptHeaders(
      headers('list-id: <l.example>', 'list-id: two', 'x-secret: 1', `x-mailer: ${'é'.repeat(2_000)}`, 'to: y'),
    );
    expect(Object.keys(kept)).toEqual(['list-id', 'x-mailer']);
    expect(kept['list-id']).toBe('<l.example>');
    expect(Buffer.byteLength(kept['x-mailer'] ?? '')).toBeLessThanOrEqual(1024);
  });
});
