import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Email } from '../../schemas/generated.ts';
import { unsaid } from '../../schemas/signals.ts';
import { mail_limits, parseMail } from './mail.ts';

const now_ms = Date.UTC(2025, 0, 15);
const owner = { organization_id: 'acme', mailbox: 'sales@acme.example', owner_id: 'u1', team_id: 't1' };
const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');

const parse = (bytes: string | Buffer) => parseMail(Buffer.from(bytes as string), { ...owner, now_ms });

async function emailOf(bytes: string | Buffer): Promise<Email> {
  const parsed = await parse(bytes);
  if (parsed.reject !== undefined) throw new Error(parsed.reject.message);
  return parsed.email;
}

describe('parseMail', () => {
  it('reads a mail whole', async () => {
    const raw = [
      'Return-Path: <ann@a.example>',
      'Received: by mx.acme.example; Fri, 10 Jan 2025 09:31:00 +0000',
      'From: "Ann Lee" <Ann@A.example>',
      'To: Sales <Sales@acme.example>, Group: bob@b.example, "C, D" <c@c.example>;',
      'Cc: undisclosed-recipients:;',
      'Reply-To: help@a.example',
      'Date: Fri, 10 Jan 2025 10:30:00 +0100',
      'Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= and',
      ' more',
      'Message-ID: <Two@a.example>',
      'In-Reply-To: <one@acme.example>',
      'References: <zero@acme.example> <one@acme.example>',
      'List-Id: <l.example>',
      'X-Secret: no',
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain; charset=iso-8859-1',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'Sch=F6n, we take it.',
      '',
      'On Thu, 9 Jan 2025 Sales <sales@acme.example> wrote:',
      '> Do you want it?',
      '--b',
      'Content-Type: text/csv; name="a.csv"',
      'Content-Disposition: attachment; filename="../a\u0000.csv"',
      '',
      '1,2',
      '--b--',
      '',
    ].join('\r\n');
    const parsed = await parse(raw);
    expect(parsed).toEqual({
      email: {
        email_id: sha256('acme\n<Two@a.example>').slice(0, 32),
        owner,
        message_id: '<Two@a.example>',
        thread_id: '<zero@acme.example>',
        in_reply_to: '<one@acme.example>',
        references: ['<zero@acme.example>', '<one@acme.example>'],
        from: { name: 'Ann Lee', address: 'ann@a.example' },
        reply_to: [{ name: '', address: 'help@a.example' }],
        to: [
          { name: 'Sales', address: 'sales@acme.example' },
          { name: '', address: 'bob@b.example' },
          { name: 'C, D', address: 'c@c.example' },
        ],
        cc: [],
        sent_at_ms: Date.UTC(2025, 0, 10, 9, 30),
        received_at_ms: Date.UTC(2025, 0, 10, 9, 31),
        subject: 'Grüße and more',
        text: 'Schön, we take it.',
        quoted_text: 'On Thu, 9 Jan 2025 Sales <sales@acme.example> wrote:\n> Do you want it?',
        text_truncated: false,
        headers: {
          'return-path': '<ann@a.example>',
          'list-id': '<l.example>',
          'content-type': 'multipart/mixed; boundary=b',
        },
        attachments: [
          { filename: expect.stringMatching(/\.csv$/), content_type: 'text/csv', size_bytes: 3, sha256: sha256('1,2') },
        ],
        original_sha256: sha256(raw),
        original_size_bytes: Buffer.byteLength(raw),
        signals: unsaid,
      },
      attachments: [{ sha256: sha256('1,2'), bytes: Buffer.from('1,2') }],
    });
  });

  it('accepts a mail without From, Date or Message-ID', async () => {
    const email = await emailOf('Subject: bare\n\nhello\n');
    const id = sha256(`acme\noriginal:${sha256('Subject: bare\n\nhello\n')}`).slice(0, 32);
    expect(email).toMatchObject({
      email_id: id,
      message_id: null,
      thread_id: id,
      from: { name: '', address: '' },
      sent_at_ms: null,
      received_at_ms: now_ms,
      text: 'hello',
    });
  });

  it.each([
    ['Date: Sat, 22 Jan 2028 18:26:25 +0000', Date.UTC(2028, 0, 22, 18, 26, 25)],
    ['Date: Thu, 22 Aug 0102 12:07:35 +0000', new Date('0102-08-22T12:07:35Z').getTime()],
  ])('keeps %j as data and not as a clock', async (date, sent_at_ms) => {
    expect(await emailOf(`From: a@b.example\n${date}\n\nx`)).toMatchObject({ sent_at_ms, received_at_ms: now_ms });
  });

  it('passes over an mbox line or empty lines before the headers', async () => {
    for (const before of ['\r\n\n', 'From a@b Thu Aug 22 12:36:23 2002\n', '>From a@b Thu Aug 22 12:36:23 2002\r\n'])
      expect((await emailOf(`${before}Subject: x\n\ny`)).subject).toBe('x');
  });

  describe('chooses the text to read', () => {
    const part = (type: string, text: string) => `--b\nContent-Type: ${type}\n\n${text}\n`;
    const mail = (kind: string, ...parts: string[]) =>
      `Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/${kind}; boundary=b\n\n${parts.join('')}--b--\n`;
    it.each([
      ['HTML alone', 'Subject: x\nContent-Type: text/html\n\n<p>one<p>two', 'one\n\ntwo'],
      [
        'the plain alternative',
        mail('alternative', part('text/plain', 'plain'), part('text/html', '<b>html</b>')),
        'plain',
      ],
      [
        'HTML where the plain one is blank',
        mail('alternative', part('text/plain', ' '), part('text/html', '<b>html</b>')),
        'html',
      ],
      [
        'HTML and the footer that a list adds',
        mail('mixed', part('text/html', '<b>html</b>'), part('text/plain', 'footer')),
        'html\nfooter',
      ],
      [
        'no attachment',
        mail('mixed', part('text/plain', 'plain'), part('text/plain\nContent-Disposition: attachment', 'file')),
        'plain',
      ],
      [
        'no mail in the mail',
        mail('mixed', part('text/plain', 'plain'), part('message/rfc822', 'Subject: y\n\ninner')),
        'plain',
      ],
      [
        'no file to be shown inline',
        mail('mixed', part('text/plain', 'plain'), part('text/plain; name=a.txt\nContent-Disposition: inline', 'file')),
        'plain',
      ],
      ['a file that is the first part', mail('mixed', part('text/plain; name=a.txt', 'plain')), 'plain'],
      [
        'the HTML alternative, though it has a name',
        mail('alternative', part('text/plain', ' '), part('text/html; name=a.html', 'html')),
        'html',
      ],
      [
        'no mail of a digest',
        mail(
          'mixed',
          part('text/plain', 'plain'),
          `--b\nContent-Type: multipart/digest; boundary=c\n\n--c\n\nSubject: y\n\ninner\n--c--\n`,
        ),
        'plain',
      ],
    ])('%s', async (_, raw, text) => expect((await emailOf(raw)).text).toBe(text));
  });

  describe('reads any charset', () => {
    const text = 'Grüße, schöne Häuser';
    it.each<[string, string, Buffer]>([
      ['none, UTF-8', 'text/plain', Buffer.from(text)],
      ['none, Latin-1', 'text/plain', Buffer.from(text, 'latin1')],
      ['ASCII, Latin-1', 'text/plain; charset=us-ascii', Buffer.from(text, 'latin1')],
      ['UTF-8, Latin-1', 'text/plain; charset=utf-8', Buffer.from(text, 'latin1')],
      ['an unknown one', 'text/plain; charset=x-nobody', Buffer.from(text)],
      ['UTF-7', 'text/plain; charset=utf-7', Buffer.from('Gr+APwA3w-e, sch+APY-ne H+AOQ-user')],
    ])('named %s', async (_, type, body) => {
      expect((await emailOf(Buffer.concat([Buffer.from(`Subject: x\nContent-Type: ${type}\n\n`), body]))).text).toBe(
        text,
      );
    });

    it('in headers that were never encoded', async () => {
      const raw = Buffer.from(
        'From: M\xfcller <m@b.example>\nSubject: =?iso-8859-1?Q?Gr\xfc=DFe?= aus K\xf6ln\n\nx',
        'latin1',
      );
      expect(await emailOf(raw)).toMatchObject({ subject: 'Grüße aus Köln', from: { name: 'Müller' } });
    });

    it('and keeps invalid bytes, NUL and lone surrogates out', async () => {
      const raw = Buffer.from('Subject: a\0b =?utf-16be?B?2AA=?=\n\n\0\xff\xfe\x80', 'latin1');
      const { subject, text: body } = await emailOf(raw);
      for (const value of [subject, body]) {
        expect(value).not.toContain('\0');
        expect(Buffer.from(value).toString()).toBe(value);
      }
    });
  });

  describe('refuses', () => {
    it.each<[string, string | Buffer, string]>([
      ['nothing', '', 'empty'],
      ['empty lines', '\n\r\n\n', 'empty'],
      ['prose', 'Dear Ann,\n\nthis is a letter.\n', 'not-a-mail'],
      ['binary data', Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * 7919) & 0xff)), 'not-a-mail'],
      ['a thousand parts', `Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\nx\n'.repeat(1_000)}--b--`, 'mime'],
      ['two megabytes of headers', `Subject: x\n${'X-A: b\n'.repeat(300_000)}\nx`, 'mime'],
    ])('%s', async (_, raw, cause) => {
      expect(await parse(raw)).toEqual({ reject: { cause, message: expect.stringMatching(/./) } });
    });
  });

  it('stays within what a topic carries, whatever a mail holds', async () => {
    const people = Array.from(
      { length: 3_000 },
      (_, i) => `"${'n'.repeat(120)}${i}" <${'a'.repeat(60)}${i}@${'b'.repeat(180)}.example>`,
    );
    const raw = [
      ...['From', 'To', 'Cc', 'Reply-To'].map(name => `${name}: ${people.slice(0, 500).join(',\n ')}`),
      `Subject: ${'s'.repeat(30_000)}`,
      `References: ${Array.from({ length: 300 }, (_, i) => `<${'r'.repeat(400)}${i}@x>`).join('\n ')}`,
      '',
      `${'word '.repeat(400_000)}\n${'> quoted\n'.repeat(100_000)}`,
    ].join('\n');
    const email = await emailOf(raw);
    expect(email.text_truncated).toBe(true);
    expect(email.to).toHaveLength(mail_limits.addresses_max);
    expect(Buffer.byteLength(JSON.stringify(email))).toBeLessThan(1_000_000);
  });

  it('reads a 20 MB body without losing the rest', async () => {
    const email = await emailOf(`Subject: big\nContent-Type: text/html\n\n${'<p>word</p>\n'.repeat(1_700_000)}`);
    expect(email).toMatchObject({ subject: 'big', text_truncated: true });
    expect(Buffer.byteLength(email.text)).toBeLessThanOrEqual(mail_limits.text_bytes_max);
  });

  it('survives a mail cut anywhere', async () => {
    const raw =
      'From: a@b\nContent-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/html; charset="utf-8"\nContent-Transfer-Encoding: base64\n\nPGI+4oKsPC9iPg==\n--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0K\n--b--\n';
    for (let end = 6; end <= raw.length; end++) expect(await parse(raw.slice(0, end))).toHaveProperty('email');
  });
});
