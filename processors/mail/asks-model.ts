/** Whether a sentence asks its reader for something: an answer, an act, a decision. */

import { sigmoid } from '../../lib/linear.ts';
import type { LoadedModel } from '../../lib/model-file.ts';
import { gistOf, text_begins, text_ends } from '../text/gist.ts';
import { hashPair } from '../text/hash.ts';
import { kind, type Tokens } from '../text/tokens.ts';
import type { MailReading } from './reading.ts';

/** How features are made of a sentence; the trainer writes it into the model, and a model of another is refused. */
export const asks_spec = { bits: 16, norm: 3, tokens: 64 } as const;

const mask = (1 << asks_spec.bits) - 1;
const namespace = { word: 1, pair: 2, triple: 3, first: 10, last: 15, length: 16 } as const;
const first_words = 3;

/** The features of one sentence: indices, each worth `value`. Used again for the next sentence. */
export class AskFeatures {
  readonly index = new Int32Array(4 * asks_spec.tokens + 8);
  length = 0;
  value = 0;

  /**
   * Words, pairs and triples with the sentence's ends among them; which words come first and last; how long it is. Of the tokens
   * from `start` to before `end`, `asks_spec.tokens` count.
   */
  read(tokens: Tokens, start: number, end: number): this {
    this.length = 0;
    let before = text_begins;
    let pair = text_begins;
    let count = 0;
    for (let at = start; at < end && count < asks_spec.tokens; at++) {
      if (tokens.kind[at] === kind.paragraph) continue;
      const gist = gistOf(tokens, at);
      this.add(namespace.word, gist);
      if (count > 0) this.add(namespace.triple, hashPair(pair, gist));
      pair = hashPair(before, gist);
      this.add(namespace.pair, pair);
      if (count < first_words) this.add(namespace.first + count, gist);
      before = gist;
      count++;
    }
    this.add(namespace.pair, hashPair(before, text_ends));
    this.add(namespace.triple, hashPair(pair, text_ends));
    this.add(namespace.last, before);
    this.add(namespace.length, Math.min(8, Math.floor(1.5 * Math.log2(count + 1))));
    this.value = asks_spec.norm / Math.sqrt(this.length);
    return this;
  }

  private add(what: number, hash: number): void {
    this.index[this.length++] = hashPair(hash, what) & mask;
  }
}

export interface Asking {
  /** The probability that the mail asks its reader for something, 0 to 1. */
  readonly probability: number;
  /** Where the sentence that asks most lies in the text, in UTF-16 units; both 0 where there is none. */
  readonly start: number;
  readonly end: number;
}

/** Sentences that count towards a mail's probability; the more there are, the surer one of them is called a request by chance. */
const combined_max = 3;

/** Hashed words and pairs of them in a linear model with 8-bit weights. */
export class AsksModel {
  private readonly features = new AskFeatures();
  private readonly hashed: Int8Array;
  private readonly scale: number;
  private readonly bias: number;

  constructor({ spec, arrays }: Pick<LoadedModel, 'spec' | 'arrays'>) {
    if (spec.bits !== asks_spec.bits || spec.norm !== asks_spec.norm)
      throw new Error('asks: a model of other features');
    this.hashed = arrays.hashed as Int8Array;
    this.scale = arrays.scale![0]!;
    this.bias = arrays.bias![0]!;
  }

  /** The probability that the tokens from `start` to before `end`, a sentence, ask for something. */
  ofSentence(tokens: Tokens, start: number, end: number): number {
    const { hashed } = this;
    const { index, length, value } = this.features.read(tokens, start, end);
    let sum = 0;
    for (let at = 0; at < length; at++) sum += hashed[index[at]!]!;
    return sigmoid(sum * value * this.scale + this.bias);
  }

  /**
   * Of a mail's own sentences: the strongest one's probability; where several ask rather than not, the probability that one of the
   * `combined_max` strongest does (noisy or).
   */
  ofMail({ body, own_sentences }: Pick<MailReading, 'body' | 'own_sentences'>): Asking {
    const strongest = [0, 0, 0];
    let best = -1;
    for (let sentence = 0; sentence < own_sentences; sentence++) {
      const probability = this.ofSentence(body, body.sentence_start[sentence]!, body.sentence_start[sentence + 1]!);
      if (probability > strongest[0]!) best = sentence;
      for (let rank = 0, moved = probability; rank < combined_max; rank++) {
        const held = strongest[rank]!;
        if (moved > held) {
          strongest[rank] = moved;
          moved = held;
        }
      }
    }
    let none = 1 - strongest[0]!;
    for (let rank = 1; rank < combined_max; rank++) if (strongest[rank]! > 0.5) none *= 1 - strongest[rank]!;
    return { probability: 1 - none, ...placeOf(body, best) };
  }
}

function placeOf(tokens: Tokens, sentence: number): { start: number; end: number } {
  if (sentence < 0) return { start: 0, end: 0 };
  let last = tokens.sentence_start[sentence + 1]! - 1;
  while (tokens.kind[last] === kind.paragraph) last--;
  return { start: tokens.start[tokens.sentence_start[sentence]!]!, end: tokens.end[last]! };
}
