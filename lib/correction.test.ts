import { describe, expect, it } from 'vitest';
import { Corrector, correct, type LabelledExample, logLoss, weights_max } from './correction.ts';
import { sigmoid } from './linear.ts';

/** A mail with these words, of which the model says 1 with odds of e^said. */
const example = (features: number[], said: number, label: number): LabelledExample => ({
  features,
  values: features.map(() => 1 / Math.sqrt(features.length)),
  said: [said],
  label,
});
const probability = (corrector: Corrector, { said, features, values }: LabelledExample): number =>
  sigmoid(corrector.scores(said, features, values)[0]!);

describe('a correction', () => {
  it('of nothing leaves what the model says', () => {
    const corrector = new Corrector(correct([], 3));
    expect([...corrector.scores([-1, 0.5, 2], [7, 8], [1, 1])]).toEqual([-1, 0.5, 2]);
  });

  it('turns the model where it was wrong, and leaves it nearly as it is elsewhere', () => {
    const corrector = new Corrector(correct([example([1, 2], -2, 1), example([3, 4], -2, 0)], 1));
    expect(probability(corrector, example([1, 2], -2, 1))).toBeGreaterThan(0.5);
    expect(probability(corrector, example([3, 4], -2, 0))).toBeLessThan(0.2);
    expect(probability(corrector, example([5, 6], -2, 0))).toBeLessThan(0.4);
  });

  it('learns that a class is commoner here than the model thinks', () => {
    const told = Array.from({ length: 60 }, (_, i) => example([100 + i], -1, i % 6 === 0 ? 0 : 1));
    const corrector = new Corrector(correct(told, 1));
    expect(probability(corrector, example([9], -1, 1))).toBeGreaterThan(0.5);
  });

  it('takes an example of weight 3 for three of them, in the balance of the classes too', () => {
    const [one, other] = [example([1, 2], -2, 1), example([2, 3], 1, 0)];
    const weighed = new Corrector(correct([{ ...one, weight: 3 }, other], 1));
    const repeated = new Corrector(correct([one, one, one, other], 1));
    for (const feature of [1, 2, 3]) expect(weighed.weight(feature, 0)).toBeCloseTo(repeated.weight(feature, 0), 3);
    const once = new Corrector(correct([one, other], 1));
    expect(weighed.weight(1, 0)).toBeGreaterThan(once.weight(1, 0) + 0.01);
  });

  it('of several classes moves the one that was told', () => {
    const told = [0, 1, 2].map(label => ({ features: [label], values: [1], said: [0, 0, 0], label }));
    const corrector = new Corrector(correct(told, 3));
    for (const { features, values, said, label } of told) {
      const scores = [...corrector.scores(said, features, values)];
      expect(scores.indexOf(Math.max(...scores))).toBe(label);
    }
  });

  it('is the same of the same examples', () => {
    const told = Array.from({ length: 40 }, (_, i) => example([i % 7, 10 + (i % 3)], (i % 5) - 2, Number(i % 7 < 3)));
    expect(correct(told, 1)).toEqual(correct(structuredClone(told), 1));
  });

  it('keeps of many features those that say most', () => {
    const classes = 11;
    // Ten words of each are its label's own, ten more are nobody else's.
    const told = Array.from({ length: 500 }, (_, i) => ({
      features: Array.from({ length: 20 }, (_, j) => (j < 10 ? 10 * (i % classes) + j : 1_000 + 20 * i + j)),
      values: Array(20).fill(0.22),
      said: Array(classes).fill(0),
      label: i % classes,
    }));
    const correction = correct(told, classes);
    const { features, weights } = correction;
    expect(weights.length).toBe(features.length * classes);
    expect(weights.length).toBeLessThanOrEqual(weights_max);
    expect(features).toEqual([...features].sort((a, b) => a - b));
    expect(features.filter(feature => feature < 1_000).length).toBe(10 * classes);
    const corrector = new Corrector(correction);
    for (const { said, features, values, label } of told) {
      const scores = corrector.scores(said, features, values);
      expect(scores.indexOf(Math.max(...scores))).toBe(label);
    }
  });

  it('lowers the loss of what was told', () => {
    const told = Array.from({ length: 40 }, (_, i) => example([i % 7, 10 + (i % 3)], 0, Number(i % 7 < 3)));
    const corrector = new Corrector(correct(told, 1));
    const loss = (corrected: boolean): number =>
      told.reduce((sum, each) => {
        const { said, features, values, label } = each;
        return sum + logLoss(corrected ? corrector.scores(said, features, values) : said, label);
      }, 0);
    expect(loss(true)).toBeLessThan(0.5 * loss(false));
  });
});
