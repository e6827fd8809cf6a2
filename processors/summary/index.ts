/**
 * A mail in its writer's own sentences: those that say most of what the text is about (lib/sum-basic.ts), that stand early, ask for
 * something or name something. Nothing is rephrased. Linear in the text.
 */
import { mostTelling, type Sentence } from '../../lib/sum-basic.ts';
import { isMonth } from '../entities/date.ts';
import { isMark, isNumber, isOne } from '../entities/scan.ts';
import { isParting } from '../text/mail-lines.ts';
import { kind, type Tokens } from '../text/tokens.ts';
import { greetings, manners, pleasant, shortened, small } from './small-words.ts';

/** Changes whenever the same text could get another summary. */
export const summary_version = 'sumbasic-2';

export const summary_chars_max = 400;
const sentences_max = 3;
/** A text of so many sentences is its own summary. */
const whole_sentences_max = 2;
const sentence_chars_max = 300;

/** UTF-16 units of the text. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

export interface SummaryHints {
  /** Where the writer's own words are; everywhere when absent. */
  readonly own?: readonly Stretch[];
  /** What the text names, in its order: sums, dates and the like make a sentence worth more. */
  readonly entities?: readonly (Stretch & { readonly type: string })[];
  /** The probability that the sentence (its number in the tokens) asks the reader for something. */
  readonly asks?: (sentence: number) => number;
}

/** At most `summary_chars_max` characters, on one line; empty where nothing is said. `tokens` is the text's. */
export function summaryOf(tokens: Tokens, hints: SummaryHints = {}): string {
  const all = sentencesOf(tokens, hints);
  const telling = all.filter(({ polite }) => !polite);
  const sentences = telling.length > 0 ? telling : all;
  const chosen =
    sentences.length <= whole_sentences_max ? sentences : mostTelling(sentences, sentences_max, summary_chars_max);
  return joined(chosen.map(({ text }) => text));
}

/** Politeness may be left out where anything else is said. */
interface Candidate extends Sentence {
  readonly polite: boolean;
}

function sentencesOf(tokens: Tokens, { own, entities = [], asks }: SummaryHints): Candidate[] {
  const sentences: Candidate[] = [];
  let [stretch, entity, place] = [0, 0, 0];
  for (let at = 0, behind = 0; at < tokens.sentences; at = behind) {
    behind = at + 1;
    while (goesOn(tokens, behind)) behind++;
    const first = tokens.sentence_start[at]!;
    let last = tokens.sentence_start[behind]! - 1;
    while (last > first && tokens.kind[last] === kind.paragraph) last--;
    const start = tokens.start[first]!;
    let end = tokens.end[last]!;
    if (own !== undefined) {
      while (stretch < own.length && own[stretch]!.end <= start) stretch++;
      if (stretch === own.length || own[stretch]!.start > start) continue;
      end = Math.min(end, own[stretch]!.end);
      while (last > first && tokens.start[last]! >= end) last--;
    }
    let named = 0;
    for (; entity < entities.length && entities[entity]!.start < end; entity++)
      if (entities[entity]!.start >= start) named++;
    const words = wordsOf(tokens, first, last);
    const from = behindGreeting(tokens, first, last);
    if (words.length < words_min && sentences.length > 0 && !isQuestion(tokens, last)) continue;
    const text = lineOf(tokens.text, tokens.start[from]!, end);
    if (text === '' || isParting(text) || (from === first && isGreeting(tokens, first, last, words, text))) continue;
    const nice = words.some(word => pleasant.has(word)) ? pleasant_malus : 0;
    const merit = meritOf(words.length, place, named, isQuestion(tokens, last), asks?.(at) ?? 0) - nice;
    const polite = named === 0 && last - from < polite_tokens_max && manners.isAt(tokens, from, last + 1);
    if (!polite) place++;
    sentences.push({ text, words, merit, polite });
  }
  return sentences;
}

const words_min = 2;
const long_words = 25;
const pleasant_malus = 0.5;
const polite_tokens_max = 20;
const greeting_tokens_max = 9;

/** The full stop before the sentence ends none: "bis zum 12. Mai", "Rechnung Nr. 4711". */
function goesOn(tokens: Tokens, sentence: number): boolean {
  if (sentence >= tokens.sentences) return false;
  const first = tokens.sentence_start[sentence]!;
  if (!isMark(tokens, first - 1, '.')) return false;
  if (isNumber(tokens, first - 2))
    return tokens.end[first - 2]! - tokens.start[first - 2]! <= 2 && isMonth(tokens, first);
  return isOne(tokens, first - 2, shortened);
}

function meritOf(words: number, place: number, named: number, question: boolean, asks: number): number {
  const length = words > long_words ? -0.3 : words < words_min ? -0.5 : 0;
  return 0.4 / (1 + place) + Math.min(named, 3) * 0.15 + (question ? 0.4 : 0) + asks * 0.6 + length;
}

function wordsOf(tokens: Tokens, first: number, last: number): number[] {
  const words = new Set<number>();
  for (let token = first; token <= last; token++) {
    if (tokens.kind[token] === kind.word && !small.has(tokens.hash[token]!)) words.add(tokens.hash[token]!);
  }
  return [...words];
}

/** "Hi Ann,", a line of its own, and then the sentence. */
function behindGreeting(tokens: Tokens, first: number, last: number): number {
  for (let token = first + 1; token <= Math.min(last - 1, first + 5); token++) {
    const mark = tokens.text.charAt(tokens.start[token]!);
    if (mark !== ',' && mark !== ':' && mark !== '!') continue;
    return tokens.text.slice(tokens.end[token], tokens.start[token + 1]).includes('\n') ? token + 1 : first;
  }
  return first;
}

function isGreeting(tokens: Tokens, first: number, last: number, words: readonly number[], text: string): boolean {
  if (!/[,!:，！：]$/.test(text)) return false;
  // "Anna," is one, "I love it!" is none.
  return (
    (words.length <= 2 && !/[!！]$/.test(text)) ||
    (last - first < greeting_tokens_max && !/,.*!$/.test(text) && greetings.isAt(tokens, first, last + 1))
  );
}

function isQuestion(tokens: Tokens, last: number): boolean {
  return tokens.text.charAt(tokens.end[last]! - 1) === '?';
}

/** One line, its end cut where it is long. */
function lineOf(text: string, start: number, end: number): string {
  const line = text
    .slice(start, Math.min(end, start + 2 * sentence_chars_max))
    .replace(/\s+/g, ' ')
    .trim();
  return line.length <= sentence_chars_max ? line : `${cut(line, sentence_chars_max - 1)}…`;
}

function joined(lines: readonly string[]): string {
  const text = lines.join(' ');
  return text.length <= summary_chars_max ? text : `${cut(text, summary_chars_max - 1)}…`;
}

/** Not between the halves of a character. */
function cut(text: string, chars_max: number): string {
  const unit = text.charCodeAt(chars_max - 1);
  return text.slice(0, unit >= 0xd800 && unit <= 0xdbff ? chars_max - 1 : chars_max);
}
