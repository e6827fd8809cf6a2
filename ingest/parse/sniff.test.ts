import { describe, expect, it } from 'vitest';
import { sniff } from './sniff.ts';

describe('sniff', () => {
  it.each([
    ['mbox', 'From MAILER-DAEMON Thu Jan  1 00:00:00 2004\nSubject: x\n\n'],
    ['mbox', '\r\n\r\nFrom - Thu Jan 01 00:00:00 2004\r\n'],
    ['eml', 'Return-Path: <a@b.example>\nReceived: by x;\n\tThu, 22 Aug 2002\nSubject: hi\n\nbody'],
    ['eml', 'X-Odd: 1\r\nsubject: only\r\n\r\nnothing else'],
    ['eml', 'Subject: with a NUL\n\n\0\0'],
    ['ndjson', '{"crm":"deal"}\n{"crm":"deal"}\n'],
    ['ndjson', '\ufeff  {"a": "b: c"}'],
  ])('says %s', (format, text) => expect(sniff(Buffer.from(text))).toBe(format));

  it.each<[string, string | Buffer, string, RegExp]>([
    ['nothing', '', 'empty', /empty/],
    ['blanks', ' \n\t\n', 'empty', /blanks/],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d]), 'binary', /binary/],
    ['a ZIP archive', 'PK\x03\x04abc', 'binary', /ZIP/],
    ['an Outlook file', '!BDN....', 'binary', /Outlook/],
    ['UTF-16 with a mark', Buffer.from('\ufeffSubject: x', 'utf16le'), 'encoding', /UTF-16/],
    ['UTF-16 without one', Buffer.from('Subject: hello there', 'utf16le'), 'encoding', /UTF-16/],
    ['a JSON array', '[{"a":1}]', 'unknown', /array/],
    ['prose', 'Dear Ann,\n\nFrom: here\n', 'unknown', /neither/],
    ['a table', 'name,from,subject\na,b,c\n', 'unknown', /neither/],
  ])('explains %s', (_, bytes, cause, message) => {
    const sniffed = sniff(Buffer.from(bytes as string));
    expect(sniffed).toMatchObject({ unknown: { cause, message: expect.stringMatching(message) } });
  });
});
