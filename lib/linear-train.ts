/** Trains the linear models: logistic regression with an L2 penalty, by L-BFGS. The same examples give the same weights. */
import { minimise } from './lbfgs.ts';
import type { FeatureBag } from './linear.ts';

/** Examples in rows, growing as they are added. */
export class Examples {
  /** Row i is the features from `starts[i]` to before `starts[i + 1]`. */
  readonly starts: number[] = [0];
  index = new Int32Array(1 << 16);
  value = new Float32Array(1 << 16);
  readonly labels: number[] = [];
  readonly weights: number[] = [];

  get length(): number {
    return this.labels.length;
  }

  /** `label` is a class, 0 to K − 1, or of a yes or no 1 or 0. `weight` says how many examples it counts as. */
  add(bag: FeatureBag, label: number, weight = 1): void {
    const start = this.starts[this.length]!;
    const end = start + bag.length;
    if (end > this.index.length) this.grow(end);
    this.index.set(bag.index.subarray(0, bag.length), start);
    this.value.set(bag.value.subarray(0, bag.length), start);
    this.starts.push(end);
    this.labels.push(label);
    this.weights.push(weight);
  }

  addAll({ starts, index, value, labels, weights }: Examples): void {
    const start = this.starts[this.length]!;
    const size = starts[labels.length]!;
    if (start + size > this.index.length) this.grow(start + size);
    this.index.set(index.subarray(0, size), start);
    this.value.set(value.subarray(0, size), start);
    for (let row = 0; row < labels.length; row++) {
      this.starts.push(start + starts[row + 1]!);
      this.labels.push(labels[row]!);
      this.weights.push(weights[row]!);
    }
  }

  private grow(needed: number): void {
    const size = Math.max(needed, 2 * this.index.length);
    const [index, value] = [this.index, this.value];
    this.index = new Int32Array(size);
    this.value = new Float32Array(size);
    this.index.set(index);
    this.value.set(value);
  }
}

export interface Training {
  readonly features: number;
  /** 1 for a yes or no. */
  readonly classes: number;
  /** The penalty: `l2 / 2` times the sum of the squared weights, beside the sum of the examples' losses. */
  readonly l2: number;
  /** The penalty of the features from here on, where it differs. */
  readonly dense?: { readonly from: number; readonly l2: number };
  /** Features in fewer rows than this get no weight. Default 1. */
  readonly rows_min?: number;
  readonly iterations_max?: number;
  /** As in `Minimisation`. */
  readonly tolerance?: number;
  /** The rows to train on; all when absent. */
  readonly rows?: readonly number[];
  readonly told?: (iteration: number, loss: number) => void;
}

/** AdaGrad (Duchi, Hazan & Singer 2011) instead of L-BFGS: near the minimum in a few passes, where that takes a hundred. */
export interface Passes {
  /** Over the examples, each in another order; the weights are the mean of the second half's. */
  readonly passes: number;
  /** Default 0.1. */
  readonly rate?: number;
}

