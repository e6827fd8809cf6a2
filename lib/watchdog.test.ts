import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createWatchdog } from './watchdog.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('barks once, when there was no sign of life for too long', () => {
  const barks: string[] = [];
  const dog = createWatchdog('the loop', 1_000, error => barks.push(error.message));
  for (let i = 0; i < 5; i++) {
    vi.advanceTimersByTime(900);
    dog.beat();
  }
  expect(barks).toEqual([]);
  vi.advanceTimersByTime(5_000);
  expect(barks).toEqual(['the loop: no progress for 1000 ms']);
});

it('is quiet when it was stopped', () => {
  const barks: Error[] = [];
  const dog = createWatchdog('the loop', 1_000, error => barks.push(error));
  dog.stop();
  vi.advanceTimersByTime(5_000);
  expect(barks).toEqual([]);
});
