/**
 * Mails of an mbox, one at a time, in constant memory.
 *
 * A mail begins with a From_ line (`From <address> <date>`) that is the first line or follows an empty line, as
 * mboxrd and mboxo write it (RFC 4155; https://www.loc.gov/preservation/digital/formats/fdd/fdd000385.shtml). Both
 * escape a body line that looks like one with `>`; one `>` is taken off again. The empty line before the next From_
 * line belongs to the format, not to the mail.
 *
 *   window:   [ context | unread bytes ............................ | tail ]
 *                       ^ read                                      ^ may be the beginning of a separator
 *
 * Everything up to the tail goes to the open mail; the tail waits for the next chunk. `context` is the few bytes
 * before `read` that say whether a From_ line follows an empty line.
 */
import { BoundedBytes, type Item, type Sink } from './bounded.ts';
import { untilFault } from './bytes.ts';

export interface MboxOptions {
  /** Receives the bytes of a mail beyond `mail_bytes_max`, unescaped, as they stand in the file. */
  oversize: () => Sink;
  /** Default 25 MiB: what the large mail providers accept. */
  mail_bytes_max?: number;
  /** Offset of the stream's first byte; it must be an earlier item's `end`. Default 0. */
  start?: number;
}

export const default_mail_bytes_max = 25 * 1024 * 1024;

/** A longer line that begins with `From ` is text. */
const from_line_bytes_max = 1024;
const newline = 0x0a;
const carriage_return = 0x0d;
/** One byte less than CR LF CR LF `From `, the longest that a chunk's end can hide. */
const separator_bytes_max = 8;
const context_bytes = 3;

/**
 * Yields every mail, then throws what the stream threw: where that is an `InputError`, the mail it cut is yielded
 * first, marked `truncated`. Bytes before the first From_ line are yielded as a mail too, so nothing disappears.
 */
export async function* readMbox(source: AsyncIterable<Buffer>, options: MboxOptions): AsyncGenerator<Item> {
  const mail = new BoundedBytes(options.mail_bytes_max ?? default_mail_bytes_max, options.oversize);
  // The stream begins as if after an empty line.
  let window = Buffer.from('\n\n');
  let read = 2;
  let windowOffset = (options.start ?? 0) - 2;
  let mailStart: number | null = null;
  const input = untilFault(source);

  async function close(end: number, truncated = false): Promise<Item | null> {
    const start = mailStart;
    if (start === null && mail.size_bytes === 0) return null;
    const item = await mail.take({ start: start ?? options.start ?? 0, end, truncated }, unescapeFrom);
    return start === null && !item.oversize && isBlank(item.bytes) ? null : item;
  }

  try {
    for await (const chunk of input.bytes) {
      const keep = Math.max(0, read - context_bytes);
      window = Buffer.concat([window.subarray(keep), chunk]);
      windowOffset += keep;
      read -= keep;
      for (;;) {
        const found = findSeparator(window, Math.max(0, read - context_bytes));
        await mail.add(window.subarray(read, Math.max(read, found.mail_end)));
        read = Math.max(read, found.mail_end);
        if (found.next === null) break;
        const item = await close(windowOffset + found.from_line);
        if (item !== null) yield item;
        mailStart = windowOffset + found.from_line;
        read = found.next;
      }
    }
    await mail.add(window.subarray(read));
    const end = windowOffset + window.length;
    const item = await close(end, input.fault() !== null);
    if (item !== null) yield item.oversize ? item : { ...item, bytes: withoutLastEmptyLine(item.bytes) };
  } finally {
    await mail.drop();
  }
  input.rethrow();
}

type Separator =
  /** No From_ line; the bytes before `mail_end` are the mail's. */
  | { next: null; mail_end: number }
  /** A From_ line begins at `from_line`, and the mail after it at `next`. */
  | { next: number; mail_end: number; from_line: number };

function findSeparator(window: Buffer, from: number): Separator {
  for (let at = window.indexOf('\nFrom ', from); at >= 0; at = window.indexOf('\nFrom ', at + 1)) {
    const emptyLine = emptyLineBefore(window, at);
    if (emptyLine === null) continue;
    const lineEnd = window.indexOf(newline, at + 1);
    if (lineEnd < 0) {
      if (window.length - at > from_line_bytes_max) continue;
      return { next: null, mail_end: emptyLine };
    }
    if (lineEnd - at > from_line_bytes_max) continue;
    if (!isFromLine(window.toString('latin1', at + 1, lineEnd))) continue;
    return { next: lineEnd + 1, mail_end: emptyLine, from_line: at + 1 };
  }
  return { next: null, mail_end: window.length - separator_bytes_max };
}

/** Where the empty line that ends at `at` (a line feed) begins, or null where that line is not empty. */
function emptyLineBefore(window: Buffer, at: number): number | null {
  if (window[at - 1] === newline) return at;
  if (window[at - 1] === carriage_return && window[at - 2] === newline) return at - 1;
  return null;
}

const from_line =
  /^From .{0,400}\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,2}|\d{1,2} +(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec))[ ,].{0,40}\b\d{4}\b.{0,100}$/;

/** Senders differ (`-`, `a at b`, none at all); what tells the line from prose is asctime's date and time. */
export function isFromLine(line: string): boolean {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  return from_line.test(text) && /\b\d{1,2}:\d{2}\b/.test(text);
}

/** Takes one `>` off each line of `>`s before `From `. */
function unescapeFrom(bytes: Buffer): Buffer {
  let at = bytes.indexOf('>From ');
  if (at < 0) return bytes;
  const kept: Buffer[] = [];
  let copied = 0;
  for (; at >= 0; at = bytes.indexOf('>From ', at + 6)) {
    let lineStart = at;
    while (lineStart > copied && bytes[lineStart - 1] === 0x3e) lineStart--;
    if (lineStart !== 0 && bytes[lineStart - 1] !== newline) continue;
    kept.push(bytes.subarray(copied, lineStart));
    copied = lineStart + 1;
  }
  kept.push(bytes.subarray(copied));
  return Buffer.concat(kept);
}

function withoutLastEmptyLine(bytes: Buffer): Buffer {
  const last = bytes.length - 1;
  if (bytes[last] !== newline) return bytes;
  const empty = emptyLineBefore(bytes, last);
  return empty === null ? bytes : bytes.subarray(0, empty);
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every(byte => byte === newline || byte === carriage_return || byte === 0x20 || byte === 0x09);
}
