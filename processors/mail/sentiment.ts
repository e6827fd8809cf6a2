import type { Sentiment } from '../../schemas/generated.ts';
import { boosters, idiom_words_max, idioms, lexicon, negations } from './lexicon.ts';
import type { MailModel } from './model.ts';
import { type Sentence, sentencesOf } from './sentences.ts';

/** The rules and constants of VADER (Hutto & Gilbert, ICWSM 2014), applied by sentence. */
export const sentimentModel: MailModel = { name: 'sentiment', version: 'vader-rules-1' };

export interface SentimentResult {
  /** −1 to 1. */
  readonly score: number;
  readonly label: Sentiment;
  /** 0 to 1: the probability of the label. */
  readonly confidence: number;
  /** Of negative, neutral and positive. */
  readonly probabilities: readonly number[];
}

/** Chosen for macro-F1 on the SemEval training tweets. */
const positive_min = 0.25;
export const negative_max = -0.05;

/** Neutral sentences every text is taken to have besides its own, so that one mild sentence alone is a mild text. */
const neutral_sentences_prior = 0.5;

/** How far behind a word a degree word or a negation still reaches, and what is left of a degree word there. */
const reach_damping: readonly number[] = [1, 0.95, 0.9];

const capitals_increment = 0.733;
const negation_factor = -0.74;
const never_so_factor = 1.25;
const exclamation_increment = 0.292;
const exclamations_max = 4;
const question_increment = 0.18;
const questions_counted_max = 3;
const questions_increment_max = 0.96;
const before_but_factor = 0.5;
const after_but_factor = 1.5;
const normalisation_alpha = 15;

/** The tone of a text: each sentence by VADER's rules, then combined. Deterministic; linear in the text scanned. */
export function sentimentOf(text: string): SentimentResult {
  const score = combine(sentencesOf(text).map(sentenceScore));
  const shares = [Math.exp(-3 * score - 0.3), Math.exp(0.2), Math.exp(3 * score - 0.5)];
  const total = shares.reduce((sum, share) => sum + share, 0);
  const probabilities = shares.map(share => share / total);
  return { score, label: labelOf(score), confidence: Math.max(...probabilities), probabilities };
}

export function labelOf(score: number): Sentiment {
  return score >= positive_min ? 'positive' : score <= negative_max ? 'negative' : 'neutral';
}

/**
 * The mean of the sentences that say anything. Neutral ones are left out: a mail's facts and signature must not
 * drown the one sentence that complains.
 */
function combine(scores: readonly number[]): number {
  const toned = scores.filter(score => score !== 0);
  return toned.reduce((sum, score) => sum + score, 0) / (toned.length + neutral_sentences_prior);
}

/** VADER's compound score of one sentence, −1 to 1. */
export function sentenceScore(sentence: Sentence): number {
  const words = sentence.words.map(word => word.toLowerCase());
  const valences = sentenceValences(sentence.words, words);
  weighBut(words, valences);
  const sum = valences.reduce((total, valence) => total + valence, 0);
  const emphasised = sum + Math.sign(sum) * emphasis(sentence);
  return emphasised / Math.sqrt(emphasised * emphasised + normalisation_alpha);
}

function sentenceValences(written: readonly string[], words: readonly string[]): number[] {
  const capitals = capitalsMatter(written);
  const isShouted = (at: number): boolean => capitals && isUpper(written[at] ?? '');
  return words.map((_, at) => wordValence(words, at, isShouted));
}

function wordValence(words: readonly string[], at: number, isShouted: (at: number) => boolean): number {
  const base = ownValence(words, at);
  if (base === 0) return 0;
  let valence = isShouted(at) ? base + Math.sign(base) * capitals_increment : base;
  for (let back = 1; back <= reach_damping.length && back <= at; back++) {
    const word = words[at - back] ?? '';
    if (lexicon.has(word)) continue;
    valence += degree(word, valence, isShouted(at - back)) * (reach_damping[back - 1] ?? 0);
    valence *= negation(words, at, back);
  }
  valence = idiom(words, at) ?? valence;
  return isLeast(words, at) ? valence * negation_factor : valence;
}

/** A word's valence where it stands: "no" before a charged word negates it and says nothing itself. */
function ownValence(words: readonly string[], at: number): number {
  const word = words[at] ?? '';
  const valence = lexicon.get(word);
  if (valence === undefined || boosters.has(word)) return 0;
  const next = words[at + 1] ?? '';
  if (word === 'kind' && next === 'of') return 0;
  if (word === 'no' && lexicon.has(next)) return 0;
  return followsNo(words, at) ? valence * negation_factor : valence;
}

function followsNo(words: readonly string[], at: number): boolean {
  if (words[at - 1] === 'no' || words[at - 2] === 'no') return true;
  return words[at - 3] === 'no' && (words[at - 1] === 'or' || words[at - 1] === 'nor');
}

function degree(word: string, valence: number, shouted: boolean): number {
  const scalar = boosters.get(word);
  if (scalar === undefined) return 0;
  return Math.sign(valence) * (scalar + (shouted ? capitals_increment : 0));
}

/** What the word `back` places behind multiplies the valence with. "Never so good" and "without a doubt" strengthen. */
function negation(words: readonly string[], at: number, back: number): number {
  const word = words[at - back] ?? '';
  if (back > 1) {
    const between = words.slice(at - back + 1, at);
    if (word === 'never' && (between.includes('so') || between.includes('this'))) return never_so_factor;
    if (word === 'without' && between.includes('doubt')) return 1;
  }
  return negations.has(word) || word.includes("n't") ? negation_factor : 1;
}

function isLeast(words: readonly string[], at: number): boolean {
  return words[at - 1] === 'least' && words[at - 2] !== 'at' && words[at - 2] !== 'very';
}

/** The valence of an idiom that the word at `at` is part of. */
function idiom(words: readonly string[], at: number): number | undefined {
  for (let length = 2; length <= idiom_words_max; length++) {
    for (let start = Math.max(0, at - length + 1); start <= at; start++) {
      const valence = idioms.get(words.slice(start, start + length).join(' '));
      if (valence !== undefined) return valence;
    }
  }
  return undefined;
}

/** What comes after "but" is what the writer means. */
function weighBut(words: readonly string[], valences: number[]): void {
  const but = words.indexOf('but');
  if (but < 0) return;
  for (let at = 0; at < valences.length; at++) {
    if (at !== but) valences[at] = (valences[at] ?? 0) * (at < but ? before_but_factor : after_but_factor);
  }
}

function emphasis(sentence: Sentence): number {
  const exclamations = Math.min(sentence.exclamations, exclamations_max) * exclamation_increment;
  if (sentence.questions < 2) return exclamations;
  if (sentence.questions > questions_counted_max) return exclamations + questions_increment_max;
  return exclamations + sentence.questions * question_increment;
}

/** Capitals emphasise only where others are not capitals. */
function capitalsMatter(words: readonly string[]): boolean {
  const upper = words.filter(isUpper).length;
  return upper > 0 && upper < words.length;
}

function isUpper(word: string): boolean {
  return word !== word.toLowerCase() && word === word.toUpperCase();
}
