/**
 * What a few labelled examples correct of a model's answers: logistic regression whose scores begin at what the model says
 * (an offset), with an L2 penalty that pulls every correction towards none. Without examples nothing is corrected; the same examples,
 * in the same order, give the same correction.
 */
import { minimise } from './lbfgs.ts';
import { sigmoid, softmax } from './linear.ts';
import { errorsOf } from './linear-train.ts';

export interface LabelledExample {
  /** Hashed features, each once, in any order. */
  readonly features: readonly number[];
  readonly values: readonly number[];
  /** What the model said: a log-odds a class; one number of a model that says yes or no. */
  readonly said: readonly number[];
  /** A class; of a yes or no 1 or 0. */
  readonly label: number;
  /** How much it counts, 1 where nothing is said. */
  readonly weight?: number;
}

export interface Correction {
  /** In ascending order. */
  readonly features: number[];
  /** A row of K a feature. */
  readonly weights: number[];
  /** Of how sure the model is: K rows of K, the correction of class k first by class 0, then by class 1 … */
  readonly mixing: number[];
  readonly bias: number[];
}

/** In units of an example's loss. Chosen on sentences of reviews, with a model that knows little of them. */
const word_l2 = 0.1;
const mixing_l2 = 5;
const bias_l2 = 5;
/** A class that is seldom told counts more: 0 as often as it was told, 1 as much as any other. */
const balance = 0.5;
const iterations_max = 30;
const tolerance = 1e-4;

/** `classes` is 1 for a yes or no. */
export function correct(examples: readonly LabelledExample[], classes: number): Correction {
  const features = [...new Set(examples.flatMap(example => example.features))].sort((a, b) => a - b);
  const loss = new CorrectionLoss(examples, features, classes);
  const x = new Float64Array(loss.size);
  minimise(x, { valueAt: (at, gradient) => loss.valueAt(at, gradient), iterations_max, tolerance });
  // As it is written: whoever goes on from it in memory must go on as whoever reads it.
  const found = Array.from(Float32Array.from(x));
  return {
    ...strongest(features, found.slice(0, loss.mixing_from), classes),
    mixing: found.slice(loss.mixing_from, loss.bias_from),
    bias: found.slice(loss.bias_from),
  };
}

/** A correction goes whole into one record: of many features those stay that say most. */
export const weights_max = 50_000;

function strongest(features: number[], weights: number[], classes: number): Pick<Correction, 'features' | 'weights'> {
  const kept = Math.floor(weights_max / classes);
  if (features.length <= kept) return { features, weights };
  const rowOf = (at: number): number[] => weights.slice(at * classes, (at + 1) * classes);
  const strength = features.map((_, at) => Math.max(...rowOf(at).map(Math.abs)));
  const places = features
    .map((_, at) => at)
    .sort((a, b) => strength[b]! - strength[a]! || a - b)
    .slice(0, kept)
    .sort((a, b) => a - b);
  return { features: places.map(at => features[at]!), weights: places.flatMap(rowOf) };
}

/** What is minimised over all parameters: the words' weights, then the mixing, then the bias. */
class CorrectionLoss {
  readonly mixing_from: number;
  readonly bias_from: number;
  readonly size: number;
  private readonly examples: readonly LabelledExample[];
  private readonly importance: readonly number[];
  private readonly errors: Float64Array;
  /** Example i has the words from `starts[i]` to before `starts[i + 1]`: where a word's weights lie, and its value. */
  private readonly starts: Int32Array;
  private readonly rows: Int32Array;
  private readonly values: Float64Array;
  private readonly sureness: readonly (readonly number[])[];

  constructor(examples: readonly LabelledExample[], features: readonly number[], classes: number) {
    const place = new Map(features.map((feature, at) => [feature, at * classes]));
    this.examples = examples;
    this.importance = importances(examples);
    this.sureness = examples.map(({ said }) => surenessOf(said));
    this.errors = new Float64Array(classes);
    this.starts = new Int32Array(examples.length + 1);
    examples.forEach(({ features: own }, i) => {
      this.starts[i + 1] = this.starts[i]! + own.length;
    });
    this.rows = Int32Array.from(examples.flatMap(example => example.features.map(feature => place.get(feature)!)));
    this.values = Float64Array.from(examples.flatMap(example => example.values));
    this.mixing_from = features.length * classes;
    this.bias_from = this.mixing_from + classes * classes;
    this.size = this.bias_from + classes;
  }

