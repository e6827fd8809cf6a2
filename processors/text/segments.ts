/**
 * Whose words stand where in a mail's text: the writer's own, his signature, a disclaimer, what he quotes, what he forwards.
 * Read line by line (Carvalho & Cohen 2004 take lines for the same); answers above, below and between quoted lines are all his own.
 */
import {
  attribution,
  banner,
  closing,
  dated,
  device,
  disclaimer,
  forward_separator,
  header_from,
  header_other,
  header_subject,
  postscript,
  quote_separator,
  thanking,
} from './mail-lines.ts';
import { text_read_chars_max } from './tokens.ts';

/** Changes whenever the same text could be parted otherwise. */
export const segments_version = 'lines-2';

export type SegmentKind = 'own' | 'signature' | 'disclaimer' | 'quote' | 'forward';

/** From `start` to before `end`, in UTF-16 units. */
export interface Segment {
  readonly kind: SegmentKind;
  readonly start: number;
  readonly end: number;
}

interface Line {
  readonly start: number;
  /** With the line feed. */
  readonly end: number;
  /** Without white space around it; its beginning only where it is long. */
  readonly text: string;
  readonly long: boolean;
  kind: SegmentKind;
}

/** Longer lines are prose; of those the beginning is read. */
const line_read_chars_max = 240;
const signature_lines_max = 12;
const signature_line_chars_max = 90;
/** Headers of a repeated mail that stand together. */
const header_lines = 5;

/** The segments in the text's order, covering its first `text_read_chars_max` characters; those beyond are the writer's. Linear. */
export function segmentsOf(text: string, writer = ''): Segment[] {
  const lines = linesOf(text);
  markRepeated(lines);
  markDisclaimers(lines);
  markSignature(lines, writer);
  const segments: Segment[] = [];
  for (const { kind, start, end } of lines) {
    const last = segments.at(-1);
    if (last?.kind === kind) segments[segments.length - 1] = { ...last, end };
    else segments.push({ kind, start, end });
  }
  if (text.length > text_read_chars_max) segments.push({ kind: 'own', start: text_read_chars_max, end: text.length });
  return segments;
}

/** The text of one kind, an empty line between its places. */
export function wordsOf(text: string, segments: readonly Segment[], kind: SegmentKind = 'own'): string {
  if (segments.length === 1 && segments[0]!.kind === kind) return text;
  const parts = segments.filter(each => each.kind === kind).map(({ start, end }) => text.slice(start, end).trim());
  return parts.filter(part => part !== '').join('\n\n');
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  const end = Math.min(text.length, text_read_chars_max);
  for (let start = 0; start < end; ) {
    const feed = text.indexOf('\n', start);
    const next = feed < 0 || feed >= end ? end : feed + 1;
    const long = next - start > line_read_chars_max;
    lines.push({
      start,
      end: next,
      text: text.slice(start, long ? start + line_read_chars_max : next).trim(),
      long,
      kind: 'own',
    });
    start = next;
  }
  return lines;
}

/** Quoted lines wherever they stand; below a separator or the headers of another mail everything. */
function markRepeated(lines: Line[]): void {
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    if (line.text.startsWith('>')) {
      line.kind = 'quote';
      continue;
    }
    if (line.long || line.text === '') continue;
    const kind = headKind(lines, at);
    if (kind !== null) {
      for (let below = at; below < lines.length; below++) lines[below]!.kind = kind;
      return;
    }
    const length = attributionLength(lines, at);
    if (length === 0) continue;
    const marked = nextLine(lines, at + length)?.text.startsWith('>') === true;
    const to = marked ? at + length : lines.length;
    while (at < to) lines[at++]!.kind = 'quote';
    at--;
  }
}

function headKind(lines: readonly Line[], at: number): SegmentKind | null {
  const { text } = lines[at]!;
  const first = text.charAt(0);
  if ('-_=*'.includes(first) && quote_separator.test(text)) return 'quote';
  if (('-_=*'.includes(first) || text.endsWith(':')) && forward_separator.test(text)) return 'forward';
  if (!/[:：]/.test(text) || !header_from.test(text)) return null;
  let others = 0;
  let isMail = text.includes('@');
  for (let below = at + 1; below <= at + header_lines; below++) {
    const line = lines[below]?.text ?? '';
    if (!header_other.test(line)) continue;
    others++;
    isMail ||= header_subject.test(line);
  }
  return others >= 2 && isMail ? 'quote' : null;
}

