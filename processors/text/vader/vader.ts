/**
 * VADER's rules (Hutto & Gilbert, "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text", ICWSM
 * 2014), with the scores of its reference implementation 3.3.2 to the fourth decimal, oddities included.
 */
import { hashPair } from '../hash.ts';
import { text_read_chars_max } from '../tokens.ts';
import { booster_pairs, idioms, wordHash } from './lexicon.ts';
import { type Departures, VaderWords, type WordInfo } from './words.ts';

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
/** What is left of a degree word's effect one, two and three places before the word. */
const reach_damping: readonly number[] = [1, 0.95, 0.9];

const special = [
  'no',
  'or',
  'nor',
  'never',
  'so',
  'this',
  'without',
  'doubt',
  'least',
  'at',
  'very',
  'kind',
  'of',
  'but',
];
/** The places of `special` in a `WordInfo`. */
const [no, or, nor, never, so, thiz, without, doubt, least, at_, very, kind_, of, but] = special.map(
  (_, at) => at + 1,
) as [number, number, number, number, number, number, number, number, number, number, number, number, number, number];

/** Scores one text after another; the scores of the last one are its fields. */
export class Vader {
  /** −1 to 1. */
  compound = 0;
  /** Shares of the text, 0 to 1, that sum to 1 unless it is empty. */
  positive = 0;
  negative = 0;
  neutral = 0;
  readonly words: VaderWords;
  /** Of each of `words`, after the rules. */
  readonly valence = new Float64Array(text_read_chars_max);
  private readonly known: WordInfo;
  /** The places of the words whose valence is not 0, in order. */
  private readonly charged = new Int32Array(text_read_chars_max);
  private charged_count = 0;

  constructor(departures: Departures = {}) {
    this.words = new VaderWords(special, departures);
    this.known = this.words.known;
  }

  /** Scores the text from `from` to before `to`. */
  score(text: string, from = 0, to = Math.min(text.length, text_read_chars_max)): this {
    const { words, valence } = this;
    words.read(text, from, to);
    this.charged_count = 0;
    for (let at = 0; at < words.count; at++) {
      valence[at] = this.valenceOf(at);
      if (valence[at] !== 0) this.charged[this.charged_count++] = at;
    }
    this.weighBut();
    this.sumUp();
    return this;
  }

  /** The id of the word `back` places before the one at `at`; −1 before the first. */
  private id(at: number): number {
    return at < 0 || at >= this.words.count ? -1 : this.words.id[at]!;
  }

  private inLexicon(at: number): boolean {
    return at < this.words.count && this.known.in_lexicon[this.words.id[at]!] === 1;
  }

  private valenceOf(at: number): number {
    const id = this.id(at);
    if (this.known.in_lexicon[id] !== 1 || this.known.booster[id] !== 0) return 0;
    if (id === kind_ && this.id(at + 1) === of) return 0;
    let valence = this.ownValence(at, id);
    if (this.words.upper[at] === 1 && this.words.capitals_differ)
      valence += valence > 0 ? capitals_increment : -capitals_increment;
    for (let back = 1; back <= 3 && back <= at; back++) {
      if (this.inLexicon(at - back)) continue;
      valence += this.degree(at - back, valence) * reach_damping[back - 1]!;
      valence = this.negate(valence, at, back);
      if (back === 3) valence = this.idiom(valence, at);
    }
    return this.isLeast(at) ? valence * negation_factor : valence;
  }

  /** "no" before a charged word says nothing itself, and negates it. */
  private ownValence(at: number, id: number): number {
    const valence = this.known.valence[id]!;
    const before = this.id(at - 1);
    if (before === no || this.id(at - 2) === no) return valence * negation_factor;
    if (this.id(at - 3) === no && (before === or || before === nor)) return valence * negation_factor;
    return id === no && this.inLexicon(at + 1) ? 0 : valence;
  }

  private degree(at: number, valence: number): number {
    let degree = this.known.booster[this.words.id[at]!]!;
    if (degree === 0) return 0;
    if (valence < 0) degree = -degree;
    if (this.words.upper[at] === 1 && this.words.capitals_differ)
      degree += valence > 0 ? capitals_increment : -capitals_increment;
    return degree;
  }