export interface Trained {
  /** A row of `classes` a feature. */
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

/** Softmax regression; of one class, logistic regression. */
export function trainLinear(examples: Examples, training: Training): Trained {
  const { features, classes, l2, dense, iterations_max = 200, tolerance, told } = training;
  const { data, original } = compact(examples, training);
  const cut = original.length * classes;
  const penalties = Float64Array.from(original, feature => (dense && feature >= dense.from ? dense.l2 : l2));
  const scores = new Float64Array(classes);
  const x = new Float64Array(cut + classes);
  const valueAt = (at: Float64Array, gradient: Float64Array): number => {
    let loss = 0;
    for (let i = 0; i < cut; i++) {
      const pull = penalties[(i / classes) | 0]! * at[i]!;
      gradient[i] = pull;
      loss += (pull * at[i]!) / 2;
    }
    gradient.fill(0, cut);
    for (let row = 0; row < data.labels.length; row++) loss += addExample(data, row, at, gradient, cut, scores);
    return loss;
  };
  minimise(x, { valueAt, iterations_max, ...(tolerance && { tolerance }), ...(told && { told }) });
  return scatter(x, original, features, classes);
}

interface Rows {
  readonly starts: Int32Array;
  readonly index: Int32Array;
  readonly value: Float32Array;
  readonly labels: Uint8Array;
  readonly weights: Float32Array;
}

/** The rows to train on with their features renumbered, the commonest first, so that most weights read lie in the processor's cache. */
function compact(examples: Examples, { features, rows_min = 1, rows }: Training): { data: Rows; original: Int32Array } {
  const chosen = rows ?? examples.labels.map((_, at) => at);
  const counts = new Int32Array(features);
  for (const row of chosen) {
    for (let at = examples.starts[row]!; at < examples.starts[row + 1]!; at++) counts[examples.index[at]!]!++;
  }
  const original = Int32Array.from(counts.keys()).filter(feature => counts[feature]! >= rows_min);
  original.sort((a, b) => counts[b]! - counts[a]! || a - b);
  const renumbered = new Int32Array(features).fill(-1);
  original.forEach((feature, at) => {
    renumbered[feature] = at;
  });
  const size = original.reduce((sum, feature) => sum + counts[feature]!, 0);
  const data: Rows = {
    starts: new Int32Array(chosen.length + 1),
    index: new Int32Array(size),
    value: new Float32Array(size),
    labels: Uint8Array.from(chosen, row => examples.labels[row]!),
    weights: Float32Array.from(chosen, row => examples.weights[row]!),
  };
  let to = 0;
  chosen.forEach((row, place) => {
    for (let at = examples.starts[row]!; at < examples.starts[row + 1]!; at++) {
      const feature = renumbered[examples.index[at]!]!;
      if (feature < 0) continue;
      data.index[to] = feature;
      data.value[to++] = examples.value[at]!;
    }
    data.starts[place + 1] = to;
  });
  return { data, original };
}

const squares_before = 0.01;

/** As `trainLinear`, by passes over the examples in an order that is shuffled with a fixed seed. */
export function trainByPasses(examples: Examples, training: Training, { passes, rate = 0.1 }: Passes): Trained {
  const { features, classes, l2, dense, told } = training;
  const { data, original } = compact(examples, training);
  const counts = new Int32Array(original.length);
  for (const feature of data.index) counts[feature]!++;
  // A feature's penalty is spread over the examples that have it, so that one without it costs nothing.
  const penalties = Float64Array.from(
    original,
    (feature, at) => (dense && feature >= dense.from ? dense.l2 : l2) / counts[at]!,
  );
  const cut = original.length * classes;
  const x = new Float64Array(cut + classes);
  const mean = new Float64Array(cut + classes);
  const squares = new Float64Array(cut + classes).fill(squares_before);
  const order = Int32Array.from(data.labels.keys());
  const scores = new Float64Array(classes);
  const half = Math.floor(passes / 2);
  const move = (i: number, gradient: number): void => {
    squares[i]! += gradient * gradient;
    x[i]! -= (rate * gradient) / Math.sqrt(squares[i]!);
  };
  for (let pass = 0; pass < passes; pass++) {
    shuffle(order, pass);
    let loss = 0;
    for (const row of order) {
      loss += scoreRow(data, row, x, cut, scores);
      for (let at = data.starts[row]!; at < data.starts[row + 1]!; at++) {
        const feature = data.index[at]!;
        for (let k = 0; k < classes; k++) {
          const i = feature * classes + k;
          move(i, scores[k]! * data.value[at]! + penalties[feature]! * x[i]!);
        }
      }
      for (let k = 0; k < classes; k++) move(cut + k, scores[k]!);
    }
    if (pass >= half) for (let i = 0; i < x.length; i++) mean[i]! += x[i]! / (passes - half);
    told?.(pass + 1, loss);
  }
  return scatter(mean, original, features, classes);
}

function scatter(x: Float64Array, original: Int32Array, features: number, classes: number): Trained {
  const weights = new Float64Array(features * classes);
  original.forEach((feature, at) => {
    weights.set(x.subarray(at * classes, (at + 1) * classes), feature * classes);
  });
  return { weights, bias: x.slice(original.length * classes) };
}

/** Fisher and Yates's, by a linear congruential generator. */
function shuffle(order: Int32Array, seed: number): void {
  let state = (seed + 1) * 0x9e3779b1;
  for (let at = order.length - 1; at > 0; at--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    const other = Math.floor(((state >>> 0) / 2 ** 32) * (at + 1));
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
}

/** The loss of one row under the weights `x`; its gradient is added. `scores` is room to work in. */
function addExample(
  { starts, index, value, labels, weights }: Rows,
  row: number,
  x: Float64Array,
  gradient: Float64Array,
  cut: number,
  scores: Float64Array,
): number {
  const loss = scoreRow({ starts, index, value, labels, weights }, row, x, cut, scores);
  const classes = scores.length;
  for (let k = 0; k < classes; k++) gradient[cut + k]! += scores[k]!;
  for (let at = starts[row]!; at < starts[row + 1]!; at++) {
    const base = index[at]! * classes;
    for (let k = 0; k < classes; k++) gradient[base + k]! += scores[k]! * value[at]!;
  }
  return loss;
}

/** The loss of one row under the weights `x`; `scores` becomes predicted minus actual, times the row's weight. */
function scoreRow(
  { starts, index, value, labels, weights }: Rows,
  row: number,
  x: Float64Array,
  cut: number,
  scores: Float64Array,
): number {
  const classes = scores.length;
  for (let k = 0; k < classes; k++) scores[k] = x[cut + k]!;
  for (let at = starts[row]!; at < starts[row + 1]!; at++) {
    const base = index[at]! * classes;
    for (let k = 0; k < classes; k++) scores[k]! += x[base + k]! * value[at]!;
  }
  const loss = weights[row]! * errorsOf(scores, labels[row]!);
  for (let k = 0; k < classes; k++) scores[k]! *= weights[row]!;
  return loss;
}

/** Turns scores, log-odds a class, into predicted minus actual, in place; returns the log loss. */
export function errorsOf(scores: Float64Array, label: number): number {
  if (scores.length === 1) {
    const signed = label === 1 ? scores[0]! : -scores[0]!;
    scores[0] = 1 / (1 + Math.exp(-scores[0]!)) - label;
    return signed > 0 ? Math.log1p(Math.exp(-signed)) : Math.log1p(Math.exp(signed)) - signed;
  }
  let highest = Number.NEGATIVE_INFINITY;
  for (const score of scores) highest = Math.max(highest, score);
  let total = 0;
  for (const score of scores) total += Math.exp(score - highest);
  const log_total = highest + Math.log(total);
  const loss = log_total - scores[label]!;
  for (let k = 0; k < scores.length; k++) scores[k] = Math.exp(scores[k]! - log_total) - (k === label ? 1 : 0);
  return loss;
}

/** The fold of each of `length` examples, 0 to `folds − 1`: by a hash of its place, so that neighbours part and runs agree. */
export function foldOf(at: number, folds: number): number {
  const mixed = Math.imul(at ^ (at >>> 15), 0x2c1b3c6d);
  return ((mixed ^ (mixed >>> 12)) >>> 0) % folds;
}
