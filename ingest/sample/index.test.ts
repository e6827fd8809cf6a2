import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Email } from '../../schemas/generated.ts';
import { sample_domain } from '../../schemas/sample.ts';
import { parseLine } from '../parse/line.ts';
import { parseMail } from '../parse/mail.ts';
import { sampleExpectation, sampleRecords } from './index.ts';
import { scannedPdf } from './pdf.ts';

const now_ms = Date.UTC(2025, 2, 14, 15, 9, 26);
const owner = { organization_id: 'sample', mailbox: '', owner_id: '', team_id: '' };

/** Reads the company as the pipeline does, with a set for the duplicate stage. */
async function read(at_ms: number) {
  const seen = new Set<string>();
  const ends = { read: 0, stored: 0, duplicate: 0, dead_letter: 0 };
  const mails: Email[] = [];
  const late: string[] = [];
  for (const record of sampleRecords({ now_ms: at_ms })) {
    ends.read++;
    const id = record.kind === 'mail' ? await readMail(record) : readLine(record);
    if (id === null) ends.dead_letter++;
    else if (seen.has(id)) ends.duplicate++;
    else ends.stored++;
    if (id !== null) seen.add(id);
  }

  async function readMail(record: { bytes: Buffer; mailbox: string; owner_id: string; team_id: string }) {
    const parsed = await parseMail(record.bytes, { ...owner, ...record, now_ms: at_ms });
    if (parsed.reject !== undefined) return null;
    mails.push(parsed.email);
    return parsed.email.email_id;
  }

  function readLine(record: { json: string; at_ms: number }) {
    const parsed = parseLine(Buffer.from(record.json), owner, record.at_ms);
    if (parsed.kind === 'crm') return parsed.change.change_id;
    if (parsed.kind !== 'event') return null;
    if (parsed.event.received_at_ms - parsed.event.occurred_at_ms > 24 * 60 * 60 * 1000) late.push(parsed.event.name);
    return parsed.event.event_id;
  }

  return { ends, seen, mails, late };
}

describe('the sample company', () => {
  it('ends as it was made to', async () => {
    const { ends, mails, late } = await read(now_ms);
    expect(ends).toEqual(sampleExpectation());
    expect(ends.read).toBe(ends.stored + ends.duplicate + ends.dead_letter);
    expect(ends).toMatchObject({ duplicate: 5, dead_letter: 2 });
    expect(ends.read).toBeGreaterThan(1_100);
    expect(ends.read).toBeLessThan(1_300);
    expect(late).toHaveLength(1);
    const mailboxes = new Map<string, Set<string>>();
    for (const {
      email_id,
      owner: { mailbox },
    } of mails)
      mailboxes.set(email_id, (mailboxes.get(email_id) ?? new Set()).add(mailbox));
    expect([...mailboxes.values()].filter(found => found.size === 2)).toHaveLength(1);
  });

  it('is the same company at any time, in the thirty days before', async () => {
    const first = await read(now_ms);
    for (const later_ms of [now_ms + 12_345_678, now_ms + 3 * 86_400_000]) {
      const { ends, seen } = await read(later_ms);
      expect(ends).toEqual(first.ends);
      expect([...seen].filter(id => !first.seen.has(id))).toEqual([]);
    }
    let last_ms = now_ms - 30 * 86_400_000 - 120_000;
    for (const { at_ms } of sampleRecords({ now_ms })) {
      expect(at_ms).toBeGreaterThanOrEqual(last_ms);
      last_ms = at_ms;
    }
    expect(last_ms).toBe(now_ms);
  });

  it('is repeated byte for byte', () => {
    expect([...sampleRecords({ now_ms })]).toEqual([...sampleRecords({ now_ms })]);
  });

  it('has threads, answers, robots and attachments, and nothing left to fill in', async () => {
    const { mails } = await read(now_ms);
    const ours = mails.filter(mail => mail.from.address.endsWith(`@${sample_domain}`));
    expect(ours.length).toBeGreaterThan(150);
    expect(mails.filter(mail => mail.references.length >= 2).length).toBeGreaterThan(50);
    expect(mails.filter(mail => mail.quoted_text !== '').length).toBeGreaterThan(80);
    expect(mails.filter(mail => mail.headers['list-id'] !== undefined)).toHaveLength(36);
    expect(mails.filter(mail => mail.headers['auto-submitted'] === 'auto-replied')).toHaveLength(19);
    expect(mails.flatMap(mail => mail.attachments.map(({ filename }) => filename))).toEqual(['sites.csv', 'scan.pdf']);
    for (const mail of mails) {
      expect(`${mail.subject}${mail.text}`).not.toMatch(/[{}]|undefined|NaN/);
      expect(mail.text).not.toBe('');
      expect(mail.text).not.toContain('\n> ');
      expect(mail.received_at_ms).toBeLessThan(now_ms);
      expect(mail.received_at_ms).toBeGreaterThan(now_ms - 31 * 86_400_000);
    }
  });

  it('has hardly a text twice', async () => {
    const { mails } = await read(now_ms);
    const written = mails.filter(mail => mail.headers['list-id'] === undefined && !mail.headers['auto-submitted']);
    expect(new Set(written.map(mail => mail.text)).size).toBeGreaterThan(written.length * 0.95);
  });

  it('has a mail that is broken and still read, and one from the future', async () => {
    const { mails } = await read(now_ms);
    expect(mails.find(mail => mail.message_id?.startsWith('<malformed.'))).toMatchObject({
      sent_at_ms: null,
      text: expect.stringContaining('Please help, this is urgent for us.'),
    });
    expect(mails.find(mail => mail.message_id?.startsWith('<future.'))?.sent_at_ms).toBe(
      Date.UTC(2028, 0, 22, 18, 26, 25),
    );
    expect(mails.some(mail => mail.from.address === '')).toBe(true);
  });
});

describe('scannedPdf', () => {
  it('is a page with one picture and no text', () => {
    const pdf = scannedPdf(['TOTAL 1250.00']);
    const text = pdf.toString('latin1');
    expect(text).toMatch(/^%PDF-1\.4\n/);
    const table = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]);
    expect(text.slice(table, table + 9)).toBe('xref\n0 6\n');
    for (const [, offset] of text.slice(table).matchAll(/^(\d{10}) 00000 n/gm))
      expect(text.slice(Number(offset))).toMatch(/^\d 0 obj\n/);
    const [, width, height, length] = /\/Width (\d+) \/Height (\d+) .*\/Length (\d+) >>\nstream\n/.exec(text) ?? [];
    const start = text.indexOf('stream\n', text.indexOf('/Image')) + 'stream\n'.length;
    const picture = inflateSync(pdf.subarray(start, start + Number(length)));
    expect(picture).toHaveLength(Number(width) * Number(height));
    expect(new Set(picture).size).toBe(2);
    expect(text).not.toContain('TOTAL');
  });
});
