import { describe, expect, it } from 'vitest';
import * as format from './format.ts';

it('writes working time in hours, however long it is', () => {
  expect([40 * 60_000, 5 * 3_600_000, 163.4 * 3_600_000, Number.NaN].map(format.workingTime)).toEqual([
    '40 min',
    '5 h',
    '163 h',
    '–',
  ]);
});

describe('numbers', () => {
  it('shows what is unknown as a dash', () => {
    for (const show of [format.count, format.short, format.signed, format.percent, format.bytes, format.duration]) {
      expect(show(Number.NaN)).toBe('–');
    }
    expect(format.share(1, 0)).toBe('–');
  });

  it('writes counts, shares and signs', () => {
    expect(format.count(1204)).toBe('1,204');
    expect(format.plural(1, 'mail')).toBe('1 mail');
    expect(format.plural(1204, 'mail')).toBe('1,204 mails');
    expect(format.share(1, 3)).toBe('33 %');
    expect([0.62, -0.4, 0, -0.001].map(value => format.signed(value))).toEqual(['+0.62', '−0.40', '0.00', '0.00']);
    expect(format.signed(0.04, 1)).toBe('0.0');
  });

  it('writes sizes and lengths of time', () => {
    expect([999, 1500, 2_500_000].map(format.bytes)).toEqual(['999 B', '1.5 kB', '2.5 MB']);
    expect([12, 1400, 42_000, 180_000, 7_200_000, 3 * 86_400_000].map(format.duration)).toEqual([
      '12 ms',
      '1.4 s',
      '42 s',
      '3 min',
      '2 h',
      '3 d',
    ]);
  });

  it('names the length of a bar', () => {
    expect([30, 300, 3600, 21_600, 86_400].map(format.stepName)).toEqual(['30 s', '5 min', '1 h', '6 h', '1 d']);
  });
});

// Local times, so that the tests hold in every time zone.
describe('times', () => {
  const now = new Date(2026, 2, 14, 12, 0).getTime();

  it('are as short as is clear', () => {
    expect(format.when(new Date(2026, 2, 14, 9, 32).getTime(), now)).toBe('09:32');
    expect(format.when(new Date(2026, 0, 5, 9, 32).getTime(), now)).toBe('5 Jan, 09:32');
    expect(format.when(new Date(2002, 2, 9).getTime(), now)).toBe('9 Mar 2002');
    expect(format.when(Number.NaN, now)).toBe('–');
  });

  it('have milliseconds in a trace', () => {
    expect(format.timeOfDay(new Date(2026, 2, 14, 9, 32, 7, 20).getTime())).toBe('09:32:07.020');
  });

  it('say in a range only what differs', () => {
    const range = (from: Date, to: Date): string => format.dateRange(from.getTime(), to.getTime());
    expect(range(new Date(2026, 0, 1), new Date(2026, 1, 1))).toBe('1 Jan – 1 Feb 2026');
    expect(range(new Date(2025, 0, 1), new Date(2026, 1, 1))).toBe('1 Jan 2025 – 1 Feb 2026');
    expect(range(new Date(2026, 0, 1, 8), new Date(2026, 0, 1, 9))).toBe('1 Jan, 08:00 – 1 Jan 2026, 09:00');
  });

  it('name the day once on an axis of hours, and the year once on an axis of days', () => {
    const s = (...parts: [number, number, number, number?]): number => new Date(...parts).getTime() / 1000;
    expect(format.axisLabels([s(2026, 2, 14, 18), s(2026, 2, 15, 0), s(2026, 2, 15, 6)], 21_600)).toEqual([
      '18:00\n14 Mar',
      '00:00\n15 Mar',
      '06:00',
    ]);
    expect(format.axisLabels([s(2025, 11, 31), s(2026, 0, 1), s(2026, 0, 2)], 86_400)).toEqual([
      '31 Dec\n2025',
      '1 Jan\n2026',
      '2 Jan',
    ]);
    expect(format.axisLabels([s(2026, 0, 1)], 30 * 86_400)).toEqual(['Jan 2026']);
  });
});

describe('sentence', () => {
  it('begins and ends as one', () => {
    expect(format.sentence('the session has ended')).toBe('The session has ended.');
    expect(format.sentence('Try again!')).toBe('Try again!');
  });
});

describe('words', () => {
  it('makes a code readable', () => {
    expect(format.words('mails_in_30d')).toBe('mails in 30d');
  });
});
