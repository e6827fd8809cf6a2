/** Finds the weights of a linear-chain conditional random field by L-BFGS on the penalised likelihood; forward-backward for its gradient. */
import { minimise } from './lbfgs.ts';

/** Tokens of all sequences, one after the other. */
export interface CrfData {
  readonly labels: number;
  /** Sequence s is the tokens from `sequences[s]` to before `sequences[s + 1]`. */
  readonly sequences: readonly number[];
  /** The right label of each token. */
  readonly gold: Uint8Array;
  /** Token t has the features `features[starts[t]]` to before `starts[t + 1]`, each with value 1. */
  readonly starts: Int32Array;
  readonly features: Int32Array;
  readonly features_max: number;
  /**
   * Beside those, `slots` vectors a token: slot k of token t is row `rows[t * slots + k]` of `vectors` (−1: none), whose weights are
   * block `blocks[t * slots + k]`.
   */
  readonly slots: number;
  readonly rows: Int32Array;
  readonly blocks: Uint8Array;
  readonly blocks_max: number;
  readonly vectors: Float32Array;
  readonly dimensions: number;
}

export interface CrfPenalties {
  /** Of the squares of the features' weights, and of the vectors' weights. */
  readonly features: number;
  readonly vectors: number;
}

export interface CrfWeights {
  /** A row of labels a feature. */
  readonly features: Float64Array;
  /** A row of labels a dimension, `dimensions` of them a block. */
  readonly vectors: Float64Array;
  readonly transitions: Float64Array;
  readonly starts: Float64Array;
}

/** Deterministic. `allowed(i, j)` says whether label j may follow label i; `allowed(-1, j)` whether a sequence may begin with j. */
export function trainCrf(
  data: CrfData,
  penalties: CrfPenalties,
  allowed: (from: number, to: number) => boolean,
  iterations_max: number,
  told?: (iteration: number, value: number) => void,
): CrfWeights {
  const { labels } = data;
  const cut = data.features_max * labels;
  const end = cut + data.blocks_max * data.dimensions * labels;
  const x = new Float64Array(end + labels * labels + labels);
  const weights = (of: Float64Array): CrfWeights => ({
    features: of.subarray(0, cut),
    vectors: of.subarray(cut, end),
    transitions: of.subarray(end, end + labels * labels),
    starts: of.subarray(end + labels * labels),
  });
  const chain = new Chain(data, allowed);
  const valueAt = (at: Float64Array, gradient: Float64Array): number => {
    gradient.fill(0);
    let value = chain.loss(weights(at), weights(gradient));
    for (let i = 0; i < at.length; i++) {
      const penalty = i < cut || i >= end ? penalties.features : penalties.vectors;
      value += (penalty / 2) * at[i]! * at[i]!;
      gradient[i]! += penalty * at[i]!;
    }
    return value;
  };
  minimise(x, { valueAt, iterations_max, tolerance: 1e-4, ...(told !== undefined && { told }) });
  return weights(x);
}

/** The forward-backward algorithm, each place scaled to sum to 1 (Rabiner 1989) so that nothing overflows. */
class Chain {
  private readonly data: CrfData;
  /** 1 where a label may follow another, 0 where not. */
  private readonly open: Float64Array;
  private readonly openStart: Float64Array;
  private readonly follow: Float64Array;
  private readonly scores: Float64Array;
  private readonly forward: Float64Array;
  private readonly backward: Float64Array;
  private readonly scales: Float64Array;
  private readonly change: Float64Array;

  constructor(data: CrfData, allowed: (from: number, to: number) => boolean) {
    const { labels, sequences } = data;
    this.data = data;
    this.open = Float64Array.from({ length: labels * labels }, (_, at) =>
      Number(allowed(Math.floor(at / labels), at % labels)),
    );
    this.openStart = Float64Array.from({ length: labels }, (_, j) => Number(allowed(-1, j)));
    this.follow = new Float64Array(labels * labels);
    let longest = 0;
    for (let s = 0; s + 1 < sequences.length; s++) longest = Math.max(longest, sequences[s + 1]! - sequences[s]!);
    this.scores = new Float64Array(longest * labels);
    this.forward = new Float64Array(longest * labels);
    this.backward = new Float64Array(longest * labels);
    this.scales = new Float64Array(longest);
    this.change = new Float64Array(labels);
  }

  /** The negative log-likelihood; adds to the gradient. */
  loss(weights: CrfWeights, gradient: CrfWeights): number {
    const { sequences } = this.data;
    for (let at = 0; at < this.follow.length; at++)
      this.follow[at] = this.open[at]! * Math.exp(weights.transitions[at]!);
    let value = 0;
    for (let s = 0; s + 1 < sequences.length; s++) {
      if (sequences[s + 1]! > sequences[s]!) value += this.lossOf(sequences[s]!, sequences[s + 1]!, weights, gradient);
    }
    return value;
  }

