/** Finds names: a linear-chain conditional random field over a text's tokens (`features.ts`), then each name's kind by a linear model. */
import { Viterbi } from '../../lib/crf.ts';
import { FeatureBag, LinearModel } from '../../lib/linear.ts';
import type { LoadedModel } from '../../lib/model-file.ts';
import { flag, kind, type Tokens, text_read_chars_max } from '../text/tokens.ts';
import { Attributes, features_max, features_revision, featuresOf, withoutGenitive } from './features.ts';
import type { EntityType, Found } from './found.ts';
import { shape } from './shape.ts';
import { span_feature_bits, span_features_max, spanFeatures } from './span-features.ts';
import { Words } from './words.ts';

/** Outside a name, its beginning, its inside. */
export const labels = 3;

/** A name may not begin with its inside. */
export function mayFollow(from: number, to: number): boolean {
  return to !== 2 || from > 0;
}

/** Words around a token whose vectors have weights of their own: where they stand and which block of weights; of the token itself one by its case. */
export const around = [
  { offset: -2, block: 0 },
  { offset: -1, block: 1 },
  { offset: 1, block: 5 },
  { offset: 2, block: 6 },
] as const;
export const own_block = 2;
export const blocks = 7;

/** Scores of a beginning and an inside are told against an outside, so two a feature. */
export const scored = 2;

const impossible = -1e6;
const plain_grade_max = 3;

const isNoName = new Uint8Array(16);
for (const what of [kind.paragraph, kind.url, kind.address, kind.emoji]) isNoName[what] = 1;

export interface Name extends Found {
  /** Tokens from `from` to before `to`. */
  readonly from: number;
  readonly to: number;
}

export class Tagger {
  readonly attributes: Attributes;
  private readonly features: Int8Array;
  private readonly words: Int8Array;
  private readonly scales: Float32Array;
  private readonly viterbi: Viterbi;
  private readonly kinds: LinearModel;
  private readonly types: readonly EntityType[];
  private readonly indices = new Int32Array(features_max);
  private readonly scores = new Float64Array((text_read_chars_max + 1) * labels);
  private readonly path = new Uint8Array(text_read_chars_max + 1);
  private readonly bag = new FeatureBag(1 << span_feature_bits, span_features_max);
  private readonly kindScores: Float64Array;

  constructor({ arrays, spec }: LoadedModel) {
    if (spec.features !== features_revision)
      throw new Error(`entity features are ${features_revision}, the model's ${spec.features}`);
    const ofType = <T>(name: string): T => arrays[name] as T;
    this.attributes = new Attributes(
      new Words({
        hashes: ofType('hashes'),
        coarse: ofType('coarse'),
        middle: ofType('middle'),
        fine: ofType('fine'),
        lists: ofType('lists'),
        capitals: ofType('capitals'),
      }),
    );
    this.features = ofType('features');
    this.words = ofType('words');
    this.scales = ofType('scales');
    const transitions = Float64Array.from(ofType<Float32Array>('transitions'), (weight, at) =>
      mayFollow(Math.floor(at / labels), at % labels) ? weight : Number.NEGATIVE_INFINITY,
    );
    const starts = Float64Array.from(ofType<Float32Array>('starts'), (weight, at) =>
      mayFollow(-1, at) ? weight : Number.NEGATIVE_INFINITY,
    );
    this.viterbi = new Viterbi(transitions, starts, text_read_chars_max + 1);
    this.types = spec.types as readonly EntityType[];
    this.kinds = new LinearModel({
      classes: this.types.length,
      hashed: ofType('kinds'),
      scale: ofType('kind_scale'),
      dense: new Float32Array(0),
      bias: ofType('kind_bias'),
    });
    this.kindScores = new Float64Array(this.types.length);
  }

  /** The names in the text that `tokens` holds, in its order; a name is on one line. Linear. */
  names(tokens: Tokens): Name[] {
    const names: Name[] = [];
    this.attributes.read(tokens);
    for (let from = 0; from < tokens.count; ) {
      let to = from + 1;
      while (to < tokens.count && !tokens.has(to, flag.line_start)) to++;
      this.readLine(tokens, from, to, names);
      from = to;
    }
    return names;
  }

  private readLine(tokens: Tokens, from: number, to: number, names: Name[]): void {
    for (let token = from; token < to; token++) this.scoreToken(tokens, token, (token - from) * labels);
    this.viterbi.decode(this.scores, to - from, this.path);
    for (let token = from; token < to; ) {
      if (this.path[token - from] === 0) {
        token++;
        continue;
      }
      let end = token + 1;
      while (end < to && this.path[end - from] === 2) end++;
      names.push(this.nameOf(tokens, token, end));
      token = end;
    }
  }

  private scoreToken(tokens: Tokens, token: number, to: number): void {
    const { scores, indices, features, words, scales, attributes } = this;
    const what = tokens.kind[token]!;
    scores[to] = 0;
    if (isNoName[what] === 1 || this.isPlain(token + 2)) {
      scores[to + 1] = scores[to + 2] = impossible;
      return;
    }
    const count = featuresOf(attributes, token, indices);
    let begin = 0;
    let inside = 0;
    for (let at = 0; at < count; at++) {
      const index = indices[at]! * scored;
      begin += features[index]!;
      inside += features[index + 1]!;
    }
    begin *= scales[0]!;
    inside *= scales[1]!;
    const { row } = attributes;
    const add = (at: number, block: number): void => {
      if (row[at]! < 0) return;
      const index = (row[at]! * blocks + block) * scored;
      begin += words[index]! * scales[(block + 1) * scored]!;
      inside += words[index + 1]! * scales[(block + 1) * scored + 1]!;
    };
    for (const { offset, block } of around) add(token + 2 + offset, block);
    add(token + 2, own_block + attributes.case[token + 2]!);
    scores[to + 1] = begin + scales[scales.length - 1]!;
    scores[to + 2] = inside + scales[scales.length - 1]!;
  }

  /** A word that hardly ever has a capital, between words without one: most of a text, and not worth the features. */
  private isPlain(at: number): boolean {
    const { shape: forms, case: cases, capitals } = this.attributes;
    const form = forms[at]!;
    if (cases[at - 1] !== 0 || cases[at + 1] !== 0) return false;
    if (form === shape.punctuation) return true;
    return form === shape.lower && capitals[at]! > 0 && capitals[at]! <= plain_grade_max;
  }

  private nameOf(tokens: Tokens, from: number, to: number): Name {
    return { type: this.typeOf(from, to), start: tokens.start[from]!, end: withoutGenitive(tokens, to - 1), from, to };
  }

  private typeOf(from: number, to: number): EntityType {
    spanFeatures(this.attributes, from, to, this.bag);
    this.kinds.score(this.bag, this.kindScores);
    let best = 0;
    for (let k = 1; k < this.kindScores.length; k++) if (this.kindScores[k]! > this.kindScores[best]!) best = k;
    return this.types[best]!;
  }
}