/** "On Monday, 6 May 2024 at 12:00, Ann <ann@a.test> wrote:", over one line or two. */
function attributionLength(lines: readonly Line[], at: number): number {
  const first = lines[at]!.text;
  if (first.endsWith(':')) return attribution.test(first) && dated.test(first) ? 1 : 0;
  const second = lines[at + 1];
  if (second === undefined || second.long || !second.text.endsWith(':') || second.text.startsWith('>')) return 0;
  // What ends a sentence is the writer's, whatever stands below it.
  return attribution.test(second.text) && dated.test(first) && !/[.!?…]$/.test(first) ? 2 : 0;
}

function nextLine(lines: readonly Line[], from: number): Line | undefined {
  for (let at = from; at < lines.length; at++) if (lines[at]!.text !== '') return lines[at];
  return undefined;
}

/** A server's warning, and a paragraph below the writer's words that begins as a disclaimer does; what stands below it in the same paragraph with it. */
function markDisclaimers(lines: readonly Line[]): void {
  let seenWords = false;
  let within = false;
  for (const line of lines) {
    if (line.kind !== 'own') continue;
    if (line.text === '') {
      within = false;
      continue;
    }
    if (banner.test(line.text)) {
      line.kind = 'disclaimer';
      continue;
    }
    within ||= seenWords && disclaimer.test(line.text);
    if (within) line.kind = 'disclaimer';
    seenWords = true;
  }
}

function markSignature(lines: readonly Line[], writer: string): void {
  const own = lines.filter(({ kind }) => kind === 'own');
  for (const line of own) if (line.text !== '' && device.test(line.text)) line.kind = 'signature';
  const from = signatureStart(
    own.filter(({ text, kind }) => text !== '' && kind === 'own'),
    writer.toLowerCase(),
  );
  if (from === null) return;
  let isPostscript = false;
  for (const line of own) {
    if (line.start < from) continue;
    isPostscript = line.text !== '' && (isPostscript || postscript.test(line.text));
    if (!isPostscript) line.kind = 'signature';
  }
}

/** Where the signature begins, null where there is none. `lines` are the writer's that are not blank. */
function signatureStart(lines: readonly Line[], writer: string): number | null {
  const lowest = Math.max(1, lines.length - signature_lines_max);
  const delimiter = lines.findLastIndex(
    ({ text }, at) => text === '--' || text === '—' || (/^_{4,40}$/.test(text) && !isProse(lines[at + 1])),
  );
  if (delimiter > 0 && lines.length - delimiter <= 2 * signature_lines_max) return lines[delimiter]!.start;
  for (let at = lines.length - 1; at >= lowest; at--) {
    const { text, long } = lines[at]!;
    if (long || text.length > signature_line_chars_max) return null;
    if (isProse(lines[at + 1])) continue;
    if (isClosing(lines[at])) return lines[at]!.start;
    const phrase = phraseOf(text);
    if (phrase.length <= phrase_chars_max && thanking.test(phrase)) return lines[at + 1]?.start ?? null;
    if (isWriter(text, writer)) return (isClosing(lines[at - 1]) ? lines[at - 1]! : lines[at]!).start;
  }
  return null;
}

/** A sentence and no line of a signature: that has hardly any words in lower case. */
function isProse(line: Line | undefined): boolean {
  if (line === undefined || !/[.?!]$/.test(line.text)) return false;
  return (line.text.match(/(?:^|\s)\p{Ll}/gu)?.length ?? 0) >= prose_words_min;
}

const prose_words_min = 3;
const phrase_chars_max = 45;

/** Without the marks at its end. */
function phraseOf(line: string): string {
  return line.replace(/[\s,.!;:–-]{1,9}$/, '');
}

function isClosing(line: Line | undefined): boolean {
  if (line === undefined) return false;
  const phrase = phraseOf(line.text);
  return phrase.length <= phrase_chars_max && closing.test(phrase);
}

/** The line is the writer's name or first name, by itself. */
function isWriter(line: string, writer: string): boolean {
  const name = line
    .replace(/^[-–~*/\s]{1,4}/, '')
    .replace(/[\s,.*]{1,4}$/, '')
    .toLowerCase();
  if (name.length < 3 || writer === '') return false;
  return name === writer || name === writer.split(/[\s,]/, 1)[0] || (name.includes(' ') && sameWords(name, writer));
}

function sameWords(name: string, writer: string): boolean {
  const words = new Set(writer.split(/[\s,]+/));
  return name.split(/\s+/).every(word => words.has(word));
}
