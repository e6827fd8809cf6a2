import { describe, expect, it, vi } from 'vitest';
import { randomOf } from '../test/mails.ts';
import {
  type BusinessHours,
  createBusinessClock,
  createBusinessClocks,
  usual_hours,
  weekdays,
} from './business-time.ts';

const hour_ms = 3_600_000;
const clockOf = (given: Partial<BusinessHours> = {}) => createBusinessClock({ ...usual_hours, ...given });
const hours = (clock: ReturnType<typeof clockOf>, from: string, to: string): number =>
  clock.between(Date.parse(from), Date.parse(to)) / hour_ms;
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString().replace('.000', ''));

describe('clocks by name', () => {
  it('are the usual one but for those with hours of their own', () => {
    const berlin = { ...usual_hours, time_zone: 'Europe/Berlin' };
    const others = new Map([
      ['a', berlin],
      ['b', { ...berlin, days: [...berlin.days] }],
      ['c', { ...berlin, holidays: ['2025-03-28'] }],
    ]);
    const clocks = createBusinessClocks(usual_hours, others);
    const from = Date.parse('2025-03-28T08:00:00Z');
    const worked = (name: string): number => clocks.of(name).between(from, from + 3 * hour_ms) / hour_ms;
    expect(['a', 'b', 'c', 'd'].map(worked)).toEqual([3, 3, 0, 2]);
    expect(clocks.names).toEqual(['a', 'b', 'c']);
    expect(clocks.of('a')).toBe(clocks.of('b'));
    expect(clocks.of('d')).toBe(clocks.usual);
  });
});

