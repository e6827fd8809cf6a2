import { describe, expect, it } from 'vitest';
import { FeatureBag, softmax } from './linear.ts';
import { addDelta, type Delta, emptyDelta, learn } from './linear-online.ts';

const bag = new FeatureBag(8, 8);
const only = (...features: number[]): FeatureBag => {
  bag.clear();
  for (const feature of features) bag.add(feature, 1);
  return bag;
};
const probabilities = (delta: Delta, ...features: number[]): Float64Array => {
  const scores = new Float64Array(delta.classes);
  addDelta(delta, only(...features), scores);
  softmax(scores);
  return scores;
};

describe('learn', () => {
  it('moves what it is told towards the label, and leaves what it was given alone', () => {
    const before = emptyDelta(3);
    let delta = before;
    for (let at = 0; at < 10; at++) {
      delta = learn(delta, only(1, 2), new Float64Array(3), 2);
      delta = learn(delta, only(3), new Float64Array(3), 0);
    }
    expect(delta.examples).toBe(20);
    expect(probabilities(delta, 1)[2]).toBeGreaterThan(0.6);
    expect(probabilities(delta, 3)[0]).toBeGreaterThan(0.6);
    expect(before.rows.size).toBe(0);
  });

  it('says little against a model that is sure and right', () => {
    const sure = Float64Array.of(-10, -10, 10);
    const delta = learn(emptyDelta(3), only(1), sure, 2);
    expect(Math.max(...[...delta.rows.values()].flat().map(Math.abs))).toBeLessThan(1e-6);
    expect([...sure]).toEqual([-10, -10, 10]);
  });

  it('learns a yes or no', () => {
    const delta = learn(emptyDelta(1), only(1), new Float64Array(1), 1);
    const scores = new Float64Array(1);
    addDelta(delta, only(1), scores);
    expect(scores[0]).toBeGreaterThan(0.3);
  });
});
