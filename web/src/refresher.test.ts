import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRefresher } from './refresher.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('createRefresher', () => {
  it('runs once in each gap while changes keep coming, and a last time when they stop', () => {
    const runs: number[] = [];
    const begin = Date.now();
    const refresher = createRefresher(() => runs.push(Date.now() - begin), 1000, 3000);
    for (let ms = 0; ms < 2500; ms += 100) {
      refresher.touch();
      vi.advanceTimersByTime(100);
    }
    vi.advanceTimersByTime(10_000);
    expect(runs).toEqual([1000, 2000, 3000, 5400]);
  });

  it('does nothing once stopped', () => {
    let runs = 0;
    const refresher = createRefresher(() => (runs += 1), 1000, 3000);
    refresher.touch();
    refresher.stop();
    vi.advanceTimersByTime(10_000);
    expect(runs).toBe(0);
  });
});
