/**
 * What the sentiment model sees of a text: single words, pairs and triples of terms, pieces of words, and the tone. Each block is divided by the
 * root of its size, so that every feature adds the same wherever it stands: what is known of a word can be summed up once (`model.ts`).
 */
import { FeatureBag } from '../../../lib/linear.ts';
import { character, character_classes, lower_case } from '../characters.ts';
import { hash_start, hashMore, hashPair } from '../hash.ts';
import { kind, type Tokens } from '../tokens.ts';
import { Terms } from './terms.ts';
import { ToneReader, tone_names } from './tone.ts';

export const word_features = 1 << 18;
const piece_features = 1 << 18;
export const hashed_features = word_features + piece_features;
/** Behind the hashed ones come those of `tone_names`. */
export const features = hashed_features + tone_names.length;

/** Of one text that is learned from. */
const features_max = 16_384;
const piece_chars_min = 3;
const piece_chars_max = 5;
/** Longer words are known by their beginning. */
const word_chars_max = 24;

const pair_salt = 0x3232;
const triple_salt = 0x3333;
const negated_salt = 0x4e45;

export function singleFeature(term: number): number {
  return hashPair(term, 1) & (word_features - 1);
}

/** `before` is the term before, 1 where there is none. */
export function pairFeature(before: number, term: number): number {
  return hashPair(hashPair(before, term), pair_salt) & (word_features - 1);
}

export function tripleFeature(before2: number, before: number, term: number): number {
  return hashPair(hashPair(before2, hashPair(before, term)), triple_salt) & (word_features - 1);
}

/** By what a block of `count` features is multiplied. */
export function share(count: number): number {
  return count > 0 ? 1 / Math.sqrt(count) : 0;
}

/** Singles, pairs, and triples that have two terms before them or the text's beginning. */
export function wordFeatureCount(terms: number): number {
  return 3 * terms - 1;
}

/** Calls back with each piece of the word, its ends included: features from `word_features` on. Returns how many. */
export function eachPiece(tokens: Tokens, token: number, negated: number, found: (feature: number) => void): number {
  const letters = squeeze(tokens, token);
  let count = 0;
  for (let from = 0; from + piece_chars_min <= letters; from++) {
    let hash = negated === 1 ? hash_start ^ negated_salt : hash_start;
    const stop = Math.min(from + piece_chars_max, letters);
    for (let at = from; at < stop; at++) {
      hash = hashMore(hash, squeezed[at]!);
      if (at - from + 1 < piece_chars_min) continue;
      found(word_features + ((hash ^ (hash >>> 15)) & (piece_features - 1)));
      count++;
    }
  }
  return count;
}

const squeezed = new Uint16Array(word_chars_max + 2);

/** The word in lower case between two spaces, repeated letters as its hash counts them; returns the length. */
function squeeze(tokens: Tokens, token: number): number {
  const end = tokens.end[token]!;
  let length = 0;
  squeezed[length++] = 0x20;
  for (let at = tokens.start[token]!; at < end && length <= word_chars_max; at++) {
    const lower = lower_case[tokens.text.charCodeAt(at)]!;
    const repeated = length > 2 && squeezed[length - 1] === lower && squeezed[length - 2] === lower;
    if (repeated && character_classes[lower] === character.letter) continue;
    squeezed[length++] = lower;
  }
  squeezed[length++] = 0x20;
  return length;
}

/** Makes bags of features, to train and to learn from. */
export class SentimentFeatures {
  readonly terms = new Terms();
  private readonly tone = new ToneReader();
  readonly bag: FeatureBag;

  /** `extra` features more than the model's can be added to a bag. */
  constructor(extra = 0) {
    this.bag = new FeatureBag(features + extra, features_max + extra);
  }

  /** The features of the tokens from `from` to before `to`; valid until the next call. */
  read(tokens: Tokens, from = 0, to = tokens.count): FeatureBag {
    const { bag, terms } = this;
    bag.clear();
    terms.read(tokens, from, to);
    this.addTerms();
    this.addPieces(tokens);
    this.tone.read(tokens, from, to, terms);
    this.tone.values.forEach((value, at) => {
      if (value !== 0) bag.add(hashed_features + at, value);
    });
    return bag;
  }

  private addTerms(): void {
    const { bag, terms } = this;
    const value = share(wordFeatureCount(terms.count));
    for (let at = 0; at < terms.count; at++) {
      const term = terms.term[at]!;
      const before = at > 0 ? terms.term[at - 1]! : 1;
      bag.add(singleFeature(term), value);
      bag.add(pairFeature(before, term), value);
      if (at > 0) bag.add(tripleFeature(at > 1 ? terms.term[at - 2]! : 1, before, term), value);
    }
  }

  private addPieces(tokens: Tokens): void {
    const { bag, terms } = this;
    let pieces = 0;
    const start = bag.length;
    for (let at = 0; at < terms.count; at++) {
      const token = terms.token[at]!;
      if (tokens.kind[token] === kind.word)
        pieces += eachPiece(tokens, token, terms.negated[at]!, feature => bag.add(feature, 1));
    }
    bag.scale(share(pieces), start);
  }
}
