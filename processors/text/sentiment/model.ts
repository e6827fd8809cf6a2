/** The sentiment model at work: what each word adds is summed up once and kept, so that a text costs a few look-ups a word. */
import { softmax } from '../../../lib/linear.ts';
import type { LoadedModel } from '../../../lib/model-file.ts';
import { kind, type Tokens } from '../tokens.ts';
import { HashTable } from '../vader/lexicon.ts';
import { eachPiece, pairFeature, share, singleFeature, tripleFeature, wordFeatureCount } from './features.ts';
import { Terms } from './terms.ts';
import { ToneReader, tone_names } from './tone.ts';

/** Negative, neutral, positive. */
export const classes = 3;

/** Words that are kept; a power of two. */
const kept_words = 1 << 15;
/** Of a kept word: its single, its pieces and its neighbours in meaning, for each class, and the number of pieces. */
const kept_width = 3 * classes + 1;
const pieces_at = classes;
const meaning_at = 2 * classes;
const count_at = 3 * classes;

/** The arrays of the model's file. */
export interface SentimentWeights {
  /** `hashed_features` rows of `classes`, in units of `scale`. */
  readonly hashed: Int8Array;
  readonly scale: Float32Array;
  /** A row of `classes` for each of `tone_names`. */
  readonly tone: Float32Array;
  readonly bias: Float32Array;
  /** Hashes of words whose meaning is known by the company they keep; may be empty. */
  readonly meaning_words: Int32Array;
  /** For each of them `classes` weights where it is not negated and as many where it is, in units of `meaning_scale`. */
  readonly meaning: Int8Array;
  readonly meaning_scale: Float32Array;
  /** By what `ratingInput` is multiplied to give `score`. */
  readonly rating: Float64Array;
}

export class SentimentModel {
  /** Of the last stretch, in the order negative, neutral, positive; they sum to 1. */
  readonly probabilities = new Float64Array(classes);
  /** Of the last stretch, −1 to 1: what people would rate it on average. */
  score = 0;
  readonly version: string;
  private readonly weights: SentimentWeights;
  private readonly terms = new Terms();
  private readonly tone = new ToneReader();
  private readonly meaning_ids: HashTable;
  private readonly kept_key = new Int32Array(kept_words);
  private readonly kept_used = new Uint8Array(kept_words);
  private readonly kept = new Float32Array(kept_words * kept_width);

  constructor({ version, arrays }: LoadedModel) {
    this.version = version;
    this.weights = arrays as unknown as SentimentWeights;
    const { meaning_words } = this.weights;
    this.meaning_ids = new HashTable(meaning_words.length);
    meaning_words.forEach((hash, at) => {
      this.meaning_ids.set(hash, at + 1);
    });
  }

  /** Judges the tokens from `from` to before `to`. */
  read(tokens: Tokens, from = 0, to = tokens.count): this {
    const { probabilities, terms, tone, weights } = this;
    terms.read(tokens, from, to);
    probabilities.set(weights.bias);
    this.addTerms(tokens);
    tone.read(tokens, from, to, terms);
    for (let at = 0; at < tone_names.length; at++) {
      const value = tone.values[at]!;
      if (value === 0) continue;
      const row = at * classes;
      probabilities[0]! += weights.tone[row]! * value;
      probabilities[1]! += weights.tone[row + 1]! * value;
      probabilities[2]! += weights.tone[row + 2]! * value;
    }
    softmax(probabilities);
    this.score = Math.max(-1, Math.min(1, weights.rating[0]! * ratingInput(probabilities, tone.compound)));
    return this;
  }

