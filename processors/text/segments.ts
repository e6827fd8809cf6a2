/**
 * Whose words stand where in a mail's text: the writer's own, his signature, a disclaimer, what he quotes, what he forwards.
 * Read line by line (Carvalho & Cohen 2004 take lines for the same); answers above, below and between quoted lines are all his own.
 */
import { head_lines_max, headAt, isQuotedLine, nextNonBlank } from '../../lib/mail-heads.ts';
import type { Email } from '../../schemas/generated.ts';
import { banner, closing, device, disclaimer, postscript, thanking } from './mail-lines.ts';
import { text_read_chars_max } from './tokens.ts';

/** Changes whenever the same text could be parted otherwise. */
export const segments_version = 'lines-3';

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

/** The segments in the text's order, covering its first `text_read_chars_max` characters; those beyond are the writer's. Linear. */
export function segmentsOf(text: string, writer = ''): Segment[] {
  const lines = linesOf(text);
  markRepeated(text, lines);
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

/** A mail's text, and below it what it passes on: "FYI" says nothing of that. */
export function aboutOf(email: Pick<Email, 'subject' | 'text' | 'quoted_text'>): string {
  const forwarded = forwardedIn(email);
  return forwarded === '' ? email.text : `${email.text}\n\n${forwarded}`;
}

/** Its quoted text below the first head, where that or the subject says that it is passed on; empty otherwise. */
export function forwardedIn({ subject, quoted_text }: Pick<Email, 'subject' | 'quoted_text'>): string {
  if (quoted_text === '') return '';
  // Nearly every answer has quoted text, and it is not read to its end to see that it is one.
  const lines = quoted_text.split('\n', head_lines_max);
  const head = headAt(lines, 0);
  if (head === null || (head.kind !== 'forward' && !forward_subject.test(subject))) return '';
  const head_chars = lines.slice(0, head.lines).join('\n').length;
  return quoted_text.slice(head_chars + 1, text_read_chars_max);
}

/** "Fwd: …" as programs write it in the languages that heads are known in. */
const forward_subject =
  /^\s{0,9}(?:fwd?|wg|tr|rv|i|enc|doorst|pd|vs|vl|vb|fs|pr|ynt|ilt|ilet)\s?:|^\s{0,9}(?:转发|轉寄|転送|전달)\s?[:：]/i;

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

/** Quoted lines wherever they stand; below the head of another mail everything, below an attribution the marked lines where there are some. */
function markRepeated(text: string, lines: Line[]): void {
  const texts = lines.map(line => (line.long ? text.slice(line.start, line.end) : line.text));
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    if (isQuotedLine(line.text)) {
      line.kind = 'quote';
      continue;
    }
    const head = headAt(texts, at);
    if (head === null) continue;
    const behind = at + head.lines;
    const isMarked = head.kind === 'attribution' && isQuotedLine(texts[nextNonBlank(texts, behind)] ?? '');
    const end = isMarked ? behind : lines.length;
    const kind = head.kind === 'forward' ? 'forward' : 'quote';
    while (at < end) lines[at++]!.kind = kind;
    at--;
  }
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
