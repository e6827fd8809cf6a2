import { describe, expect, it } from 'vitest';
import { createRateLimiter } from './rate-limit.ts';

const limit = { requests_per_second: 2, burst: 3 };

describe('a caller', () => {
  it('may ask in a burst, then at the rate', () => {
    const { take } = createRateLimiter(limit);
    expect([0, 0, 0].map(at => take('ada', at))).toEqual([0, 0, 0]);
    expect(take('ada', 0)).toBe(0.5);
    expect(take('ada', 250)).toBe(0.25);
    expect(take('ada', 500)).toBe(0);
    expect(take('ada', 500)).toBe(0.5);
  });

  it('that was refused is let in no later for having asked', () => {
    const { take } = createRateLimiter(limit);
    for (let i = 0; i < 100; i++) take('ada', 0);
    expect(take('ada', 500)).toBe(0);
  });

  it('has no more than a burst after any pause', () => {
    const { take } = createRateLimiter(limit);
    expect(Array.from({ length: 4 }, () => take('ada', 0) === 0)).toEqual([true, true, true, false]);
    expect(Array.from({ length: 4 }, () => take('ada', 3_600_000) === 0)).toEqual([true, true, true, false]);
  });

  it('does not pay for another', () => {
    const { take } = createRateLimiter(limit);
    for (let i = 0; i < 10; i++) take('ada', 0);
    expect(take('bob', 0)).toBe(0);
  });

  it('is forgotten when many came after', () => {
    const { take } = createRateLimiter(limit);
    for (let i = 0; i < 10; i++) take('ada', 0);
    for (let i = 0; i < 10_000; i++) take(`caller ${i}`, 0);
    expect(take('ada', 0)).toBe(0);
  });
});
