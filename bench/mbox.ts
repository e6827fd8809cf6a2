/**
 * A seeded mailbox for benchmarks: threads with quotes, skewed senders, the usual kinds of MIME, and the hostile few. The
 * same seed and size write the same bytes. Nothing is kept but the open threads, so the size is bounded by the disk alone.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createRandom, type Random } from './random.ts';
import { paragraphs, subjects } from './texts.ts';

export interface MboxOptions {
  readonly seed: number;
  /** The mailbox ends with the mail that reaches it. */
  readonly bytes: number;
}

export interface MboxFacts {
  mails: number;
  /** Mails whose Message-ID had been there before. */
  duplicates: number;
  bytes: number;
  sha256: string;
}

const own_domain = 'bench.example';
const customers = 5_000;
const staff = 40;
const threads_open_max = 400;
const start_ms = Date.UTC(2023, 0, 2, 8);
const mean_gap_ms = 90_000;
/** How often, of a mail: what real mailboxes have now and then. */
const share = { reply: 0.65, duplicate: 0.005, no_date: 0.003, date_102: 0.001, date_2028: 0.001, unclosed: 0.002 };

interface Thread {
  readonly subject: string;
  readonly customer: string;
  readonly employee: string;
  ids: string[];
  last: string[];
  turn: number;
}

/** One mail after another, in mbox format. */
export function* mails({ seed, bytes }: MboxOptions, facts?: MboxFacts): Generator<string> {
  const random = createRandom(seed);
  const threads: Thread[] = [];
  let at_ms = start_ms;
  let number = 0;
  let previous = '';
  let written = 0;
  while (written < bytes) {
    at_ms += Math.ceil(random.exponential(mean_gap_ms));
    const again = previous !== '' && random.chance(share.duplicate);
    const mail: string = again ? previous : mailOf(random, threadOf(random, threads), ++number, at_ms);
    previous = mail;
    written += Buffer.byteLength(mail, 'latin1');
    if (facts) {
      facts.mails++;
      facts.duplicates += Number(again);
    }
    yield mail;
  }
}

/** Writes the mailbox and says what is in it. */
export async function writeMbox(path: string, options: MboxOptions): Promise<MboxFacts> {
  const facts: MboxFacts = { mails: 0, duplicates: 0, bytes: 0, sha256: '' };
  const hash = createHash('sha256');
  async function* chunks(): AsyncGenerator<Buffer> {
    for (const mail of mails(options, facts)) {
      // Latin-1 keeps every byte as it is: parts in other charsets are bytes already.
      const chunk = Buffer.from(mail, 'latin1');
      hash.update(chunk);
      facts.bytes += chunk.length;
      yield chunk;
    }
  }
  await pipeline(Readable.from(chunks(), { objectMode: true, highWaterMark: 64 }), createWriteStream(path));
  return { ...facts, sha256: hash.digest('hex') };
}

function threadOf(random: Random, threads: Thread[]): Thread {
  if (threads.length > 0 && random.chance(share.reply)) return random.pick(threads);
  const customer = random.skewed(customers);
  const thread: Thread = {
    subject: `${random.pick(subjects)} ${random.int(1_000, 9_999)}`,
    customer: `person${customer}@client${customer % 700}.example`,
    employee: `agent${random.skewed(staff)}@${own_domain}`,
    ids: [],
    last: [],
    turn: 0,
  };
  if (threads.length < threads_open_max) threads.push(thread);
  else threads[random.int(0, threads_open_max - 1)] = thread;
  return thread;
}

function mailOf(random: Random, thread: Thread, number: number, at_ms: number): string {
  const inbound = thread.turn++ % 2 === 0;
  const [from, to] = inbound ? [thread.customer, thread.employee] : [thread.employee, thread.customer];
  const id = `<${number}.${random.hex(16)}@${from.slice(from.indexOf('@') + 1)}>`;
  const date = new Date(at_ms).toUTCString().replace('GMT', '+0000');
  const text = random.several(paragraphs, 1, 6);
  const headers = [
    ...travelHeaders(random, from.slice(from.indexOf('@') + 1), date),
    `From: ${nameOf(from)} <${from}>`,
    `To: ${nameOf(to)} <${to}>`,
    ...dateHeader(random, date),
    `Message-ID: ${id}`,
    `Subject: ${thread.turn > 1 ? 'Re: ' : ''}${thread.subject}`,
    ...(thread.ids.length > 0
      ? [`In-Reply-To: ${thread.ids.at(-1)}`, `References: ${thread.ids.slice(-20).join(' ')}`]
      : []),
    'MIME-Version: 1.0',
  ];
  const body = bodyOf(random, text, thread.last, nameOf(from));
  thread.ids.push(id);
  thread.last = text;
  const envelope = `From ${from} ${new Date(at_ms).toUTCString().slice(0, 25).replace(',', '')}`;
  return [envelope, ...headers, ...body, '', ''].join('\n');
}

