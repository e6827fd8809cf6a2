import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Item, Sink } from './bounded.ts';
import { readBytes } from './bytes.ts';
import { isFromLine, type MboxOptions, readMbox } from './mbox.ts';

const from = 'From ann@a.example Thu Aug 22 12:36:23 2002\n';

/** Counts and hashes, and keeps nothing. */
function hashingSink(): Sink {
  const hash = createHash('sha256');
  let size_bytes = 0;
  return {
    async write(chunk) {
      hash.update(chunk);
      size_bytes += chunk.length;
    },
    end: async () => ({ sha256: hash.digest('hex'), size_bytes }),
    abort: async () => undefined,
  };
}

async function* pieces(text: string | Buffer, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text as string);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(source: AsyncIterable<Buffer>, options: Partial<MboxOptions> = {}) {
  const items: Item[] = [];
  let fault: unknown = null;
  try {
    for await (const item of readMbox(source, { oversize: hashingSink, ...options })) items.push(item);
  } catch (error) {
    fault = error;
  }
  return { items, fault, texts: items.map(item => (item.oversize ? null : item.bytes.toString())) };
}

describe('readMbox', () => {
  const mails = ['Subject: one\n\nfirst\n', 'Subject: two\n\nsecond\n\n', 'Subject: three\n\nno line end'];
  const file = mails
    .map(mail => `${from}${mail}\n`)
    .join('')
    .slice(0, -1);

  it.each([1, 2, 3, 5, 8, 13, 64, 1_000])('reads mails from pieces of %d bytes', async size => {
    const { texts, items } = await read(pieces(file, size));
    expect(texts).toEqual(mails);
    for (const item of items) expect(file.slice(item.start).startsWith('From ')).toBe(true);
    expect(items.map(item => item.start).slice(1)).toEqual(items.map(item => item.end).slice(0, -1));
    expect(items.at(-1)?.end).toBe(file.length);
  });

  it.each([1, 3, 9, 1_000])('reads CRLF from pieces of %d bytes', async size => {
    const { texts } = await read(pieces(file.replaceAll('\n', '\r\n'), size));
    expect(texts).toEqual(mails.map(mail => mail.replaceAll('\n', '\r\n')));
  });

  it('goes on at the end of any item', async () => {
    const { items } = await read(pieces(file, 50));
    for (const { end } of items) {
      const { items: later } = await read(pieces(file.slice(end), 50), { start: end });
      expect(later).toEqual(items.filter(item => item.start >= end));
    }
  });

  it('is not fooled by prose, by a From_ line in a paragraph, or by a line without an end', async () => {
    const body =
      'Subject: x\n\nFrom the beginning of 2002, Mon to Fri, we met at 10:30.\n\nFrom here on: nothing.\n' +
      `text\n${from}still text\n\nFrom ${'x'.repeat(2_000)} Thu Aug 22 12:36:23 2002\n`;
    for (const size of [7, 100_000]) expect((await read(pieces(from + body, size))).texts).toEqual([body]);
  });

  it('takes one > off escaped lines', async () => {
    const { texts } = await read(pieces(`${from}A: b\n\n>From me\n>>From you\n >From him\n> From her\nx>From it\n`, 4));
    expect(texts).toEqual(['A: b\n\nFrom me\n>From you\n >From him\n> From her\nx>From it\n']);
  });

  it('yields what stands before the first From_ line, unless it is blank', async () => {
    expect((await read(pieces(`Subject: headless\n\nx\n\n${from}A: b\n`, 6))).texts).toEqual([
      'Subject: headless\n\nx\n',
      'A: b\n',
    ]);
    expect((await read(pieces(`\r\n\n${from}A: b\n`, 6))).texts).toEqual(['A: b\n']);
    expect((await read(pieces('\n \n', 1))).texts).toEqual([]);
  });

  it('yields an empty mail: it was there', async () => {
    expect((await read(pieces(`${from}\n${from}A: b\n`, 10))).texts).toEqual(['', 'A: b\n']);
  });

  it('streams an oversize mail to the sink and goes on', async () => {
    const large = `Subject: large\n\n${'x'.repeat(5_000)}\n`;
    const { items } = await read(pieces(`${from}A: b\n\n${from}${large}\n${from}C: d\n`, 700), {
      mail_bytes_max: 1_000,
    });
    expect(items.map(item => item.oversize)).toEqual([false, true, false]);
    expect(items[1]).toMatchObject({
      size_bytes: large.length,
      sha256: createHash('sha256').update(large).digest('hex'),
      start: items[0]?.end,
      end: items[2]?.start,
    });
  });

  it('never holds a line of 200 MB', async () => {
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    let held_bytes_max = 0;
    async function* source() {
      yield Buffer.from(`${from}Subject: x\n\n`);
      for (let i = 0; i < 200; i++) {
        yield chunk;
        held_bytes_max = Math.max(held_bytes_max, process.memoryUsage().arrayBuffers);
      }
      yield Buffer.from(`\n\n${from}A: b\n`);
    }
    const before = process.memoryUsage().arrayBuffers;
    const { items } = await read(source(), { mail_bytes_max: 1024 * 1024 });
    expect(items.map(item => (item.oversize ? item.size_bytes : item.bytes.length))).toEqual([
      200 * 1024 * 1024 + 13,
      5,
    ]);
    expect(held_bytes_max - before).toBeLessThan(100 * 1024 * 1024);
  });

  it('marks the mail that a truncated gzip cuts, and then throws', async () => {
    const noise = Array.from({ length: 3_000 }, (_, i) => Math.imul(i, 2654435761) >>> 0).join('\n');
    const packed = gzipSync(`${from}A: b\n\n${from}Subject: cut\n\n${noise}\n`);
    const { items, fault } = await read(readBytes(Readable.from([packed.subarray(0, packed.length - 2_000)])));
    expect(items.map(item => item.truncated)).toEqual([false, true]);
    expect(fault).toMatchObject({ code: 'truncated' });
  });

  it('lets go of a sink when its reader stops', async () => {
    let aborted = false;
    const sink: Sink = {
      ...hashingSink(),
      async abort() {
        aborted = true;
      },
    };
    async function* failing() {
      yield Buffer.from(`${from}${'x'.repeat(100)}`);
      throw new Error('disk');
    }
    const { fault } = await read(failing(), { mail_bytes_max: 10, oversize: () => sink });
    expect(fault).toMatchObject({ message: 'disk' });
    expect(aborted).toBe(true);
  });
});

describe('isFromLine', () => {
  it.each([
    'From MAILER-DAEMON Thu Jan  1 00:00:00 2004',
    'From ann@a.example Thu Aug 22 12:36:23 2002\r',
    'From - Thu Jan 01 00:00:00 2004',
    'From 1234@xxx Wed Oct 01 12:00:00 +0000 2014',
    'From ann at a.example  Thu Aug 22 12:36:23 2002',
    'From ann@a.example Thu Aug 22 12:36 EST 2002 remote from host',
    'From ann@a.example Thu, 22 Aug 2002 12:36:23 +0100',
    'From  Thu Aug 22 12:36:23 2002',
  ])('takes %j', line => expect(isFromLine(line)).toBe(true));

  it.each([
    'From the desk of Ann',
    'From: ann@a.example',
    'From Mon to Fri it is open.',
    'From Thu Aug 22 on we are closed, until 2003',
    '>From ann@a.example Thu Aug 22 12:36:23 2002',
    'from ann@a.example Thu Aug 22 12:36:23 2002',
  ])('refuses %j', line => expect(isFromLine(line)).toBe(false));
});
