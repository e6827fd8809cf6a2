/**
 * What an organisation's own answers add to a linear model: a few weights beside the shipped ones, learned one example at a time by AdaGrad
 * (Duchi, Hazan & Singer 2011). The model itself is never changed.
 */
import { type FeatureBag, sigmoid, softmax } from './linear.ts';

export interface Delta {
  readonly classes: number;
  /** How many examples it has learned from. */
  readonly examples: number;
  /** By feature, −1 for the bias: a weight a class, then for each the sum of its squared gradients. */
  readonly rows: ReadonlyMap<number, readonly number[]>;
}

const bias_feature = -1;

/** How far the first examples move a weight, in log-odds. */
const rate = 0.2;
/** What the squared gradients are taken to have been before the first. */
const squares_before = 0.01;

export function emptyDelta(classes: number): Delta {
  return { classes, examples: 0, rows: new Map() };
}

/** Adds what the delta says to the scores of the model. */
export function addDelta({ classes, rows }: Delta, bag: FeatureBag, scores: Float64Array): void {
  if (rows.size === 0) return;
  for (let at = -1; at < bag.length; at++) {
    const row = rows.get(at < 0 ? bias_feature : bag.index[at]!);
    if (row === undefined) continue;
    const value = at < 0 ? 1 : bag.value[at]!;
    for (let k = 0; k < classes; k++) scores[k]! += row[k]! * value;
  }
}

/**
 * The delta after one more labelled example. `scores` are the model's own for the bag, without the delta; `label` is a class, or of a yes or no 1 or
 * 0. Neither argument is changed. Cost is linear in the delta and the bag; a caller bounds the delta by how many examples it gives.
 */
export function learn(delta: Delta, bag: FeatureBag, scores: Float64Array, label: number): Delta {
  const { classes } = delta;
  const errors = Float64Array.from(scores);
  addDelta(delta, bag, errors);
  if (classes === 1) errors[0] = sigmoid(errors[0]!) - label;
  else {
    softmax(errors);
    errors[label]! -= 1;
  }
  const rows = new Map(delta.rows);
  for (let at = -1; at < bag.length; at++) {
    const feature = at < 0 ? bias_feature : bag.index[at]!;
    const value = at < 0 ? 1 : bag.value[at]!;
    const row = [...(rows.get(feature) ?? new Array<number>(2 * classes).fill(0))];
    for (let k = 0; k < classes; k++) {
      const gradient = errors[k]! * value;
      row[classes + k]! += gradient * gradient;
      row[k]! -= (rate * gradient) / Math.sqrt(squares_before + row[classes + k]!);
    }
    rows.set(feature, row);
  }
  return { classes, examples: delta.examples + 1, rows };
}