  private lossOf(from: number, to: number, weights: CrfWeights, gradient: CrfWeights): number {
    const { labels, gold } = this.data;
    const length = to - from;
    let right = weights.starts[gold[from]!]!;
    for (let t = 0; t < length; t++) {
      tokenScores(this.data, weights, from + t, this.scores, t * labels);
      right += this.scores[t * labels + gold[from + t]!]!;
      if (t > 0) right += weights.transitions[gold[from + t - 1]! * labels + gold[from + t]!]!;
    }
    const total = this.sumForward(length, weights);
    this.sumBackward(length);
    this.addGradient(from, length, gradient);
    return total - right;
  }

  /** Returns the logarithm of the sum over all label sequences; leaves `exp(score)` in `scores`. */
  private sumForward(length: number, weights: CrfWeights): number {
    const { labels } = this.data;
    const { scores, forward, follow, scales } = this;
    let total = 0;
    for (let t = 0; t < length; t++) {
      const row = t * labels;
      let highest = scores[row]!;
      for (let j = 1; j < labels; j++) highest = Math.max(highest, scores[row + j]!);
      total += highest;
      let sum = 0;
      for (let j = 0; j < labels; j++) {
        scores[row + j] = Math.exp(scores[row + j]! - highest);
        let before = t === 0 ? this.openStart[j]! * Math.exp(weights.starts[j]!) : 0;
        if (t > 0) for (let i = 0; i < labels; i++) before += forward[row - labels + i]! * follow[i * labels + j]!;
        sum += forward[row + j] = before * scores[row + j]!;
      }
      for (let j = 0; j < labels; j++) forward[row + j]! /= sum;
      scales[t] = sum;
      total += Math.log(sum);
    }
    return total;
  }

  private sumBackward(length: number): void {
    const { labels } = this.data;
    const { scores, backward, follow, scales } = this;
    backward.fill(1, (length - 1) * labels, length * labels);
    for (let t = length - 2; t >= 0; t--) {
      const next = (t + 1) * labels;
      for (let i = 0; i < labels; i++) {
        let sum = 0;
        for (let j = 0; j < labels; j++) sum += follow[i * labels + j]! * scores[next + j]! * backward[next + j]!;
        backward[t * labels + i] = sum / scales[t + 1]!;
      }
    }
  }

  /** Expected less actual counts. */
  private addGradient(from: number, length: number, gradient: CrfWeights): void {
    const { labels, gold } = this.data;
    const { scores, forward, backward, follow, scales, change } = this;
    for (let t = 0; t < length; t++) {
      const row = t * labels;
      const own = gold[from + t]!;
      for (let j = 0; j < labels; j++) change[j] = forward[row + j]! * backward[row + j]! - (j === own ? 1 : 0);
      tokenGradient(this.data, gradient, from + t, change);
      if (t === 0) {
        for (let j = 0; j < labels; j++) gradient.starts[j]! += change[j]!;
        continue;
      }
      gradient.transitions[gold[from + t - 1]! * labels + own]!--;
      for (let i = 0; i < labels; i++) {
        for (let j = 0; j < labels; j++) {
          gradient.transitions[i * labels + j]! +=
            (forward[row - labels + i]! * follow[i * labels + j]! * scores[row + j]! * backward[row + j]!) / scales[t]!;
        }
      }
    }
  }
}

/** Writes a token's score for each label to `scores` from `to` on. */
export function tokenScores(data: CrfData, weights: CrfWeights, token: number, scores: Float64Array, to: number): void {
  const { labels, features, starts, slots, rows, blocks, vectors, dimensions } = data;
  for (let j = 0; j < labels; j++) scores[to + j] = 0;
  for (let at = starts[token]!; at < starts[token + 1]!; at++) {
    const row = features[at]! * labels;
    for (let j = 0; j < labels; j++) scores[to + j]! += weights.features[row + j]!;
  }
  for (let k = token * slots; k < (token + 1) * slots; k++) {
    if (rows[k]! < 0) continue;
    let weight = blocks[k]! * dimensions * labels;
    for (let d = rows[k]! * dimensions; d < (rows[k]! + 1) * dimensions; d++) {
      for (let j = 0; j < labels; j++) scores[to + j]! += vectors[d]! * weights.vectors[weight++]!;
    }
  }
}

function tokenGradient(data: CrfData, gradient: CrfWeights, token: number, change: Float64Array): void {
  const { labels, features, starts, slots, rows, blocks, vectors, dimensions } = data;
  for (let at = starts[token]!; at < starts[token + 1]!; at++) {
    const row = features[at]! * labels;
    for (let j = 0; j < labels; j++) gradient.features[row + j]! += change[j]!;
  }
  for (let k = token * slots; k < (token + 1) * slots; k++) {
    if (rows[k]! < 0) continue;
    let weight = blocks[k]! * dimensions * labels;
    for (let d = rows[k]! * dimensions; d < (rows[k]! + 1) * dimensions; d++) {
      for (let j = 0; j < labels; j++) gradient.vectors[weight++]! += vectors[d]! * change[j]!;
    }
  }
}
