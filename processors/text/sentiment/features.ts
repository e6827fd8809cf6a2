/** What the sentiment model sees of a text. Training and use read the same code, so they cannot differ. */
import { FeatureBag } from '../../../lib/linear.ts';
import { character, character_classes, lower_case } from '../characters.ts';
import { hash_start, hashMore, hashPair } from '../hash.ts';
import { flag, hashOf, kind, type Tokens } from '../tokens.ts';
import { Vader } from '../vader/vader.ts';

const word_bits = 18;
const piece_bits = 18;
export const word_features = 1 << word_bits;
export const hashed_features = word_features + (1 << piece_bits);

/** Named features with weights of their own, behind the hashed ones. */
export const dense_names = [
  'compound', 'positive', 'negative', 'charged', 'compound_last', 'compound_first', 'after_but', 'has_but',
  'exclamations', 'questions', 'emphasis_positive', 'emphasis_negative', 'capitals', 'elongated', 'emoticons', 'links', 'handles', 'hashtags',
  'length', 'short', 'negated', 'ellipsis', 'numbers','quotes', 'polar_positive','polar_negative', 'is_positive','is_negative','max_positive','max_negative'
] as const;
export const dense_features = dense_names.length;
export const features = hashed_features + dense_features;

const dense_at = Object.fromEntries(dense_names.map((name, at) => [name, hashed_features + at])) as Record<
  (typeof dense_names)[number],
  number
>;

const features_max = 8_192;
export const pieces_range = [3, 5] as const;
/** A negation reaches to the next mark, at most this many words. */
const negation_words_max = 4;
const negated_salt = 0x4e45;
const pair_salt = 0x3232;
const triple_salt = 0x3333;

const negations = new Set(
  `not no never none nothing nobody nowhere neither nor cannot cant wont dont didnt doesnt isnt wasnt arent werent
    shouldnt wouldnt couldnt hasnt havent hadnt aint without hardly barely rarely`.split(/\s+/).map(hashOf),
);
const but_words = new Set(['but', 'however', 'although', 'though', 'yet'].map(hashOf));
const but = hashOf('but');
const handle_hash = hashOf('@handle');
const url_hash = hashOf('http://url');
const number_hash = hashOf('0');

export class SentimentFeatures {
  readonly bag = new FeatureBag(features, features_max);
  readonly vader = new Vader({ curly_apostrophes: true });
  /** Of each token, what its word counts as: its hash, marked where negated. */
  private readonly terms = new Int32Array(16_385);
  readonly negated = new Uint8Array(16_385);
  private term_count = 0;

  /** Fills the bag with the features of the tokens from `from` to before `to`. */
  read(tokens: Tokens, from: number, to: number): FeatureBag {
    const { bag } = this;
    bag.clear();
    this.readTerms(tokens, from, to);
    this.addWords();
    const words_end = bag.length;
    normalise(bag, 0, words_end);
    for (let at = from; at < to; at++) if (tokens.kind[at] === kind.word) this.addPieces(tokens, at);
    normalise(bag, words_end, bag.length);
    this.addDense(tokens, from, to);
    return bag;
  }

  private readTerms(tokens: Tokens, from: number, to: number): void {
    let reach = 0;
    this.term_count = 0;
    for (let at = from; at < to; at++) {
      this.negated[at] = 0;
      let hash = tokens.hash[at]!;
      switch (tokens.kind[at]) {
        case kind.word: {
          const negates = negations.has(hash) || isNegated(tokens, at);
          if (reach > 0 && !negates) {
            hash = hashPair(hash, negated_salt);
            this.negated[at] = 1;
          }
          reach = negates ? negation_words_max : but_words.has(hash) ? 0 : reach - 1;
          break;
        }
        case kind.handle:
        case kind.address:
          hash = handle_hash;
          break;
        case kind.url:
          hash = url_hash;
          break;
        case kind.number:
          hash = number_hash;
          break;
        case kind.paragraph:
          reach = 0;
          continue;
        case kind.punctuation:
          reach = 0;
      }
      this.terms[this.term_count++] = hash;
    }
  }

  private addWords(): void {
    const { terms, term_count, bag } = this;
    let before = 1;
    let before2 = 1;
    for (let at = 0; at < term_count; at++) {
      const term = terms[at]!;
      bag.add(hashPair(term, 1) & (word_features - 1), 1);
      const pair = hashPair(hashPair(before, term), pair_salt);
      bag.add(pair & (word_features - 1), 1);
      if (at > 0) bag.add(hashPair(hashPair(before2, pair), triple_salt) & (word_features - 1), 1);
      before2 = before;
      before = term;
    }
  }

  private addPieces(tokens: Tokens, token: number): void {
    const { bag } = this;
    const start = tokens.start[token]!;
    const end = Math.min(tokens.end[token]!, start + 24);
    const mask = (1 << piece_bits) - 1;
    const salt = this.negated[token]! ? negated_salt : 0;
    for (let from = start - 1; from <= end - 2; from++) {
      let hash = hash_start ^ salt;
      const stop = Math.min(from + pieces_range[1], end + 1);
      for (let at = from; at < stop; at++) {
        const code = at < start || at >= end ? 0x20 : lower_case[tokens.text.charCodeAt(at)]!;
        hash = hashMore(hash, code);
        if (at - from + 1 >= pieces_range[0]) bag.add(word_features + ((hash ^ (hash >>> 15)) & mask), 1);
      }
    }
  }