/** What servers add on the way: more bytes than many a text. */
function travelHeaders(random: Random, domain: string, date: string): string[] {
  const signature =
    random
      .bytes(256)
      .toString('base64')
      .match(/.{1,70}/g) ?? [];
  return [
    `Return-Path: <bounce@${domain}>`,
    `Received: from mx.${own_domain} (10.0.0.${random.int(1, 250)}) by store.${own_domain} with LMTP id ${random.hex(18)}; ${date}`,
    `Received: from mail.${domain} (mail.${domain} [192.0.2.${random.int(1, 250)}])\n\tby mx.${own_domain} (Postfix) with ESMTPS id ${random.hex(12)}\n\tfor <in@${own_domain}>; ${date}`,
    `Received: by mail.${domain} with SMTP id ${random.hex(24)}; ${date}`,
    `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=${domain}; s=mail;\n\th=from:to:subject:date:message-id; bh=${random.bytes(32).toString('base64')};\n\tb=${signature.join('\n\t ')}`,
    `Authentication-Results: mx.${own_domain}; dkim=pass header.d=${domain}; spf=pass smtp.mailfrom=bounce@${domain}; dmarc=pass`,
    'X-Mailer: Correspondent 11.4 (build 2207)',
  ];
}

function dateHeader(random: Random, date: string): string[] {
  if (random.chance(share.no_date)) return [];
  if (random.chance(share.date_102)) return ['Date: Mon, 1 Jan 102 10:00:00 +0000'];
  if (random.chance(share.date_2028)) return ['Date: Sat, 22 Jan 2028 18:26:25 +0000'];
  return [`Date: ${date}`];
}

function bodyOf(random: Random, text: readonly string[], quoted: readonly string[], name: string): string[] {
  const quote =
    quoted.length === 0 ? [] : ['', 'On Monday, they wrote:', ...quoted.flatMap(wrap).map(line => `> ${line}`)];
  const plain = [...text.flatMap(paragraph => [...wrap(paragraph), '']), 'Kind regards', name, ...quote].map(escaped);
  const kind = random.unit();
  if (kind < 0.55) return ['Content-Type: text/plain; charset=utf-8', '', ...plain];
  if (kind < 0.62)
    return [
      'Content-Type: text/plain; charset=iso-8859-1',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      ...plain.map(quotedPrintable),
    ];
  if (kind < 0.66)
    return [
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      ...base64(Buffer.from(plain.join('\n'))),
    ];
  const html = htmlOf(text, quoted, name);
  if (kind < 0.71) return ['Content-Type: text/html; charset=utf-8', '', ...html];
  const boundary = `=_${random.hex(16)}`;
  const alternative = [
    ...[`--${boundary}`, 'Content-Type: text/plain; charset=utf-8', '', ...plain],
    ...[`--${boundary}`, 'Content-Type: text/html; charset=utf-8', '', ...html],
    ...(kind < 0.95 ? [] : attachment(random, boundary)),
    ...(random.chance(share.unclosed) ? [] : [`--${boundary}--`]),
  ];
  return [
    `Content-Type: multipart/${kind < 0.95 ? 'alternative' : 'mixed'}; boundary="${boundary}"`,
    '',
    ...alternative,
  ];
}

function attachment(random: Random, boundary: string): string[] {
  const bytes = random.bytes(random.int(1_000, 16_000));
  const type = 'Content-Type: application/pdf; name="offer.pdf"';
  return [
    `--${boundary}`,
    type,
    'Content-Disposition: attachment; filename="offer.pdf"',
    'Content-Transfer-Encoding: base64',
    '',
    ...base64(bytes),
  ];
}

function htmlOf(text: readonly string[], quoted: readonly string[], name: string): string[] {
  return [
    '<html><head><style>p { margin: 0 0 1em; font: 14px sans-serif }</style></head><body>',
    ...text.map(paragraph => `<p style="color: #222">${paragraph.replace(/'/g, '&#39;')}</p>`),
    `<p>Kind regards<br><b>${name}</b></p>`,
    ...(quoted.length === 0
      ? []
      : ['<blockquote type="cite">', ...quoted.map(one => `<p>${one}</p>`), '</blockquote>']),
    '</body></html>',
  ];
}

const nameOf = (address: string): string => `${address[0]?.toUpperCase()}${address.slice(1, address.indexOf('@'))}`;
/** A line that begins with From would begin a mail. */
const escaped = (line: string): string => (/^>*From /.test(line) ? `>${line}` : line);
const quotedPrintable = (line: string): string => line.replace(/=/g, '=3D').replace(/\u00e9/g, '=E9');

function base64(bytes: Buffer): string[] {
  return bytes.toString('base64').match(/.{1,76}/g) ?? [];
}

function wrap(paragraph: string): string[] {
  return paragraph.match(/.{1,72}(?:\s|$)/g)?.map(line => line.trimEnd()) ?? [];
}