  /** Sums in variables of their own, not in an array: this is where most of a mail's judging goes. */
  private addTerms(tokens: Tokens): void {
    const { probabilities, terms, weights, kept } = this;
    const { hashed } = weights;
    let [words0, words1, words2] = [0, 0, 0];
    let [pieces0, pieces1, pieces2] = [0, 0, 0];
    let [meaning0, meaning1, meaning2] = [0, 0, 0];
    let pieces = 0;
    let before2 = 1;
    let before = 1;
    for (let at = 0; at < terms.count; at++) {
      const term = terms.term[at]!;
      const row = this.keep(tokens, at);
      words0 += kept[row]!;
      words1 += kept[row + 1]!;
      words2 += kept[row + 2]!;
      pieces0 += kept[row + pieces_at]!;
      pieces1 += kept[row + pieces_at + 1]!;
      pieces2 += kept[row + pieces_at + 2]!;
      meaning0 += kept[row + meaning_at]!;
      meaning1 += kept[row + meaning_at + 1]!;
      meaning2 += kept[row + meaning_at + 2]!;
      pieces += kept[row + count_at]!;
      const pair = pairFeature(before, term) * classes;
      words0 += hashed[pair]!;
      words1 += hashed[pair + 1]!;
      words2 += hashed[pair + 2]!;
      if (at > 0) {
        const triple = tripleFeature(before2, before, term) * classes;
        words0 += hashed[triple]!;
        words1 += hashed[triple + 1]!;
        words2 += hashed[triple + 2]!;
      }
      before2 = before;
      before = term;
    }
    const word_share = share(wordFeatureCount(terms.count));
    const piece_share = share(pieces);
    const meaning_share = share(terms.words);
    const { scale } = weights;
    probabilities[0]! += (words0 * word_share + pieces0 * piece_share) * scale[0]!;
    probabilities[1]! += (words1 * word_share + pieces1 * piece_share) * scale[1]!;
    probabilities[2]! += (words2 * word_share + pieces2 * piece_share) * scale[2]!;
    probabilities[0]! += meaning0 * meaning_share;
    probabilities[1]! += meaning1 * meaning_share;
    probabilities[2]! += meaning2 * meaning_share;
  }

  private addHashed(sums: Float64Array, feature: number): void {
    const { hashed } = this.weights;
    const row = feature * classes;
    sums[0]! += hashed[row]!;
    sums[1]! += hashed[row + 1]!;
    sums[2]! += hashed[row + 2]!;
  }

  /** Where what is known of a term is kept. A later term may take its place: it can be summed up again. */
  private keep(tokens: Tokens, at: number): number {
    const term = this.terms.term[at]!;
    const slot = (term ^ (term >>> 16)) & (kept_words - 1);
    if (this.kept_used[slot] === 0 || this.kept_key[slot] !== term) {
      this.kept_used[slot] = 1;
      this.kept_key[slot] = term;
      this.sumUp(tokens, at, slot * kept_width);
    }
    return slot * kept_width;
  }

  private sumUp(tokens: Tokens, at: number, row: number): void {
    const { kept, terms } = this;
    const sums = term_room.fill(0);
    this.addHashed(sums, singleFeature(terms.term[at]!));
    for (let k = 0; k < classes; k++) kept[row + k] = sums[k]!;
    kept.fill(0, row + classes, row + kept_width);
    const token = terms.token[at]!;
    if (tokens.kind[token] !== kind.word) return;
    sums.fill(0);
    kept[row + count_at] = eachPiece(tokens, token, terms.negated[at]!, feature => this.addHashed(sums, feature));
    for (let k = 0; k < classes; k++) kept[row + pieces_at + k] = sums[k]!;
    const id = this.meaning_ids.get(tokens.hash[token]!);
    if (id === 0) return;
    const { meaning, meaning_scale } = this.weights;
    const side = terms.negated[at]! * classes;
    for (let k = 0; k < classes; k++) {
      kept[row + meaning_at + k] = meaning[(id - 1) * 2 * classes + side + k]! * meaning_scale[side + k]!;
    }
  }
}

const term_room = new Float64Array(classes);

/**
 * What people's ratings are regressed on: the model and VADER's rules have an equal voice. The rules were made after ratings, of words; the model
 * knows what the rules have no word for.
 */
export function ratingInput(probabilities: ArrayLike<number>, compound: number): number {
  return (probabilities[2]! - probabilities[0]! + compound) / 2;
}
