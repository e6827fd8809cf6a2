import { describe, expect, it } from 'vitest';
import { FeatureBag, LinearModel, quantise, sigmoid, softmax } from './linear.ts';
import { Examples, foldOf, trainByPasses, trainLinear } from './linear-train.ts';

const hashed = 64;
const dense = 1;
const bag = new FeatureBag(hashed + dense, 16);

/** Three classes, each told by its own features; feature 7 is noise, the dense one is ten times the class. */
function examples(): Examples {
  const made = new Examples();
  for (let at = 0; at < 300; at++) {
    const label = (at * 7) % 3;
    bag.clear();
    bag.add(label * 10 + (at % 4), 1);
    bag.add(40 + (at % 3), 0.5);
    bag.add(7, (at % 5) - 2);
    bag.add(hashed, label * 10);
    made.add(bag, label);
  }
  return made;
}

describe('FeatureBag', () => {
  it('sums a feature up, and forgets when cleared', () => {
    bag.clear();
    bag.add(3, 1);
    bag.add(5, 2);
    bag.add(3, 1);
    bag.set(5, 1);
    expect([...bag.index.subarray(0, bag.length)]).toEqual([3, 5]);
    expect([...bag.value.subarray(0, bag.length)]).toEqual([2, 1]);
    expect(bag.norm()).toBeCloseTo(Math.sqrt(5));
    bag.clear();
    bag.add(5, 4);
    expect([bag.length, bag.value[0]]).toEqual([1, 4]);
  });

  it('leaves out what is too much', () => {
    bag.clear();
    for (let at = 0; at < 64; at++) bag.add(at, 1);
    expect(bag.length).toBe(16);
  });
});

describe('trainLinear', () => {
  const made = examples();
  const training = { features: hashed + dense, classes: 3, l2: 0.1 };

  it('learns, and scores alike in 8 bits', () => {
    const { weights, bias } = trainLinear(made, training);
    const model = new LinearModel(quantise(weights, bias, hashed));
    const scores = new Float64Array(3);
    for (const label of [0, 1, 2]) {
      bag.clear();
      bag.add(label * 10, 1);
      bag.add(hashed, label * 10);
      model.score(bag, scores);
      softmax(scores);
      expect(scores[label]).toBeGreaterThan(0.9);
      expect(scores.reduce((sum, each) => sum + each)).toBeCloseTo(1, 12);
    }
    for (let at = 0; at < hashed; at++) {
      expect(Math.abs(model.weight(at, 0) - weights[at * 3]!)).toBeLessThanOrEqual(model.weights.scale[0]! / 2 + 1e-6);
    }
  });

  it('ends where the gradient is nought: each weight balances its penalty', () => {
    const two = new Examples();
    for (const [value, label] of [
      [1, 1],
      [2, 1],
      [-1, 0],
      [0.5, 0],
    ] as const) {
      bag.clear();
      bag.add(0, value);
      two.add(bag, label, 2);
    }
    const { weights, bias } = trainLinear(two, { features: 1, classes: 1, l2: 0.3 });
    const gradient = [1, 2, -1, 0.5].reduce(
      (sum, value, at) => sum + 2 * value * (sigmoid(weights[0]! * value + bias[0]!) - two.labels[at]!),
      0.3 * weights[0]!,
    );
    expect(Math.abs(gradient)).toBeLessThan(0.02);
  });

  it('learns by passes too, the same weights each time', () => {
    const byPasses = () => trainByPasses(made, training, { passes: 20 });
    const { weights, bias } = byPasses();
    const model = new LinearModel(quantise(weights, bias, hashed));
    const scores = new Float64Array(3);
    for (const label of [0, 1, 2]) {
      bag.clear();
      bag.add(label * 10, 1);
      bag.add(hashed, label * 10);
      model.score(bag, scores);
      expect(scores.indexOf(Math.max(...scores))).toBe(label);
    }
    expect(byPasses()).toEqual({ weights, bias });
  });

  it('gives the same weights again', () => {
    expect(trainLinear(made, training)).toEqual(trainLinear(examples(), training));
  });
});

describe('foldOf', () => {
  it('shares out about evenly', () => {
    const counts = new Array(5).fill(0);
    for (let at = 0; at < 5_000; at++) counts[foldOf(at, 5)]++;
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(100);
  });
});
