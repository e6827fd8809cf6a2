import { describe, expect, it } from 'vitest';
import { sigmoid } from '../linear.ts';
import { mulberry32 } from '../random.ts';
import { Ftrl, stepped, weightOf } from './ftrl.ts';

const options = { alpha: 0.1, beta: 1, l2: 1 };

describe('Ftrl', () => {
  it('takes the steps of the paper', () => {
    const ftrl = new Ftrl(2, options);
    const row = { ids: [0, 1], values: [1, 0.5] };
    let known = [
      { z: 0, n: 0 },
      { z: 0, n: 0 },
    ];
    for (const label of [1, 0, 1, 1]) {
      const weights = known.map(each => weightOf(each, options));
      const error = sigmoid((weights[0] ?? 0) + 0.5 * (weights[1] ?? 0)) - label;
      known = known.map((each, at) => stepped(each, error * (row.values[at] ?? 0), weights[at] ?? 0, options));
      ftrl.learn(row, label);
    }
    known.forEach((each, at) => {
      expect(ftrl.weight(at)).toBeCloseTo(weightOf(each, options), 12);
    });
  });

  it('finds which feature tells, and begins where it is told to', () => {
    const ftrl = new Ftrl(3, options);
    ftrl.start(2, 1);
    expect(ftrl.score({ ids: [2], values: [2] })).toBe(2);
    const random = mulberry32(1);
    for (let at = 0; at < 2000; at++) {
      const [tells, noise] = [random() < 0.5 ? 1 : 0, random() < 0.5 ? 1 : 0];
      ftrl.learn({ ids: [0, 1], values: [tells, noise] }, random() < (tells ? 0.9 : 0.5) ? 1 : 0);
    }
    expect(ftrl.weight(0)).toBeGreaterThan(1);
    expect(Math.abs(ftrl.weight(1))).toBeLessThan(0.4);
  });
});
