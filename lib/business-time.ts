/**
 * Time by working hours: how much of it lies between two moments, and when so much of it has passed.
 *
 * A working day is one stretch on the clocks of a zone, on some days of the week, holidays left out. It may end after midnight,
 * and then belongs to the day it began on. It is as long as it really is: over a change of clocks an hour less, or more. All is in
 * whole milliseconds, so times add up exactly wherever they are split.
 */
import { createCalendar } from './calendar.ts';

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof weekdays)[number];

export interface BusinessHours {
  /** The IANA name of a zone. */
  readonly time_zone: string;
  readonly days: readonly Weekday[];
  /** As `09:00`, up to `24:00`; an end that is not after the beginning is on the next day. */
  readonly hours: { readonly from: string; readonly to: string };
  /** As `2026-12-25`. */
  readonly holidays: readonly string[];
}

export const usual_hours: BusinessHours = {
  time_zone: 'UTC',
  days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
  hours: { from: '09:00', to: '17:00' },
  holidays: [],
};

/** Moments are milliseconds since 1970; those before count as 1970's first, and those after 2299 as its last. */
export interface BusinessClock {
  /** A working day by its hours, whatever the clocks do on one, in milliseconds. */
  readonly day_ms: number;
  /** The working time from one moment to another, in milliseconds; 0 where the second is not after the first. */
  between(from_ms: number, to_ms: number): number;
  /** The first moment by which so much working time has passed; null where it takes longer than ten years. */
  after(from_ms: number, passed_ms: number): number | null;
  /** The last moment since which so much working time has passed; null where that is longer than ten years ago. */
  before(to_ms: number, passed_ms: number): number | null;
}

const day_ms = 86_400_000;
const first_ms = 0;
const last_ms = Date.UTC(2299, 11, 31);
const years_max = 10;

/** The working days that begin in one year: each from `open` to `close`, and how much of the year lies before it. */
interface Stretches {
  readonly open: readonly number[];
  readonly close: readonly number[];
  readonly before: readonly number[];
  readonly total_ms: number;
}

type MomentOf = ReturnType<typeof createCalendar>['momentOf'];
const moments = new Map<string, MomentOf>();

/** Asking a zone takes microseconds, and those who work by its clocks mostly work at the same times: each is asked for once. */
function momentsIn(time_zone: string): MomentOf {
  const known = moments.get(time_zone);
  if (known) return known;
  const calendar = createCalendar(time_zone);
  const asked = new Map<number, number>();
  const momentOf: MomentOf = shown_ms => {
    const at_ms = asked.get(shown_ms) ?? calendar.momentOf(shown_ms);
    asked.set(shown_ms, at_ms);
    return at_ms;
  };
  moments.set(time_zone, momentOf);
  return momentOf;
}

/** Clocks by name. */
export interface BusinessClocks {
  /** `usual` where the name has no hours of its own. */
  of(name: string): BusinessClock;
  readonly usual: BusinessClock;
  /** Those that have hours of their own. */
  readonly names: readonly string[];
}

/** One clock for all who have the same hours. */
export function createBusinessClocks(
  usual: BusinessHours,
  others: ReadonlyMap<string, BusinessHours> = new Map(),
): BusinessClocks {
  const clocks = new Map<string, BusinessClock>();
  function clockOf(hours: BusinessHours): BusinessClock {
    const key = JSON.stringify([hours.time_zone, hours.days, hours.hours.from, hours.hours.to, hours.holidays]);
    const clock = clocks.get(key) ?? createBusinessClock(hours);
    clocks.set(key, clock);
    return clock;
  }
  const own = new Map(Array.from(others, ([name, hours]) => [name, clockOf(hours)]));
  const usual_clock = clockOf(usual);
  return { of: name => own.get(name) ?? usual_clock, usual: usual_clock, names: [...own.keys()] };
}

export function createBusinessClock(hours: BusinessHours): BusinessClock {
  const from = minutesOf(hours.hours.from);
  const to = minutesOf(hours.hours.to);
  const span_ms = (to > from ? to - from : to + 1_440 - from) * 60_000;
  const momentOf = momentsIn(hours.time_zone);
  const days = new Set(hours.days.map(day => weekdays.indexOf(day)));
  const holidays = new Set(hours.holidays.map(date => Date.parse(date)));
  const years = new Map<number, Stretches>();

  function stretchesOf(year: number): Stretches {
    const known = years.get(year);
    if (known) return known;
    const made = { open: [] as number[], close: [] as number[], before: [] as number[], total_ms: 0 };
    for (let day = Date.UTC(year, 0); day < Date.UTC(year + 1, 0); day += day_ms) {
      // 1970 began on a Thursday.
      if (!days.has((day / day_ms + 3) % 7) || holidays.has(day)) continue;
      const begin = day + from * 60_000;
      const open = Math.max(momentOf(begin), made.close.at(-1) ?? Number.NEGATIVE_INFINITY);
      const close = momentOf(begin + span_ms);
      if (close <= open) continue;
      made.open.push(open);
      made.close.push(close);
      made.before.push(made.total_ms);
      made.total_ms += close - open;
    }
    years.set(year, made);
    return made;
  }

  /** How much of the year's working time is past. */
  function past(year: number, at_ms: number): number {
    const { open, close, before } = stretchesOf(year);
    const at = lastNotAfter(open, at_ms);
    if (at < 0) return 0;
    return (before[at] as number) + Math.min(at_ms, close[at] as number) - (open[at] as number);
  }

  return {
    day_ms: span_ms,
    between(from_ms, to_ms) {
      const [begin, end] = [clamp(from_ms), clamp(to_ms)];
      let sum = 0;
      // A zone's year begins up to a day beside UTC's, and its last night may end in the next.
      for (let year = yearOf(begin) - 1; year <= yearOf(end) + 1; year++)
        sum += Math.max(0, past(year, end) - past(year, begin));
      return sum;
    },
    after(from_ms, passed_ms) {
      const begin = clamp(from_ms);
      let left = passed_ms;
      if (left <= 0) return begin;
      for (let year = yearOf(begin) - 1; year <= yearOf(begin) + years_max; year++) {
        const { open, before, total_ms } = stretchesOf(year);
        const gone = past(year, begin);
        if (total_ms - gone < left) {
          left -= total_ms - gone;
          continue;
        }
        // The earliest moment: at the end of one day rather than at the beginning of the next.
        const at = lastNotAfter(before, gone + left - 1);
        return (open[at] as number) + gone + left - (before[at] as number);
      }
      return null;
    },
    before(to_ms, passed_ms) {
      const end = clamp(to_ms);
      let left = passed_ms;
      if (left <= 0) return end;
      for (let year = yearOf(end) + 1; year >= yearOf(end) - years_max; year--) {
        const { open, before } = stretchesOf(year);
        const gone = past(year, end);
        if (gone < left) {
          left -= gone;
          continue;
        }
        // The latest moment: at the beginning of one day rather than at the end of the one before.
        const at = lastNotAfter(before, gone - left);
        return (open[at] as number) + gone - left - (before[at] as number);
      }
      return null;
    },
  };
}

/** Minutes since midnight. */
function minutesOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return hours * 60 + minutes;
}

const clamp = (at_ms: number): number => Math.min(Math.max(at_ms, first_ms), last_ms);
const yearOf = (at_ms: number): number => new Date(at_ms).getUTCFullYear();

/** Where the last of the rising numbers is that is not above the value; −1 where all are. */
function lastNotAfter(rising: readonly number[], value: number): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rising[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