  /** "Never so good" and "without a doubt" strengthen. */
  private negate(valence: number, at: number, back: number): number {
    const id = this.id(at - back);
    const last = this.id(at - 1);
    const middle = this.id(at - 2);
    const lastSo = last === so || last === thiz;
    if (back === 2) {
      if (id === never && lastSo) return valence * never_so_factor;
      if (id === without && last === doubt) return valence;
    }
    if (back === 3) {
      // In the reference "and" binds closer than "or", so that a "so" just before the word suffices.
      if ((id === never && (middle === so || middle === thiz)) || lastSo) return valence * never_so_factor;
      if (id === without && (middle === doubt || last === doubt)) return valence;
    }
    return this.words.negates[at - back] === 1 ? valence * negation_factor : valence;
  }

  private isLeast(at: number): boolean {
    if (this.id(at - 1) !== least || this.inLexicon(at - 1)) return false;
    return at < 2 || (this.id(at - 2) !== at_ && this.id(at - 2) !== very);
  }

  /** The valence of an idiom that the word at `at`, the fourth or a later one, is part of or stands behind. */
  private idiom(valence: number, at: number): number {
    const { hash, count } = this.words;
    const [three, two, one, zero] = [hash[at - 3]!, hash[at - 2]!, hash[at - 1]!, hash[at]!];
    let result =
      idiomOf(one, zero) ??
      idiomOf(two, one, zero) ??
      idiomOf(two, one) ??
      idiomOf(three, two, one) ??
      idiomOf(three, two) ??
      valence;
    if (at + 1 < count) result = idiomOf(zero, hash[at + 1]!) ?? result;
    if (at + 2 < count) result = idiomOf(zero, hash[at + 1]!, hash[at + 2]!) ?? result;
    result += pairs_by_hash.get(hashPair(three, two)) ?? 0;
    return result + (pairs_by_hash.get(hashPair(two, one)) ?? 0);
  }

  /**
   * What comes after "but" is what the writer means. Like the reference, this looks each valence up by its value, so that equal ones are changed
   * at the place of the first.
   */
  private weighBut(): void {
    const { words, valence, charged, charged_count } = this;
    let place = 0;
    while (place < words.count && words.id[place] !== but) place++;
    if (place === words.count) return;
    for (let i = 0; i < charged_count; i++) {
      const value = valence[charged[i]!]!;
      let first = 0;
      while (valence[charged[first]!] !== value) first++;
      const at = charged[first]!;
      if (at !== place) valence[at] = value * (at < place ? before_but_factor : after_but_factor);
    }
  }

  private sumUp(): void {
    const { words, valence } = this;
    let sum = 0;
    let positive = 0;
    let negative = 0;
    for (let i = 0; i < this.charged_count; i++) {
      const value = valence[this.charged[i]!]!;
      sum += value;
      // Each charged word counts as one more than its valence, because a neutral one counts as one.
      if (value > 0) positive += value + 1;
      else negative += value - 1;
    }
    const emphasis = emphasisOf(words.exclamations, words.questions);
    if (sum !== 0) sum += sum > 0 ? emphasis : -emphasis;
    if (positive > Math.abs(negative)) positive += emphasis;
    else if (positive < Math.abs(negative)) negative -= emphasis;
    const neutral = words.count - this.charged_count;
    const total = positive - negative + neutral || 1;
    this.compound = sum / Math.sqrt(sum * sum + normalisation_alpha);
    this.positive = positive / total;
    this.negative = -negative / total;
    this.neutral = neutral / total;
  }
}

function emphasisOf(exclamations: number, questions: number): number {
  const exclaimed = Math.min(exclamations, exclamations_max) * exclamation_increment;
  if (questions < 2) return exclaimed;
  return exclaimed + (questions > questions_counted_max ? questions_increment_max : questions * question_increment);
}

const idioms_by_hash = byHash(idioms);
const pairs_by_hash = byHash(booster_pairs);

function idiomOf(first: number, second: number, third?: number): number | undefined {
  const pair = hashPair(first, second);
  return idioms_by_hash.get(third === undefined ? pair : hashPair(pair, third));
}

function byHash(phrases: ReadonlyMap<string, number>): ReadonlyMap<number, number> {
  return new Map([...phrases].map(([phrase, valence]) => [phrase.split(' ').map(wordHash).reduce(hashPair), valence]));
}
