/** What a file is, by its first bytes (after gunzip). */
import { isFromLine } from './mbox.ts';

export type Format = 'mbox' | 'eml' | 'ndjson';
export type Sniffed = Format | { unknown: { cause: 'empty' | 'binary' | 'encoding' | 'unknown'; message: string } };

/** As many bytes as `sniff` looks at. */
export const sniff_bytes = 16 * 1024;

/** Files people hand over by mistake, with what to do instead. */
const magics: readonly (readonly [magic: string, advice: string])[] = [
  ['PK\x03\x04', 'a ZIP archive; unpack it first'],
  ['BZh', 'bzip2 data; decompress it first (gzip is read as it is)'],
  ['\xfd7zXZ\x00', 'xz data; decompress it first (gzip is read as it is)'],
  ['\x28\xb5\x2f\xfd', 'zstd data; decompress it first (gzip is read as it is)'],
  ['7z\xbc\xaf\x27\x1c', 'a 7-Zip archive; unpack it first'],
  ['\x1f\x8b', 'gzip data inside gzip data; decompress it once first'],
  ['!BDN', 'an Outlook data file (.pst or .ost); export it as mbox'],
  ['\xd0\xcf\x11\xe0', 'an Outlook message (.msg) or another Office file; save it as .eml'],
  ['%PDF-', 'a PDF'],
  ['PAR1', 'a Parquet file'],
  ['SQLite format 3\x00', 'an SQLite database'],
];

export function sniff(head: Buffer): Sniffed {
  const bytes = head.subarray(0, sniff_bytes);
  if (isUtf16(bytes)) return unknown('encoding', 'the text is UTF-16; convert it to UTF-8 first');
  const text = bytes.toString('latin1').replace(/^\xef\xbb\xbf/, '');
  for (const [magic, advice] of magics) if (text.startsWith(magic)) return unknown('binary', `the file is ${advice}`);

  const start = text.search(/[^\s]/);
  if (start < 0)
    return unknown('empty', bytes.length === 0 ? 'the file is empty' : 'the file begins with nothing but blanks');
  const lines = text.slice(start).split('\n', 200);
  const first = lines[0] ?? '';
  if (isFromLine(first)) return 'mbox';
  if (looksLikeHeaders(lines)) return 'eml';
  if (isBinary(bytes))
    return unknown('binary', 'the file is binary; a mailbox (mbox), a mail (.eml) or NDJSON is expected');
  if (first.startsWith('{')) return 'ndjson';
  if (first.startsWith('['))
    return unknown('unknown', 'the file is a JSON array; one object a line (NDJSON) is expected');
  return unknown(
    'unknown',
    'the file is text, but it begins neither with an mbox From_ line, nor with mail headers, nor with a JSON object',
  );
}

function unknown(cause: 'empty' | 'binary' | 'encoding' | 'unknown', message: string): Sniffed {
  return { unknown: { cause, message } };
}

/** A byte order mark, or every second byte of the beginning zero. */
function isUtf16(bytes: Buffer): boolean {
  const mark = bytes.length >= 2 ? bytes.readUInt16BE(0) : 0;
  if (mark === 0xfeff || mark === 0xfffe) return true;
  const pairs = Math.min(32, bytes.length >> 1);
  if (pairs < 8) return false;
  const zeros = [0, 0];
  for (let at = 0; at < pairs * 2; at++) if (bytes[at] === 0) zeros[at & 1]!++;
  return (zeros[0] === pairs && zeros[1] === 0) || (zeros[1] === pairs && zeros[0] === 0);
}

const known_header =
  /^(?:from|to|cc|bcc|subject|date|message-id|received|return-path|reply-to|sender|mime-version|content-type|delivered-to|in-reply-to|references|x-[a-z0-9-]+)[ \t]*:/i;
const header_line = /^[!-9;-~]{1,200}[ \t]*:|^[ \t]/;

/** One of the header lines that the text begins with is a mail's. Lines after a malformed one do not count. */
function looksLikeHeaders(lines: string[]): boolean {
  const end = lines.findIndex(line => !header_line.test(line));
  return (end < 0 ? lines : lines.slice(0, end)).some(line => known_header.test(line));
}

/** Text has no NUL and hardly any other control character. */
function isBinary(bytes: Buffer): boolean {
  let controls = 0;
  for (const byte of bytes) {
    if (byte === 0) return true;
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x0c && byte !== 0x1b) controls++;
  }
  return controls > bytes.length / 50;
}
