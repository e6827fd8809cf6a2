/** Trains the sentiment model; docs/models/sentiment.md says on what and how well. */
import { join } from 'node:path';
import { type LinearWeights, quantise, softmax } from '../../lib/linear.ts';
import { Examples, foldOf, type Trained, trainByPasses } from '../../lib/linear-train.ts';
import type { Model } from '../../lib/model-file.ts';
import { sentimentOf } from '../../processors/mail/sentiment.ts';
import { features, hashed_features, SentimentFeatures } from '../../processors/text/sentiment/features.ts';
import { classes, ratingInput, SentimentModel, type SentimentWeights } from '../../processors/text/sentiment/model.ts';
import { tone_names } from '../../processors/text/sentiment/tone.ts';
import { kind, Tokens } from '../../processors/text/tokens.ts';
import { type LabelledText, readTexts } from '../corpora.ts';
import type { Figure } from '../figure.ts';
import { correlation, macroF1 } from '../measures.ts';
import type { Trainer, TrainingRun } from '../train.ts';
import { readVectors, type WordVectors } from './vectors.ts';

const l2 = 1;
const rows_min = 3;
const passes = 8;
const folds = 5;
const vector_words_max = 50_000;
/** Vectors come in thus much smaller, or a hundred well-filled features would outweigh the words themselves. */
const vector_scale = 0.1;

/** The label the rows have in the files, from −1 to 1, as a class from 0 to 2. */
const classOf = (label: number): number => label + 1;

interface Prepared {
  readonly texts: readonly LabelledText[];
  readonly examples: Examples;
  readonly extra: number;
}

export const sentiment: Trainer = async run => {
  const vectors = run.vectors === undefined ? undefined : readVectors(run.vectors, vector_words_max);
  const tweets = prepare(run, 'semeval_train', vectors);
  const reviews = prepare(run, 'vader_amazon', vectors);
  const all: Prepared = {
    ...tweets,
    texts: [...tweets.texts, ...reviews.texts],
    examples: joined(tweets.examples, reviews.examples),
  };
  const cut = tweets.texts.length;
  const out_of_fold = run.quick ? undefined : crossValidate(run, all, cut);
  run.say('training on everything');
  const trained = trainOn(all, balance(all, cut));
  const rating = ratingOf(all, out_of_fold ?? trainingScores(all, trained), () => true);
  const figures =
    out_of_fold === undefined
      ? []
      : [...figuresOf(all, cut, out_of_fold), ...acrossDomains(run, tweets, reviews, vectors)];
  return { model: modelOf(trained, rating, vectors), figures };
};

function prepare(run: TrainingRun, file: string, vectors: WordVectors | undefined): Prepared {
  run.say(`reading ${file}`);
  const texts = readTexts(join(run.data, 'sentiment', `${file}.jsonl.gz`));
  const extra = vectors === undefined ? 0 : 2 * vectors.dimensions;
  const tokens = new Tokens();
  const reader = new SentimentFeatures(extra);
  const places = new Map(vectors && Array.from(vectors.hashes, (hash, at) => [hash, at]));
  const examples = new Examples();
  for (const { text, label } of texts) {
    const bag = reader.read(tokens.read(text));
    if (vectors !== undefined) addVectors(vectors, places, tokens, reader);
    examples.add(bag, classOf(label));
  }
  return { texts, examples, extra };
}

/** The sum of the vectors of the words, those of negated words apart, divided like the other blocks. */
function addVectors(
  { dimensions, values }: WordVectors,
  places: ReadonlyMap<number, number>,
  tokens: Tokens,
  reader: SentimentFeatures,
): void {
  const { terms, bag } = reader;
  const factor = vector_scale / Math.sqrt(terms.words || 1);
  for (let at = 0; at < terms.count; at++) {
    const token = terms.token[at]!;
    const place = tokens.kind[token] === kind.word ? places.get(tokens.hash[token]!) : undefined;
    if (place === undefined) continue;
    const to = features + terms.negated[at]! * dimensions;
    for (let i = 0; i < dimensions; i++) bag.add(to + i, values[place * dimensions + i]! * factor);
  }
}

