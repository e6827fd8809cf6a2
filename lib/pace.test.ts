import { expect, it } from 'vitest';
import { createPace } from './pace.ts';

it('keeps the interval while the work is quick, stretches it while it is slow, and comes back', () => {
  const pace = createPace({ interval_ms: 50, times_delay: 4, interval_ms_max: 1_000 });
  expect(pace.interval_ms()).toBe(50);
  for (let i = 0; i < 20; i++) pace.took(5);
  expect(pace.interval_ms()).toBe(50);
  for (let i = 0; i < 40; i++) pace.took(40);
  expect(pace.interval_ms()).toBeCloseTo(140, 0);
  for (let i = 0; i < 40; i++) pace.took(10_000);
  expect(pace.interval_ms()).toBe(1_000);
  for (let i = 0; i < 80; i++) pace.took(5);
  expect(pace.interval_ms()).toBe(50);
});

it('takes what the work has to cost for no delay', () => {
  const pace = createPace({ interval_ms: 20, times_delay: 4, interval_ms_max: 1_000 });
  for (let i = 0; i < 40; i++) pace.took(30);
  expect(pace.interval_ms()).toBe(20);
});

it('never goes below what is configured', () => {
  const pace = createPace({ interval_ms: 5_000, times_delay: 4, interval_ms_max: 1_000 });
  pace.took(10_000);
  expect(pace.interval_ms()).toBe(5_000);
});
