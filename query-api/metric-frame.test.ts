import { describe, expect, it } from 'vitest';
import { createCalendar, type Interval } from '../lib/calendar.ts';
import { boundsBefore, boundsOf, endsOf, spanOf, stepFor } from './metric-frame.ts';

const day = 86_400_000;
const now = Date.UTC(2026, 5, 1);

describe('the range of metrics', () => {
  it('is where the data is, whatever one date says', () => {
    const range = { first_ms: Date.UTC(1902, 0), p5_ms: now - 20 * day, p95_ms: now - day, last_ms: now };
    const { from_ms, to_ms } = spanOf(undefined, undefined, range, now);
    expect(from_ms).toBeGreaterThan(now - 30 * day);
    expect(to_ms).toBe(now + 1);
  });

  it('is the last day where there is no data, and shows a single mail', () => {
    expect(spanOf(undefined, undefined, null, now)).toEqual({ from_ms: now - day, to_ms: now });
    const one = { first_ms: now, p5_ms: now, p95_ms: now, last_ms: now };
    expect(spanOf(undefined, undefined, one, now)).toEqual({ from_ms: now, to_ms: now + 1 });
  });

  it('obeys what was asked, unless it is upside down', () => {
    const range = { first_ms: now - day, p5_ms: now - day, p95_ms: now, last_ms: now };
    expect(spanOf(1, 2, range, now)).toEqual({ from_ms: 1, to_ms: 2 });
    expect(spanOf(now + day, undefined, range, now).from_ms).toBe(now + day);
    expect(() => spanOf(2, 2, range, now)).toThrow(/later than from/);
  });
});

describe('the steps', () => {
  it('are about 120', () => {
    for (const span_ms of [1_000, 3_600_000, day, 30 * day, 365 * day, 40_000 * day]) {
      const bounds = boundsOf({ from_ms: now - span_ms, to_ms: now }, { step_s: undefined });
      expect(bounds.length - 1).toBeLessThanOrEqual(122);
      expect((bounds[1] as number) - (bounds[0] as number)).toBe(stepFor(span_ms) * 1_000);
    }
  });

  it('are whole and aligned, and not too many', () => {
    expect(boundsOf({ from_ms: 1_500, to_ms: 4_001 }, { step_s: 1 })).toEqual([1_000, 2_000, 3_000, 4_000, 5_000]);
    expect(() => boundsOf({ from_ms: 0, to_ms: day }, { step_s: 1 })).toThrow(/86400 points/);
    const hours = { interval: 'hour', calendar: createCalendar('UTC') } as const;
    expect(boundsOf({ from_ms: 0, to_ms: 2_000 * 3_600_000 }, hours)).toHaveLength(2_001);
    expect(() => boundsOf({ from_ms: 0, to_ms: 2_001 * 3_600_000 }, hours)).toThrow(/more than 2000 points/);
  });
});

describe('the period before', () => {
  const berlin = createCalendar('Europe/Berlin');
  const periodBefore = (interval: Interval, from: string, to: string): [string, string, number] => {
    const steps = { interval, calendar: berlin };
    const shown = { from_ms: berlin.startOfDate(from), to_ms: berlin.startOfDate(to) };
    const bounds = boundsBefore(boundsOf(shown, steps), steps);
    const { from_ms, to_ms } = endsOf(bounds);
    return [new Date(from_ms).toISOString(), new Date(to_ms).toISOString(), bounds.length - 1];
  };

  it('of a whole month is the month before, as long as that is', () => {
    expect(periodBefore('day', '2025-03-01', '2025-04-01')).toEqual([
      '2025-01-31T23:00:00.000Z',
      '2025-02-28T23:00:00.000Z',
      28,
    ]);
  });

  it('of whole days and weeks is as many before, whatever the clocks did', () => {
    expect(periodBefore('hour', '2025-03-31', '2025-04-01')).toEqual([
      '2025-03-29T23:00:00.000Z',
      '2025-03-30T22:00:00.000Z',
      23,
    ]);
    expect(periodBefore('week', '2025-03-31', '2025-04-14')).toEqual([
      '2025-03-16T23:00:00.000Z',
      '2025-03-30T22:00:00.000Z',
      2,
    ]);
  });

  it('of a number of seconds is the same number', () => {
    expect(boundsBefore([4_000, 6_000, 8_000], { step_s: 2 })).toEqual([0, 2_000, 4_000]);
  });
});