/** Each class of each source counts alike, each source as much as it has rows. */
function balance({ examples }: Prepared, cut: number): number[] {
  const weights: number[] = [];
  for (const [from, to] of [
    [0, cut],
    [cut, examples.length],
  ] as const) {
    const counts = [0, 0, 0];
    for (let at = from; at < to; at++) counts[examples.labels[at]!]!++;
    for (let at = from; at < to; at++) weights[at] = (to - from) / (classes * counts[examples.labels[at]!]!);
  }
  return weights;
}

function trainOn({ examples, extra }: Prepared, weights: readonly number[], rows?: readonly number[]): Trained {
  weights.forEach((weight, at) => {
    examples.weights[at] = weight;
  });
  return trainByPasses(
    examples,
    { features: features + extra, classes, l2, rows_min, ...(rows && { rows }) },
    { passes },
  );
}

/** What was predicted of a row. */
interface Prediction {
  readonly probabilities: Float64Array;
  readonly compound: number;
}

function predict({ examples }: Prepared, { weights, bias }: Trained, row: number): Prediction {
  const probabilities = Float64Array.from(bias);
  let compound = 0;
  for (let at = examples.starts[row]!; at < examples.starts[row + 1]!; at++) {
    const feature = examples.index[at]!;
    const value = examples.value[at]!;
    if (feature === hashed_features) compound = value;
    for (let k = 0; k < classes; k++) probabilities[k]! += weights[feature * classes + k]! * value;
  }
  softmax(probabilities);
  return { probabilities, compound };
}

function trainingScores(all: Prepared, trained: Trained): Prediction[] {
  return all.texts.map((_, row) => predict(all, trained, row));
}

function crossValidate(run: TrainingRun, all: Prepared, cut: number): Prediction[] {
  const weights = balance(all, cut);
  const predictions: Prediction[] = [];
  for (let fold = 0; fold < folds; fold++) {
    run.say(`cross-validation, part ${fold + 1} of ${folds}`);
    const rows = all.texts.map((_, at) => at);
    const trained = trainOn(
      all,
      weights,
      rows.filter(at => foldOf(at, folds) !== fold),
    );
    for (const row of rows) if (foldOf(row, folds) === fold) predictions[row] = predict(all, trained, row);
  }
  return predictions;
}

/** The slope of people's ratings on the predictions, over the rated rows that `chosen` lets through. No constant: nought stays neutral. */
function ratingOf({ texts }: Prepared, predictions: readonly Prediction[], chosen: (row: number) => boolean): number {
  let [products, squares] = [0, 0];
  texts.forEach(({ rating }, row) => {
    if (rating === undefined || !chosen(row)) return;
    const input = ratingInput(predictions[row]!.probabilities, predictions[row]!.compound);
    products += (input * rating) / rating_max;
    squares += input * input;
  });
  return squares === 0 ? 1 : products / squares;
}

/** Ratings are from −4 to 4. */
const rating_max = 4;
const label_names = ['negative', 'neutral', 'positive'] as const;

function figuresOf(all: Prepared, cut: number, predictions: readonly Prediction[]): Figure[] {
  const ratings = Array.from({ length: folds }, (_, fold) =>
    ratingOf(all, predictions, row => foldOf(row, folds) !== fold),
  );
  const scores = predictions.map(
    ({ probabilities, compound }, row) => ratings[foldOf(row, folds)]! * ratingInput(probabilities, compound),
  );
  const rows = all.texts.map((_, at) => at);
  const reviews = rows.filter(at => at >= cut);
  const charged = reviews.filter(at => all.texts[at]!.label !== 0);
  const rated = reviews.filter(at => all.texts[at]!.rating !== undefined);
  const ofRows = (what: string, data: string, chosen: readonly number[], of: (row: number) => string): Figure => ({
    what,
    data,
    measure: 'macro-F1',
    value: macroF1(chosen.map(at => [label_names[all.examples.labels[at]!]!, of(at)] as const)),
    examples: chosen.length,
  });
  const data = 'out of fold';
  return [
    ofRows(
      'sentiment, tweets',
      data,
      rows.filter(at => at < cut),
      at => most(predictions[at]!),
    ),
    ofRows('sentiment, reviews', data, reviews, at => most(predictions[at]!)),
    ofRows('sentiment, reviews, two classes', data, charged, at => (scores[at]! > 0 ? 'positive' : 'negative')),
    {
      what: 'score against ratings',
      data,
      measure: 'Pearson r',
      value: correlation(
        rated.map(at => scores[at]!),
        rated.map(at => all.texts[at]!.rating!),
      ),
      examples: rated.length,
    },
  ];
}

