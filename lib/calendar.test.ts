import { describe, expect, it } from 'vitest';
import { createCalendar, type Interval, isTimeZone } from './calendar.ts';

const iso = (ms: number): string => new Date(ms).toISOString().replace('.000', '');
const startOf = (zone: string, interval: Interval, at: string): string =>
  iso(createCalendar(zone).startOf(interval, Date.parse(at)));
/** Where each one begins, from the one that holds the moment. */
const starts = (zone: string, interval: Interval, at: string, count: number): string[] => {
  const calendar = createCalendar(zone);
  const found = [calendar.startOf(interval, Date.parse(at))];
  while (found.length < count) found.push(calendar.move(interval, found.at(-1) as number, 1));
  return found.map(iso);
};

describe('a calendar', () => {
  it('has days that are as long as the clocks make them', () => {
    expect(starts('Europe/Berlin', 'day', '2025-03-29T12:00:00Z', 4)).toEqual([
      '2025-03-28T23:00:00Z',
      '2025-03-29T23:00:00Z',
      '2025-03-30T22:00:00Z',
      '2025-03-31T22:00:00Z',
    ]);
    expect(starts('America/New_York', 'day', '2025-11-02T04:00:00Z', 3)).toEqual([
      '2025-11-02T04:00:00Z',
      '2025-11-03T05:00:00Z',
      '2025-11-04T05:00:00Z',
    ]);
  });

  it('begins a day when its clocks jump over midnight', () => {
    expect(starts('Africa/Cairo', 'day', '2025-04-24T12:00:00Z', 3)).toEqual([
      '2025-04-23T22:00:00Z',
      '2025-04-24T22:00:00Z',
      '2025-04-25T21:00:00Z',
    ]);
  });

  it('takes for each time that its clocks jump over the moment at which they jump', () => {
    const shown = (zone: string, times: readonly string[]): string[] =>
      times.map(time => iso(createCalendar(zone).momentOf(Date.parse(`${time}Z`))));
    // From 02:00 to 03:00, from 00:00 to 01:00, and over a whole day.
    expect(
      shown('Europe/Berlin', ['2025-03-30T02:00', '2025-03-30T02:30', '2025-03-30T02:59', '2025-03-30T03:00']),
    ).toEqual(Array(4).fill('2025-03-30T01:00:00Z'));
    expect(shown('Africa/Cairo', ['2025-04-25T00:00', '2025-04-25T00:45'])).toEqual(
      Array(2).fill('2025-04-24T22:00:00Z'),
    );
    expect(shown('Pacific/Apia', ['2011-12-30T00:00', '2011-12-30T09:00', '2011-12-31T00:00'])).toEqual(
      Array(3).fill('2011-12-30T10:00:00Z'),
    );
  });

  it('has weeks from Monday, and months', () => {
    expect(startOf('Europe/Berlin', 'week', '2025-03-30T21:59:59Z')).toBe('2025-03-23T23:00:00Z');
    expect(startOf('Europe/Berlin', 'week', '2025-03-30T22:00:00Z')).toBe('2025-03-30T22:00:00Z');
    expect(starts('Europe/Berlin', 'month', '2025-03-15T00:00:00Z', 3)).toEqual([
      '2025-02-28T23:00:00Z',
      '2025-03-31T22:00:00Z',
      '2025-04-30T22:00:00Z',
    ]);
    expect(startOf('UTC', 'month', '1969-12-31T23:59:59.999Z')).toBe('1969-12-01T00:00:00Z');
  });

  it('has the hour twice that comes twice, and hours where its clocks have them', () => {
    expect(starts('Europe/Berlin', 'hour', '2025-10-26T00:30:00Z', 3)).toEqual([
      '2025-10-26T00:00:00Z',
      '2025-10-26T01:00:00Z',
      '2025-10-26T02:00:00Z',
    ]);
    expect(startOf('Asia/Kolkata', 'hour', '2025-01-01T00:00:00Z')).toBe('2024-12-31T23:30:00Z');
  });

  it('goes back as it goes on', () => {
    const calendar = createCalendar('Europe/Berlin');
    const april = calendar.startOfDate('2025-04-01');
    expect(iso(april)).toBe('2025-03-31T22:00:00Z');
    expect(iso(calendar.move('month', april, -1))).toBe('2025-02-28T23:00:00Z');
    expect(iso(calendar.move('day', april, -2))).toBe('2025-03-29T23:00:00Z');
  });

  it('is a zone’s that there is', () => {
    expect(['Europe/Berlin', 'UTC', 'Etc/GMT+3'].map(isTimeZone)).toEqual([true, true, true]);
    expect(['', '+01:00', 'Europe/Atlantis', "UTC'"].map(isTimeZone)).toEqual([false, false, false, false]);
  });
});
