/**
 * Which language a text is in: by English function words where they settle it, else by character n-grams (the package eld, Efficient
 * Language Detector, 60 languages). What is not surely another language is not called one: of a short text, or one in between,
 * nothing is said.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { character, character_classes } from '../text/characters.ts';
import { kind, type Tokens } from '../text/tokens.ts';
import { english } from './function-words.ts';

/** What the language is told by; the package's version is part of it. */
export const language_version = 'eld-2.1.0-2';

/** The beginning of a text is enough, which bounds the time. */
const read_chars_max = 600;
const tokens_read_max = 120;

const english_words_min = 3;
const english_share_min = 0.22;
/** With so many function words a text is English whatever its n-grams say. */
const other_share_max = 0.1;
const words_min = 4;
const letters_min = 20;
/** In a script with no cases or no spaces a few letters tell enough. */
const foreign_letters_min = 6;
const score_min = 0.6;
const lead_min = 0.12;

type Detector = typeof import('eld/extrasmall')['eld'];

let loaded: Detector | null = null;

/** Read when first asked for: its tables take a quarter of a second, and most processes ask nothing. */
function detector(): Detector {
  loaded ??= (createRequire(import.meta.url)(fileURLToPath(import.meta.resolve('eld/extrasmall'))) as { eld: Detector })
    .eld;
  return loaded;
}

/** ISO 639-1, empty where it cannot be told. `tokens` is the text's. Linear in the first 600 characters. */
export function languageOf(tokens: Tokens): string {
  const { words, hits, letters, accented, foreign } = countsOf(tokens);
  const share = words === 0 ? 0 : hits / words;
  if (hits >= english_words_min && share >= english_share_min && foreign * 4 < letters) return 'en';
  if (foreign * 2 > letters ? foreign < foreign_letters_min : words < words_min || letters < letters_min) {
    // A single word such as "to" stands in other languages too; with letters that English has not it tells nothing.
    return hits > (accented > 0 ? 1 : 0) && share >= english_share_min ? 'en' : '';
  }
  const result = detector().detect(tokens.text.slice(0, read_chars_max));
  const scores = result.getScores();
  const { language } = result;
  if (language === '' || language === 'en') return language;
  const score = scores[language] ?? 0;
  const isSure = result.isReliable() && score >= score_min && score - (scores.en ?? 0) >= lead_min;
  const hasEnglish = hits > 1 && share > other_share_max;
  return hasEnglish ? 'en' : isSure ? language : '';
}

interface Counts {
  readonly words: number;
  /** English function words. */
  readonly hits: number;
  readonly letters: number;
  /** Letters of the Latin alphabets other than A to Z, and those beyond them. */
  readonly accented: number;
  /** Letters beyond the Latin alphabets. */
  readonly foreign: number;
}

function countsOf(tokens: Tokens): Counts {
  let words = 0;
  let hits = 0;
  let letters = 0;
  let accented = 0;
  let foreign = 0;
  for (let token = 0; token < Math.min(tokens.count, tokens_read_max); token++) {
    if (tokens.kind[token] !== kind.word) continue;
    words++;
    if (english.has(tokens.hash[token]!)) hits++;
    const from = tokens.start[token]!;
    const to = Math.min(tokens.end[token]!, from + 32);
    for (let at = from; at < to; at++) {
      const code = tokens.text.charCodeAt(at);
      if (character_classes[code] !== character.letter) continue;
      letters++;
      if (code >= 0xc0) accented++;
      if (code >= 0x370 && code < 0x1e00) foreign++;
      else if (code >= 0x2e80) foreign++;
    }
  }
  return { words, hits, letters, accented, foreign };
}
