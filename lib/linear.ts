/**
 * Linear models over hashed features: the features of one example are summed up in a `FeatureBag`, a `LinearModel` of 8-bit
 * weights scores them. Nothing is allocated an example.
 */

/** The features of one example, each index once. Cleared and filled again for the next. */
export class FeatureBag {
  /** How many features there can be; an index is 0 to `size − 1`. */
  readonly size: number;
  length = 0;
  readonly index: Int32Array;
  readonly value: Float32Array;
  /** Where each index lies in `index`, valid where `index` says the same. */
  private readonly place: Int32Array;

  /** At most `length_max` different features an example; what comes after them is left out. */
  constructor(size: number, length_max: number) {
    this.size = size;
    this.index = new Int32Array(length_max);
    this.value = new Float32Array(length_max);
    this.place = new Int32Array(size);
  }

  clear(): void {
    this.length = 0;
  }

  /** Adds to the feature's value. */
  add(index: number, value: number): void {
    const place = this.place[index]!;
    if (place < this.length && this.index[place] === index) {
      this.value[place]! += value;
    } else if (this.length < this.index.length) {
      this.append(index, value);
    }
  }

  /** Sets the feature's value to this one, however often it comes. */
  set(index: number, value: number): void {
    const place = this.place[index]!;
    if (place < this.length && this.index[place] === index) this.value[place] = value;
    else if (this.length < this.index.length) this.append(index, value);
  }

  /** Multiplies the values of the features from place `from` to before place `to`. */
  scale(factor: number, from = 0, to = this.length): void {
    for (let at = from; at < to; at++) this.value[at]! *= factor;
  }

  /** The Euclidean length of the features from place `from` to before place `to`. */
  norm(from = 0, to = this.length): number {
    let sum = 0;
    for (let at = from; at < to; at++) sum += this.value[at]! * this.value[at]!;
    return Math.sqrt(sum);
  }

  private append(index: number, value: number): void {
    this.place[index] = this.length;
    this.index[this.length] = index;
    this.value[this.length++] = value;
  }
}

/** Weights of K classes; K is 1 for a yes or no, whose score is a log-odds. */
export interface LinearWeights {
  readonly classes: number;
  /** Of the features below `hashed.length / classes`, a row a feature, in units of the class's `scale`. */
  readonly hashed: Int8Array;
  readonly scale: Float32Array;
  /** Of the features above those, a row a feature: the few whose weights are too unlike the rest for their scale. */
  readonly dense: Float32Array;
  readonly bias: Float32Array;
}

export class LinearModel {
  readonly weights: LinearWeights;
  private readonly sums: Float64Array;

  constructor(weights: LinearWeights) {
    this.weights = weights;
    this.sums = new Float64Array(weights.classes);
  }

  /** Writes each class's score, a sum of log-odds, into `scores`. */
  score(bag: FeatureBag, scores: Float64Array): void {
    const { classes, hashed, scale, dense, bias } = this.weights;
    const { sums } = this;
    sums.fill(0);
    scores.fill(0);
    const hashed_length = hashed.length;
    for (let at = 0; at < bag.length; at++) {
      const row = bag.index[at]! * classes;
      const value = bag.value[at]!;
      if (row < hashed_length) for (let k = 0; k < classes; k++) sums[k]! += hashed[row + k]! * value;
      else for (let k = 0; k < classes; k++) scores[k]! += dense[row - hashed_length + k]! * value;
    }
    for (let k = 0; k < classes; k++) scores[k]! += sums[k]! * scale[k]! + bias[k]!;
  }

  /** The weight of a feature for a class, as it is used. */
  weight(index: number, k: number): number {
    const { classes, hashed, scale, dense } = this.weights;
    const row = index * classes + k;
    return row < hashed.length ? hashed[row]! * scale[k]! : dense[row - hashed.length]!;
  }
}

/** Turns scores into probabilities that sum to 1, in place. */
export function softmax(scores: Float64Array): void {
  let highest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < scores.length; k++) highest = Math.max(highest, scores[k]!);
  let total = 0;
  for (let k = 0; k < scores.length; k++) total += scores[k] = Math.exp(scores[k]! - highest);
  for (let k = 0; k < scores.length; k++) scores[k]! /= total;
}

export function sigmoid(log_odds: number): number {
  return 1 / (1 + Math.exp(-log_odds));
}

/**
 * Weights in 8 bits: a scale a class, such that its largest hashed weight is 127 units. `weights` is a row a feature, `hashed` how many
 * of the features are hashed.
 */
export function quantise(weights: Float64Array, bias: Float64Array, hashed: number): LinearWeights {
  const classes = bias.length;
  const cut = hashed * classes;
  const scale = new Float32Array(classes);
  for (let at = 0; at < cut; at++) scale[at % classes] = Math.max(scale[at % classes]!, Math.abs(weights[at]!) / 127);
  const rows = new Int8Array(cut);
  for (let at = 0; at < cut; at++)
    rows[at] = scale[at % classes] === 0 ? 0 : Math.round(weights[at]! / scale[at % classes]!);
  return {
    classes,
    hashed: rows,
    scale,
    dense: Float32Array.from(weights.subarray(cut)),
    bias: Float32Array.from(bias),
  };
}
