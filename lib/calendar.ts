/**
 * A zone's calendar: where its hours, days, weeks and months begin, whatever its clocks do in between. A day that they are put
 * forward in has 23 hours and one that they are put back in has 25; where midnight itself is jumped over, the day begins
 * when they jump.
 */

export const intervals = ['hour', 'day', 'week', 'month'] as const;
export type Interval = (typeof intervals)[number];

export interface Calendar {
  /** Where the hour, day, week (from Monday) or month begins that holds the moment. */
  startOf(interval: Interval, at_ms: number): number;
  /** Where the one begins that is so many later, or earlier where the number is negative. */
  move(interval: Interval, at_ms: number, by: number): number;
  /** Where the day begins that is written so: `2026-03-29`. */
  startOfDate(date: string): number;
  /** When the clocks show what UTC's would at `shown_ms`: the first such moment, or that at which they jump over it. */
  momentOf(shown_ms: number): number;
}

const hour_ms = 3_600_000;
const day_ms = 24 * hour_ms;
/** A dozen years of days. */
const offsets_max = 4_096;

export function isTimeZone(name: string): boolean {
  // Offsets such as +01:00 have no calendar of their own.
  if (!/^[A-Za-z][\w+/-]*$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** `time_zone` is one by `isTimeZone`. */
export function createCalendar(time_zone: string): Calendar {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: time_zone,
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
    hourCycle: 'h23',
  });

  /** What the clocks show, as if they showed UTC. */
  function shown(at_ms: number): number {
    // As `3/30/2025, 02:00:00`. Its parts told one by one take more than twice as long, and a working year asks a thousand times.
    const numbers = (clock.format(at_ms).match(/\d+/g) ?? []).map(Number);
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = numbers;
    return Date.UTC(year, month - 1, day, hour, minute, second) + remainder(at_ms, 1_000);
  }
  const offsets = new Map<number, number>();

  /** By how much the clocks are ahead of UTC where the day of UTC begins, which is so many days after 1970. */
  function offsetOn(day: number): number {
    const known = offsets.get(day);
    if (known !== undefined) return known;
    if (offsets.size >= offsets_max) offsets.clear();
    const offset = shown(day * day_ms) - day * day_ms;
    offsets.set(day, offset);
    return offset;
  }

  /** The first moment at which the clocks show this, or that at which they jump over it. */
  function momentOf(shown_ms: number): number {
    const day = Math.floor(shown_ms / day_ms);
    const before = shown_ms - offsetOn(day - 1);
    const after = shown_ms - offsetOn(day + 2);
    if (before === after) return before;
    const isShown = (at_ms: number): boolean => shown(at_ms) === shown_ms;
    const [first, last] = [Math.min(before, after), Math.max(before, after)];
    return [first, last].find(isShown) ?? jumpBetween(first, last, shown_ms);
  }

  /** The first moment at which the clocks show more; they do at the later of the two, and not at the earlier. */
  function jumpBetween(earlier_ms: number, later_ms: number, shown_ms: number): number {
    let [low, high] = [earlier_ms, later_ms];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (shown(middle) > shown_ms) high = middle;
      else low = middle;
    }
    return high;
  }

  /** The beginning, as the clocks show it. */
  function begin(interval: Exclude<Interval, 'hour'>, shown_ms: number): number {
    const days = Math.floor(shown_ms / day_ms);
    if (interval === 'day') return days * day_ms;
    // 1970 began on a Thursday.
    if (interval === 'week') return (days - remainder(days + 3, 7)) * day_ms;
    const date = new Date(shown_ms);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
  }

  function startOf(interval: Interval, at_ms: number): number {
    const shown_ms = shown(at_ms);
    if (interval === 'hour') return at_ms - remainder(shown_ms, hour_ms);
    return momentOf(begin(interval, shown_ms));
  }

  return {
    startOf,
    move(interval, at_ms, by) {
      if (interval === 'hour') return startOf('hour', at_ms + by * hour_ms);
      const from = begin(interval, shown(at_ms));
      if (interval !== 'month') return momentOf(from + by * (interval === 'week' ? 7 : 1) * day_ms);
      const date = new Date(from);
      return momentOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + by));
    },
    startOfDate: date => momentOf(Date.parse(date)),
    momentOf,
  };
}

const remainder = (value: number, by: number): number => ((value % by) + by) % by;