  valueAt(x: Float64Array, gradient: Float64Array): number {
    let loss = penalise(x, gradient, 0, this.mixing_from, word_l2);
    loss += penalise(x, gradient, this.mixing_from, this.bias_from, mixing_l2);
    loss += penalise(x, gradient, this.bias_from, this.size, bias_l2);
    for (let i = 0; i < this.examples.length; i++) loss += this.addExample(i, x, gradient);
    return loss;
  }

  private addExample(i: number, x: Float64Array, gradient: Float64Array): number {
    const { errors, rows, values, mixing_from, bias_from } = this;
    const { said, label } = this.examples[i]!;
    const sure = this.sureness[i]!;
    const classes = errors.length;
    const [start, end] = [this.starts[i]!, this.starts[i + 1]!];
    for (let k = 0; k < classes; k++) {
      errors[k] = said[k]! + x[bias_from + k]!;
      for (let j = 0; j < classes; j++) errors[k]! += x[mixing_from + k * classes + j]! * sure[j]!;
    }
    for (let at = start; at < end; at++) {
      for (let k = 0; k < classes; k++) errors[k]! += x[rows[at]! + k]! * values[at]!;
    }
    const weight = this.importance[label]! * weightOf(this.examples[i]!);
    const loss = weight * errorsOf(errors, label);
    for (let k = 0; k < classes; k++) {
      errors[k]! *= weight;
      gradient[bias_from + k]! += errors[k]!;
      for (let j = 0; j < classes; j++) gradient[mixing_from + k * classes + j]! += errors[k]! * sure[j]!;
    }
    for (let at = start; at < end; at++) {
      for (let k = 0; k < classes; k++) gradient[rows[at]! + k]! += errors[k]! * values[at]!;
    }
    return loss;
  }
}

/** How much an example of each label counts; about as much as there are of all together. */
function importances(examples: readonly LabelledExample[]): number[] {
  const counts: number[] = [];
  let total = 0;
  for (const example of examples) {
    const weight = weightOf(example);
    counts[example.label] = (counts[example.label] ?? 0) + weight;
    total += weight;
  }
  const present = counts.filter(count => count > 0).length;
  return counts.map(count => (total / (present * count)) ** balance);
}

const weightOf = ({ weight = 1 }: LabelledExample): number => weight;

function penalise(x: Float64Array, gradient: Float64Array, from: number, to: number, l2: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) {
    sum += x[i]! * x[i]!;
    gradient[i] = l2 * x[i]!;
  }
  return (l2 / 2) * sum;
}

/** The model's probabilities, around what a model that knows nothing says: within 1 of 0, so that no log-odds outweighs the words. */
function surenessOf(said: readonly number[]): number[] {
  if (said.length === 1) return [sigmoid(said[0]!) - 0.5];
  const probabilities = Float64Array.from(said);
  softmax(probabilities);
  return Array.from(probabilities, probability => probability - 1 / said.length);
}

/** Of scores as they are before they are made probabilities: a log-odds a class, or one of a yes or no. */
export function logLoss(scores: ArrayLike<number>, label: number): number {
  return errorsOf(Float64Array.from(scores), label);
}

/** A correction as it is used: looked up by feature. */
export class Corrector {
  private readonly correction: Correction;
  private readonly place: ReadonlyMap<number, number>;

  constructor(correction: Correction) {
    this.correction = correction;
    const classes = correction.bias.length;
    this.place = new Map(correction.features.map((feature, at) => [feature, at * classes]));
  }

  /** The model's scores, corrected. `features` and `values` as in the examples, `length` of them. */
  scores(
    said: readonly number[],
    features: ArrayLike<number>,
    values: ArrayLike<number>,
    length = features.length,
  ): number[] {
    const { weights } = this.correction;
    const standing = this.standing(said);
    const scores = said.map((score, k) => score + standing[k]!);
    for (let i = 0; i < length; i++) {
      const row = this.place.get(features[i]!);
      if (row === undefined) continue;
      for (let k = 0; k < scores.length; k++) scores[k]! += weights[row + k]! * values[i]!;
    }
    return scores;
  }

  /** What is added to each class's score whatever the features. */
  standing(said: readonly number[]): number[] {
    const { mixing, bias } = this.correction;
    const sure = surenessOf(said);
    return bias.map((base, k) => sure.reduce((sum, each, j) => sum + mixing[k * bias.length + j]! * each, base));
  }

  /** What a feature of value 1 adds to a class's score. */
  weight(feature: number, k: number): number {
    const row = this.place.get(feature);
    return row === undefined ? 0 : this.correction.weights[row + k]!;
  }
}
