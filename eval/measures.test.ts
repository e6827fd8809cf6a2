import { describe, expect, it } from 'vitest';
import { auc, macroF1 } from './measures.ts';

describe('auc', () => {
  it('counts pairs in the right order, ties half', () => {
    expect(auc([3, 2], [1, 0])).toBe(1);
    expect(auc([0], [1])).toBe(0);
    expect(auc([1, 1], [1])).toBe(0.5);
    expect(auc([2, 0], [1])).toBe(0.5);
  });
});

describe('macroF1', () => {
  it('is the mean over the classes, however rare', () => {
    const pairs = [
      ['a', 'a'],
      ['a', 'a'],
      ['a', 'b'],
      ['b', 'b'],
    ] as const;
    expect(macroF1(pairs)).toBeCloseTo((4 / 5 + 2 / 3) / 2, 12);
  });
});