  private addDense(tokens: Tokens, from: number, to: number): void {
    const { vader, bag } = this;
    if (to <= from) return;
    const start = tokens.start[from]!;
    const end = tokens.end[to - 1]!;
    let exclamations = 0, questions = 0, capitals = 0, elongated = 0, emoticons = 0, links = 0, handles = 0, hashtags = 0, words = 0, negated = 0, ellipsis = 0, numbers = 0, quotes = 0;
    let but_at = -1;
    for (let at = from; at < to; at++) {
      const code = tokens.text.charCodeAt(tokens.start[at]!);
      switch (tokens.kind[at]) {
        case kind.word:
          words++;
          if (tokens.has(at, flag.all_capitals)) capitals++;
          if (tokens.has(at, flag.elongated)) elongated++;
          if (tokens.has(at, flag.hashtag)) hashtags++;
          negated += this.negated[at]!;
          if (tokens.hash[at] === but) but_at = at;
          break;
        case kind.punctuation:
          if (code === 0x21) exclamations += tokens.end[at]! - tokens.start[at]!;
          else if (code === 0x3f) questions += tokens.end[at]! - tokens.start[at]!;
          else if (code === 0x2026 || (code === 0x2e && tokens.end[at]! - tokens.start[at]! > 1)) ellipsis++;
          else if (code === 0x22) quotes++;
          break;
        case kind.emoji: emoticons++; break;
        case kind.url: links++; break;
        case kind.handle: handles++; break;
        case kind.number: numbers++; break;
      }
    }
    const add = (name: (typeof dense_names)[number], value: number): void => { if (value !== 0) bag.add(dense_at[name], value); };
    vader.score(tokens.text, start, end);
    const { compound, positive, negative, neutral } = vader;
    let maxp = 0, maxn = 0;
    for (let at = 0; at < vader.words.count; at++) { const v = vader.valence[at]!; if (v > maxp) maxp = v; if (v < maxn) maxn = v; }
    add('compound', compound);
    add('positive', positive);
    add('negative', negative);
    add('charged', 1 - neutral);
    add('polar_positive', Math.sqrt(positive)); add('polar_negative', Math.sqrt(negative));
    add('is_positive', compound > 0.05 ? 1 : 0); add('is_negative', compound < -0.05 ? 1 : 0);
    add('max_positive', maxp / 4); add('max_negative', maxn / 4);
    if (exclamations > 0 && compound !== 0) add(compound > 0 ? 'emphasis_positive' : 'emphasis_negative', 1);
    add('exclamations', Math.min(exclamations, 4) / 4);
    add('questions', Math.min(questions, 3) / 3);
    add('capitals', words === 0 ? 0 : capitals / words);
    add('elongated', Math.min(elongated, 2) / 2);
    add('emoticons', Math.min(emoticons, 3) / 3);
    add('links', Math.min(links, 2) / 2);
    add('handles', Math.min(handles, 3) / 3);
    add('hashtags', Math.min(hashtags, 4) / 4);
    add('length', Math.min(1, Math.log2(1 + words) / 6));
    add('short', words < 5 ? 1 : 0);
    add('negated', Math.min(negated, 8) / 8);
    add('ellipsis', Math.min(ellipsis, 3) / 3);
    add('numbers', Math.min(numbers, 3) / 3);
    add('quotes', Math.min(quotes, 2) / 2);
    const [first, last] = edges(tokens, from, to);
    if (last > from) {
      add('compound_last', vader.score(tokens.text, tokens.start[last]!, end).compound);
      add('compound_first', vader.score(tokens.text, start, tokens.end[first - 1]!).compound);
    } else { add('compound_last', compound); add('compound_first', compound); }
    if (but_at >= 0 && but_at + 1 < to) {
      add('has_but', 1);
      add('after_but', vader.score(tokens.text, tokens.start[but_at + 1]!, end).compound);
    }
  }
}

/** Where the first sentence ends and the last begins. */
function edges(tokens: Tokens, from: number, to: number): [number, number] {
  let first = to;
  let last = from;
  for (let s = 0; s < tokens.sentences; s++) {
    const at = tokens.sentence_start[s]!;
    if (at <= from || at >= to) continue;
    if (first === to) first = at;
    last = at;
  }
  return [first, last];
}

function isNegated(tokens: Tokens, token: number): boolean {
  if (!tokens.has(token, flag.apostrophe)) return false;
  const end = tokens.end[token]!;
  return end - tokens.start[token]! > 2 && (tokens.text.charCodeAt(end - 1) | 0x20) === 0x74 && (tokens.text.charCodeAt(end - 3) | 0x20) === 0x6e;
}

function normalise(bag: FeatureBag, from: number, to: number): void {
  const norm = bag.norm(from, to);
  if (norm > 0) bag.scale(1 / norm, from, to);
}
export const _ = [character, character_classes];
