import { describe, expect, it } from 'vitest';
import { bootstrap, shuffled, spreadOf } from './draws.ts';

describe('shuffled', () => {
  it('repeats with its seed, loses nothing and leaves the items as they are', () => {
    const items = [1, 2, 3, 4, 5, 6, 7, 8];
    expect(shuffled(items, 3)).toEqual(shuffled(items, 3));
    expect(shuffled(items, 3)).not.toEqual(shuffled(items, 4));
    expect(shuffled(items, 3).sort()).toEqual(items);
    expect(items).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe('spreadOf', () => {
  it('is the mean and its standard error', () => {
    expect(spreadOf([1, 2, 3])).toEqual({ mean: 2, error: Math.sqrt(1 / 3) });
    expect(spreadOf([5])).toEqual({ mean: 5, error: 0 });
  });
});

describe('bootstrap', () => {
  it('gives the interval that a share of 100 is known to have', () => {
    const half = Array.from({ length: 100 }, (_, at) => at % 2);
    const { low, high, error } = bootstrap(half, sample => spreadOf(sample).mean);
    expect(low).toBeCloseTo(0.4, 1);
    expect(high).toBeCloseTo(0.6, 1);
    expect(error).toBeCloseTo(0.05, 2);
  });
});
