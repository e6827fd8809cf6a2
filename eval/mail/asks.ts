/** Trains the model of requests on sentences that ask for something and sentences that do not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FeatureBag, quantise } from '../../lib/linear.ts';
import { Examples, foldOf, trainLinear } from '../../lib/linear-train.ts';
import type { Model } from '../../lib/model-file.ts';
import { AskFeatures, AsksModel, asks_spec } from '../../processors/mail/asks-model.ts';
import { Tokens } from '../../processors/text/tokens.ts';
import type { Figure } from '../figure.ts';
import { auc, f1 } from '../measures.ts';
import type { Trainer } from '../train.ts';

export interface LabelledSentence {
  readonly text: string;
  readonly asks: boolean;
}

const folds = 5;
const l2 = 0.5;
/** A request that is overlooked costs more than one too many, so `.5` is where F1 is highest rather than accuracy. */
const asking_weight = 2;

/** `Yes` or `No` (whether it asks the reader for something), a tab, the sentence. */
export function readSentences(path: string): LabelledSentence[] {
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map(line => {
    const tab = line.indexOf('\t');
    return { text: line.slice(tab + 1), asks: line.slice(0, tab) === 'Yes' };
  });
}

export const trainAsks: Trainer = async ({ data, say }) => {
  const file = 'train.tsv';
  const sentences = readSentences(join(data, 'intent', file));
  const model = trainedOn(sentences);
  say(`trained on ${sentences.length} sentences`);
  return { model, figures: [...asksFigures(sentences, file)] };
};

/** Five models, each measured on the sentences that it was not trained on; equal sentences are in one fold. */
export function* asksFigures(sentences: readonly LabelledSentence[], data: string): Generator<Figure> {
  const fold = foldsOf(sentences);
  const scored: { asks: boolean; probability: number }[] = [];
  for (let out = 0; out < folds; out++) {
    const model = new AsksModel(trainedOn(sentences.filter((_, at) => fold[at] !== out)));
    const tokens = new Tokens();
    sentences.forEach(({ text, asks }, at) => {
      if (fold[at] !== out) return;
      tokens.read(text);
      scored.push({ asks, probability: model.ofMail({ body: tokens, own_sentences: tokens.sentences }).probability });
    });
  }
  const about = { what: 'asks for something', data, examples: scored.length };
  const pairs = scored.map(({ asks, probability }) => [asks, probability >= 0.5] as const);
  yield { ...about, measure: 'F1', value: f1(pairs) };
  const of = (asks: boolean): number[] => scored.filter(each => each.asks === asks).map(each => each.probability);
  yield { ...about, measure: 'AUC', value: auc(of(true), of(false)) };
}

/** Trained on these sentences. */
export function trainedOn(sentences: readonly LabelledSentence[]): Model {
  const size = 1 << asks_spec.bits;
  const tokens = new Tokens();
  const features = new AskFeatures();
  const bag = new FeatureBag(size, features.index.length);
  const examples = new Examples();
  for (const { text, asks } of sentences) {
    tokens.read(text);
    features.read(tokens, 0, tokens.count);
    bag.clear();
    for (let at = 0; at < features.length; at++) bag.add(features.index[at]!, features.value);
    examples.add(bag, asks ? 1 : 0, asks ? asking_weight : 1);
  }
  const { weights, bias } = trainLinear(examples, { features: size, classes: 1, l2 });
  const { hashed, scale, bias: bias_32 } = quantise(weights, bias, size);
  return { name: 'asks', method: 'linear', revision: 1, spec: asks_spec, arrays: { hashed, scale, bias: bias_32 } };
}

/** Of each sentence, so that copies of one are never on both sides. */
function foldsOf(sentences: readonly LabelledSentence[]): number[] {
  const groups = new Map<string, number>();
  return sentences.map(({ text }) => {
    const key = text.toLowerCase().replaceAll(/[^a-z]+/g, ' ');
    const group = groups.get(key) ?? groups.size;
    groups.set(key, group);
    return foldOf(group, folds);
  });
}