describe('working time', () => {
  it('is that of Monday to Friday from 9 to 17', () => {
    const clock = clockOf();
    expect(hours(clock, '2025-03-28T08:00:00Z', '2025-03-28T12:00:00Z')).toBe(3);
    // Friday evening to Monday morning.
    expect(hours(clock, '2025-03-28T18:00:00Z', '2025-03-31T09:00:00Z')).toBe(0);
    expect(hours(clock, '2025-03-28T16:00:00Z', '2025-03-31T10:00:00Z')).toBe(2);
    expect(hours(clock, '2025-03-31T10:00:00Z', '2025-03-28T16:00:00Z')).toBe(0);
    // A year has 261 such days.
    expect(hours(clock, '2025-01-01T00:00:00Z', '2026-01-01T00:00:00Z')).toBe(261 * 8);
    expect(clock.day_ms).toBe(8 * hour_ms);
  });

  it('goes by the clocks of its zone, summer and winter', () => {
    const berlin = clockOf({ time_zone: 'Europe/Berlin' });
    // Friday 16:00 to Wednesday 12:00, over the night in which they are put forward.
    expect(hours(berlin, '2025-03-28T15:00:00Z', '2025-04-02T10:00:00Z')).toBe(20);
    expect(hours(clockOf({ time_zone: 'America/New_York' }), '2025-03-28T15:00:00Z', '2025-04-02T10:00:00Z')).toBe(22);
    expect(hours(clockOf({ time_zone: 'Asia/Kolkata' }), '2025-03-28T03:30:00Z', '2025-03-28T11:30:00Z')).toBe(8);
  });

  it('is as long as it really is where the clocks change within it', () => {
    const always = clockOf({ time_zone: 'Europe/Berlin', days: weekdays, hours: { from: '00:00', to: '24:00' } });
    expect(hours(always, '2025-03-29T23:00:00Z', '2025-03-30T22:00:00Z')).toBe(23);
    expect(hours(always, '2025-10-25T22:00:00Z', '2025-10-26T23:00:00Z')).toBe(25);
    expect(hours(always, '1999-06-01T00:00:00Z', '2025-06-01T00:00:00Z')).toBe(
      (Date.UTC(2025, 5) - Date.UTC(1999, 5)) / hour_ms,
    );
  });

  it('ends, or begins, when the clocks jump over the hour that was agreed on', () => {
    const from = '2025-03-29T12:00:00Z';
    const to = '2025-03-30T12:00:00Z';
    const clock = (hours: BusinessHours['hours']) => clockOf({ time_zone: 'Europe/Berlin', days: weekdays, hours });
    expect(hours(clock({ from: '22:00', to: '02:30' }), from, to)).toBe(4);
    expect(hours(clock({ from: '02:30', to: '10:00' }), from, to)).toBe(7);
  });

  it('of a night belongs to the day it began on', () => {
    const nights = clockOf({ days: ['friday'], hours: { from: '22:00', to: '06:00' } });
    expect(hours(nights, '2025-03-28T00:00:00Z', '2025-03-29T00:00:00Z')).toBe(2);
    expect(hours(nights, '2025-03-29T00:00:00Z', '2025-03-30T00:00:00Z')).toBe(6);
    // The last night of 2027 ends in 2028.
    expect(
      hours(
        clockOf({ days: ['friday'], hours: { from: '22:00', to: '06:00' } }),
        '2027-12-31T23:00:00Z',
        '2028-01-02T00:00:00Z',
      ),
    ).toBe(7);
    expect(nights.day_ms).toBe(8 * hour_ms);
  });

  it('leaves holidays out', () => {
    const clock = clockOf({ time_zone: 'Europe/Berlin', holidays: ['2025-04-01', '2025-03-30'] });
    expect(hours(clock, '2025-03-28T15:00:00Z', '2025-04-02T10:00:00Z')).toBe(12);
  });

  it('adds up wherever it is split, and is told back', () => {
    const seed = 20_250_330;
    const random = randomOf(seed);
    const clocks = [
      clockOf(),
      clockOf({ time_zone: 'Europe/Berlin', days: weekdays, hours: { from: '20:00', to: '04:00' } }),
      clockOf({ time_zone: 'America/New_York', holidays: ['2024-12-25'], hours: { from: '08:30', to: '12:15' } }),
      clockOf({ time_zone: 'Africa/Cairo', days: weekdays, hours: { from: '00:00', to: '24:00' } }),
    ];
    const start = Date.UTC(2023, 0);
    for (let round = 0; round < 2_000; round++) {
      const clock = clocks[round % clocks.length] as (typeof clocks)[number];
      const [a = 0, b = 0, c = 0] = Array.from(
        { length: 3 },
        () => start + Math.floor(random() * 3 * 365 * 86_400_000),
      ).sort((x, y) => x - y);
      const whole = clock.between(a, c);
      expect(clock.between(a, b) + clock.between(b, c), `seed ${seed}, round ${round}`).toBe(whole);
      expect(whole).toBeLessThanOrEqual(c - a);
      const passed = clock.between(a, b);
      if (passed === 0) continue;
      const end = clock.after(a, passed) as number;
      const begin = clock.before(c, clock.between(b, c)) as number;
      expect(clock.between(a, end)).toBe(passed);
      expect(end).toBeLessThanOrEqual(b);
      expect(begin).toBeGreaterThanOrEqual(b);
      expect(clock.between(begin, c)).toBe(clock.between(b, c));
    }
  });

  it('ends a day at its end, and begins one at its beginning', () => {
    const clock = clockOf();
    expect(iso(clock.after(Date.parse('2025-03-28T15:00:00Z'), 2 * hour_ms))).toBe('2025-03-28T17:00:00Z');
    expect(iso(clock.after(Date.parse('2025-03-28T15:00:00Z'), 3 * hour_ms))).toBe('2025-03-31T10:00:00Z');
    expect(iso(clock.before(Date.parse('2025-03-31T10:00:00Z'), hour_ms))).toBe('2025-03-31T09:00:00Z');
    expect(iso(clock.before(Date.parse('2025-03-31T10:00:00Z'), 2 * hour_ms))).toBe('2025-03-28T16:00:00Z');
  });

  it('asks its zone once a day: whoever asks first for years of many organisations holds up all others', () => {
    // Both ways to ask it; the one is a getter of a bound function.
    const zone = Intl.DateTimeFormat.prototype as unknown as { format: object; formatToParts: () => object };
    const format = Object.getOwnPropertyDescriptor(zone, 'format')?.get;
    const asked = [
      vi.spyOn(zone, 'format', 'get').mockImplementation(function (this: unknown) {
        return format?.call(this) as object;
      }),
      vi.spyOn(zone, 'formatToParts'),
    ];
    const clock = clockOf({ time_zone: 'Asia/Vladivostok', days: weekdays });
    clock.between(Date.UTC(2025, 0, 2), Date.UTC(2025, 11, 30));
    const times = asked.reduce((sum, { mock }) => sum + mock.calls.length, 0);
    for (const spy of asked) spy.mockRestore();
    // Of the years before and after too.
    expect(times).toBeGreaterThan(3 * 365);
    expect(times).toBeLessThan(3 * 366 + 50);
  });

  it('is bounded for times that nobody had, and for whoever hardly works', () => {
    const clock = clockOf();
    expect(clock.between(Number.MIN_SAFE_INTEGER, 0)).toBe(0);
    expect(clock.between(Date.UTC(2299, 11, 31), Number.MAX_SAFE_INTEGER)).toBe(0);
    expect(clock.after(Date.UTC(2025, 0), 10 * 366 * 8 * hour_ms)).toBeNull();
    expect(clock.before(Date.UTC(2025, 0), 11 * 366 * 8 * hour_ms)).toBeNull();
  });
});
