/**
 * The method on categories that somebody else has judged: the coarse genres of the Berkeley Enron categories, told apart by the words
 * that the models read and by what the mail looks like (`genre-features.ts`). Five-fold, each fold by a model of the others; none of it ships.
 */
import { FeatureBag } from '../../lib/linear.ts';
import { Examples, foldOf, type Trained, trainLinear } from '../../lib/linear-train.ts';
import { readMail } from '../../processors/mail/reading.ts';
import { gistOf, text_begins } from '../../processors/text/gist.ts';
import { hashPair } from '../../processors/text/hash.ts';
import { aboutOf } from '../../processors/text/segments.ts';
import { kind, type Tokens } from '../../processors/text/tokens.ts';
import type { Email } from '../../schemas/generated.ts';
import type { CategorisedMail } from '../corpora.ts';
import { bootstrap } from '../draws.ts';
import type { Figure } from '../figure.ts';
import { macroF1 } from '../measures.ts';
import { look_features, lookOf } from './genre-features.ts';

/** Company business, purely personal, personal but professional, logistics, employment, editing of documents. */
const genres = ['1.1', '1.2', '1.3', '1.4', '1.5', '1.6'];

const bits = 13;
const size = (1 << bits) + look_features;
const mask = (1 << bits) - 1;
const tokens_max = 1_000;
const bag_norm = 3;
const penalties = [0.3, 1, 3];
const folds = 5;

/** What is read of the mails that have exactly one of the six genres. */
export function readGenres(mails: readonly CategorisedMail[]): Examples {
  const bag = new FeatureBag(size, 3 * tokens_max);
  const examples = new Examples();
  for (const { email, categories: given } of mails) {
    const found = genres.flatMap((genre, at) => (given.has(genre) ? [at] : []));
    if (found.length !== 1) continue;
    read(email, bag);
    examples.add(bag, found[0]!);
  }
  return examples;
}

export function* genreFigures(mails: readonly CategorisedMail[], data: string): Generator<Figure> {
  const read = readGenres(mails);
  const examples = read.length;
  if (examples === 0) return;
  const order = read.labels.map((_, at) => at);
  const pairs = outOfFold(read, order, rows => trainChosen(read, rows));
  const interval = bootstrap(pairs, macroF1);
  yield { what: 'genre of a mail, six ways', data, measure: 'macro-F1', value: macroF1(pairs), examples, interval };
}

/** The rows in folds by their place in `order`, each fold told by what `train` makes of the others. */
export function outOfFold(
  examples: Examples,
  order: readonly number[],
  train: (rows: readonly number[]) => Trained,
): (readonly [actual: string, predicted: string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let out = 0; out < folds; out++) {
    const trained = train(order.filter((_, place) => foldOf(place, folds) !== out));
    order.forEach((row, place) => {
      if (foldOf(place, folds) !== out) return;
      pairs.push([genres[examples.labels[row]!]!, genres[bestOf(examples, row, trained)]!]);
    });
  }
  return pairs;
}

/** With the penalty that does best in folds of these rows themselves, so that none is chosen on what is measured. */
function trainChosen(examples: Examples, rows: readonly number[]): Trained {
  const f1s = penalties.map(l2 => macroF1(outOfFold(examples, rows, inside => trainGenres(examples, inside, l2))));
  return trainGenres(examples, rows, penalties[f1s.indexOf(Math.max(...f1s))]!);
}

export function trainGenres(examples: Examples, rows: readonly number[], l2 = 1): Trained {
  weigh(examples, rows);
  return trainLinear(examples, { features: size, classes: genres.length, l2, rows });
}

/** Rare genres count as much as common ones, as they do in the measure. */
function weigh({ labels, weights }: Examples, rows: readonly number[]): void {
  const counts = genres.map((_, genre) => rows.filter(row => labels[row] === genre).length);
  for (const row of rows) weights[row] = rows.length / genres.length / counts[labels[row]!]!;
}

function read(email: Email, bag: FeatureBag): void {
  bag.clear();
  const { subject, body } = readMail({ ...email, text: aboutOf(email) });
  addWords(bag, body, 1);
  addWords(bag, subject, 2);
  const norm = bag.norm();
  if (norm > 0) bag.scale(bag_norm / norm);
  for (const [at, value] of lookOf(email).entries()) bag.set((1 << bits) + at, value);
}

function addWords(bag: FeatureBag, tokens: Tokens, value: number): void {
  let before = text_begins;
  for (let at = 0; at < Math.min(tokens.count, tokens_max); at++) {
    if (tokens.kind[at] === kind.paragraph || tokens.kind[at] === kind.punctuation) continue;
    const gist = gistOf(tokens, at);
    bag.set(hashPair(gist, 1) & mask, value);
    bag.set(hashPair(hashPair(before, gist), 2) & mask, value / 2);
    before = gist;
  }
}

function bestOf({ starts, index, value }: Examples, row: number, { weights, bias }: Trained): number {
  const scores = Float64Array.from(bias);
  for (let at = starts[row]!; at < starts[row + 1]!; at++) {
    for (let k = 0; k < scores.length; k++) scores[k]! += weights[index[at]! * scores.length + k]! * value[at]!;
  }
  return scores.indexOf(Math.max(...scores));
}