/** Trained on one source, measured on the other: on its rows, and on the reviews that they are the sentences of. */
function acrossDomains(run: TrainingRun, tweets: Prepared, reviews: Prepared, vectors?: WordVectors): Figure[] {
  const trainOnAll = (data: Prepared): Trained => trainOn(data, balance(data, data.texts.length));
  const across = (data: string, trained: Trained, to: Prepared): Figure => {
    const pairs = to.texts.map(
      ({ label }, row) => [label_names[classOf(label)]!, most(predict(to, trained, row))] as const,
    );
    return { what: 'sentiment', data, measure: 'macro-F1', value: macroF1(pairs), examples: pairs.length };
  };
  run.say('trained on tweets, measured on reviews, and the reverse');
  const of_tweets = trainOnAll(tweets);
  return [
    across('trained on tweets, measured on reviews', of_tweets, reviews),
    wholeReviews('trained on tweets', modelOf(of_tweets, 1, vectors), reviews),
    across('trained on reviews, measured on tweets', trainOnAll(reviews), tweets),
  ];
}

/** From this mean rating of its sentences on, −4 to 4, a review has a tone. */
const review_rating_min = 0.5;

function wholeReviews(data: string, model: Model, { texts }: Prepared): Figure {
  const reviews = new Map<string, { text: string; ratings: number[] }>();
  for (const { review, text, rating } of texts) {
    if (review === undefined || rating === undefined) continue;
    const { text: before, ratings } = reviews.get(review) ?? { text: '', ratings: [] };
    reviews.set(review, { text: `${before}${text} `, ratings: [...ratings, rating] });
  }
  const reader = new SentimentModel({ ...model, version: '' });
  const sign = (of: number): string => (of > 0 ? 'positive' : 'negative');
  const pairs = [...reviews.values()]
    .map(({ text, ratings }) => ({ text, rating: ratings.reduce((sum, each) => sum + each, 0) / ratings.length }))
    .filter(({ rating }) => Math.abs(rating) >= review_rating_min)
    .map(({ text, rating }) => [sign(rating), sign(sentimentOf(text, reader).score)] as const);
  const what = 'sentiment, whole reviews, two classes';
  return { what, data, measure: 'macro-F1', value: macroF1(pairs), examples: pairs.length };
}

function most({ probabilities }: Prediction): string {
  return label_names[probabilities.indexOf(Math.max(...probabilities))]!;
}

function modelOf({ weights, bias }: Trained, rating: number, vectors: WordVectors | undefined): Model {
  const { hashed, scale, dense }: LinearWeights = quantise(
    weights.subarray(0, features * classes),
    bias,
    hashed_features,
  );
  const meaning = vectors === undefined ? noMeaning : meaningOf(vectors, weights.subarray(features * classes));
  return {
    name: 'sentiment',
    method: 'linear',
    revision: 2,
    spec: { classes: label_names, hashed_features, tone: tone_names },
    arrays: { hashed, scale, tone: dense, bias: Float32Array.from(bias), rating: Float64Array.of(rating), ...meaning },
  };
}

type Meaning = Pick<SentimentWeights, 'meaning_words' | 'meaning' | 'meaning_scale'>;

const noMeaning: Meaning = {
  meaning_words: new Int32Array(0),
  meaning: new Int8Array(0),
  meaning_scale: new Float32Array(2 * classes),
};

/** What each word's vector adds under the trained weights, so that no vector need be shipped. */
function meaningOf({ dimensions, hashes, values }: WordVectors, weights: Float64Array): Meaning {
  const width = 2 * classes;
  const sums = new Float64Array(hashes.length * width);
  for (let word = 0; word < hashes.length; word++) {
    for (let i = 0; i < dimensions; i++) {
      const value = values[word * dimensions + i]! * vector_scale;
      for (let side = 0; side < 2; side++) {
        const row = (side * dimensions + i) * classes;
        for (let k = 0; k < classes; k++) sums[word * width + side * classes + k]! += value * weights[row + k]!;
      }
    }
  }
  const { hashed, scale } = quantise(sums, new Float64Array(width), hashes.length);
  return { meaning_words: hashes, meaning: hashed, meaning_scale: scale };
}

function joined(first: Examples, second: Examples): Examples {
  const both = new Examples();
  both.addAll(first);
  both.addAll(second);
  return both;
}
