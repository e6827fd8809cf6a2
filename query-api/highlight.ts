/** What of a text is shown for the words that were looked for: passages in pieces, so that nobody needs to mark up what a stranger wrote. */
import { z } from 'zod';

export const piece = z.object({
  text: z.string(),
  hit: z.boolean().describe('Whether it is a word that was looked for'),
});
export type Piece = Readonly<z.infer<typeof piece>>;

/** As ClickHouse's splitByNonAlpha splits: every character beyond ASCII belongs to a word. */
const word_pattern = /[0-9A-Za-z\u0080-\u{10ffff}]+/gu;

/** The words of a text in lower case, as the index has them. */
export const wordsOf = (text: string): string[] => text.match(word_pattern)?.map(word => word.toLowerCase()) ?? [];

interface Range {
  readonly from: number;
  readonly to: number;
}

/** The whole text in pieces. */
export function marked(text: string, words: ReadonlySet<string>): Piece[] {
  return piecesOf(text, { from: 0, to: text.length }, hitsIn(text, words));
}

/** How many passages, and characters before and after a hit. */
export interface PassageLimits {
  readonly passages_max: number;
  readonly context_chars: number;
}

/** The first passages with a hit, each in pieces and cut at words. */
export function passagesOf(text: string, words: ReadonlySet<string>, limits: PassageLimits): Piece[][] {
  const hits = hitsIn(text, words);
  const passages: Range[] = [];
  for (const hit of hits) {
    const last = passages.at(-1);
    const from = wordBegin(text, hit.from - limits.context_chars);
    const to = wordEnd(text, hit.to + limits.context_chars);
    if (last && from <= last.to) passages[passages.length - 1] = { from: last.from, to };
    else if (passages.length === limits.passages_max) break;
    else passages.push({ from, to });
  }
  return passages.map(passage => piecesOf(text, passage, hits));
}

function hitsIn(text: string, words: ReadonlySet<string>): Range[] {
  const hits: Range[] = [];
  for (const { 0: word, index } of text.matchAll(word_pattern)) {
    if (words.has(word.toLowerCase())) hits.push({ from: index, to: index + word.length });
  }
  return hits;
}

function piecesOf(text: string, { from, to }: Range, hits: readonly Range[]): Piece[] {
  const pieces: Piece[] = [];
  let at = from;
  for (const hit of hits) {
    if (hit.from < from || hit.to > to) continue;
    if (hit.from > at) pieces.push({ text: text.slice(at, hit.from), hit: false });
    pieces.push({ text: text.slice(hit.from, hit.to), hit: true });
    at = hit.to;
  }
  if (at < to) pieces.push({ text: text.slice(at, to), hit: false });
  return pieces;
}

/** A passage of text without blanks would otherwise grow to all of it. */
const word_chars_max = 40;

function wordBegin(text: string, at: number): number {
  if (at <= 0) return 0;
  const blank = text.slice(at, at + word_chars_max).search(/\s/);
  return blank < 0 ? wholeAt(text, at) : at + blank + 1;
}

function wordEnd(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const before = text.slice(at - word_chars_max, at);
  const blank = Math.max(before.lastIndexOf(' '), before.lastIndexOf('\n'));
  return blank < 0 ? wholeAt(text, at) : at - word_chars_max + blank;
}

/** Never within a surrogate pair. */
const wholeAt = (text: string, at: number): number => (/[\udc00-\udfff]/.test(text[at] ?? '') ? at + 1 : at);
