/**
 * Logistic regression learned one example at a time, a learning rate for each coordinate: FTRL-proximal
 * (McMahan et al. 2013, "Ad click prediction: a view from the trenches", algorithm 1, without its L1 part).
 */
import { sigmoid } from '../linear.ts';

export interface FtrlOptions {
  /** The learning rate of a coordinate that has seen little. */
  readonly alpha: number;
  /** How much gradient a coordinate takes before its learning rate falls. */
  readonly beta: number;
  readonly l2: number;
}

/** Only what is not zero: feature `ids[i]` has the value `values[i]`. */
export interface SparseRow {
  readonly ids: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/** What is known of one coordinate: `z` the gradients so far, shifted by the weights they were taken at, `n` their squares. */
export interface Coordinate {
  readonly z: number;
  readonly n: number;
}

export function weightOf({ z, n }: Coordinate, { alpha, beta, l2 }: FtrlOptions): number {
  return z === 0 ? 0 : -z / ((beta + Math.sqrt(n)) / alpha + l2);
}

/** A coordinate after a gradient at its present weight. */
export function stepped({ z, n }: Coordinate, gradient: number, weight: number, { alpha }: FtrlOptions): Coordinate {
  const squares = n + gradient * gradient;
  const sigma = (Math.sqrt(squares) - Math.sqrt(n)) / alpha;
  return { z: z + gradient - sigma * weight, n: squares };
}

/** A learner over `size` coordinates, all in memory. */
export class Ftrl {
  readonly #z: Float64Array;
  readonly #n: Float64Array;
  readonly #weights: Float64Array;
  readonly #options: FtrlOptions;

  constructor(size: number, options: FtrlOptions) {
    this.#z = new Float64Array(size);
    this.#n = new Float64Array(size);
    this.#weights = new Float64Array(size);
    this.#options = options;
  }

  weight(id: number): number {
    return this.#weights[id] ?? 0;
  }

  /** Gives a coordinate that has learned nothing a weight to begin with. */
  start(id: number, weight: number): void {
    const { alpha, beta, l2 } = this.#options;
    this.#z[id] = -weight * (beta / alpha + l2);
    this.#weights[id] = weight;
  }

  /** In log-odds; each feature adds its weight times its value, and nothing else does. */
  score({ ids, values }: SparseRow): number {
    const weights = this.#weights;
    let sum = 0;
    for (let at = 0; at < ids.length; at++) sum += (weights[ids[at] as number] as number) * (values[at] as number);
    return sum;
  }

  /** `label` is 0 or 1. */
  learn(row: SparseRow, label: number): void {
    const { ids, values } = row;
    const { alpha, beta, l2 } = this.#options;
    const [z, n, weights] = [this.#z, this.#n, this.#weights];
    const error = sigmoid(this.score(row)) - label;
    // The steps of `stepped` and `weightOf`, without an object a feature.
    for (let at = 0; at < ids.length; at++) {
      const id = ids[at] as number;
      const gradient = error * (values[at] as number);
      const before = n[id] as number;
      const root = Math.sqrt(before + gradient * gradient);
      z[id] = (z[id] as number) + gradient - ((root - Math.sqrt(before)) / alpha) * (weights[id] as number);
      n[id] = before + gradient * gradient;
      weights[id] = -(z[id] as number) / ((beta + root) / alpha + l2);
    }
  }
}
