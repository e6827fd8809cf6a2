/** Of which time metrics are told, and in which steps: what was asked for, or where the data is. */

import { type Calendar, createCalendar, type Interval } from '../lib/calendar.ts';
import { Problem } from '../lib/http.ts';
import type { DataRange } from './queries/metrics.ts';

export interface Shown {
  readonly from_ms: number;
  readonly to_ms: number;
}

/** Steps of so many seconds from 1970 on, or a calendar's. */
export type Steps =
  | { readonly step_s: number | undefined }
  | { readonly interval: Interval; readonly calendar: Calendar };

/** Where each step begins, and at last where the last one ends. */
export type Bounds = readonly number[];

const points_wanted = 120;
export const points_max = 2_000;
/** Steps that people read easily, in seconds. */
const steps_s = [1, 5, 15, 30, 60, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000];

const margin = 0.25;
const narrowest_ms = 3_600_000;
const empty_ms = 86_400_000;

/**
 * What was asked for; what was not comes from the data: its 5th to 95th percentile, widened by a quarter on each side
 * but not beyond the data. The full range would let one hostile date shrink all other mail to a line.
 */
export function spanOf(
  from_ms: number | undefined,
  to_ms: number | undefined,
  range: DataRange | null,
  now_ms: number,
): Shown {
  const of = range === null ? { from_ms: now_ms - empty_ms, to_ms: now_ms } : widened(range);
  const shown = { from_ms: from_ms ?? of.from_ms, to_ms: to_ms ?? of.to_ms };
  if (shown.from_ms < shown.to_ms) return shown;
  if (from_ms === undefined) return { from_ms: shown.to_ms - narrowest_ms, to_ms: shown.to_ms };
  if (to_ms === undefined) return { from_ms: shown.from_ms, to_ms: shown.from_ms + narrowest_ms };
  throw misfit('to', 'must be later than from');
}

function widened({ first_ms, last_ms, p5_ms, p95_ms }: DataRange): Shown {
  const by_ms = Math.max(margin * (p95_ms - p5_ms), narrowest_ms / 2);
  return {
    from_ms: Math.max(Math.min(first_ms, p5_ms), Math.floor(p5_ms - by_ms)),
    // The end is exclusive, and the last mail shall be shown.
    to_ms: Math.min(Math.max(last_ms, p95_ms), Math.ceil(p95_ms + by_ms)) + 1,
  };
}

/** A day alone begins on the zone's clocks, and without a zone in UTC. */
export const momentOf = (given: number | string | undefined, time_zone: string | undefined): number | undefined =>
  typeof given === 'string' ? createCalendar(time_zone ?? 'UTC').startOfDate(given) : given;

/** The finest easy step that needs no more points than wanted, in seconds. */
export function stepFor(span_ms: number): number {
  const fits = (step_s: number): boolean => span_ms / 1_000 / step_s <= points_wanted;
  return steps_s.find(fits) ?? Math.ceil(span_ms / 1_000 / points_wanted / 2_592_000) * 2_592_000;
}

/** Whole steps that cover the span, aligned as clocks are, so that two requests agree about their buckets. */
export function boundsOf(shown: Shown, steps: Steps): Bounds {
  if ('calendar' in steps) return calendarBounds(shown, steps.calendar, steps.interval);
  const step_ms = (steps.step_s ?? stepFor(shown.to_ms - shown.from_ms)) * 1_000;
  const first = Math.floor(shown.from_ms / step_ms);
  const points = Math.ceil(shown.to_ms / step_ms) - first;
  if (points > points_max) throw misfit('step_s', `would make ${points} points; at most ${points_max} are answered`);
  return Array.from({ length: points + 1 }, (_, i) => (first + i) * step_ms);
}

function calendarBounds({ from_ms, to_ms }: Shown, calendar: Calendar, interval: Interval): Bounds {
  const bounds = [calendar.startOf(interval, from_ms)];
  for (let end_ms = bounds[0] as number; end_ms < to_ms; bounds.push(end_ms)) {
    if (bounds.length > points_max) throw misfit('interval', `would make more than ${points_max} points`);
    end_ms = calendar.move(interval, end_ms, 1);
  }
  return bounds;
}

export const endsOf = (bounds: Bounds): Shown => ({ from_ms: bounds[0] as number, to_ms: bounds.at(-1) as number });

/**
 * The period before. By a calendar, whole months have as many months before them, and whole days as many days: they need not be
 * equally long. Anything else has the same time before it.
 */
export function boundsBefore(bounds: Bounds, steps: Steps): Bounds {
  const { from_ms, to_ms } = endsOf(bounds);
  if (!('calendar' in steps)) return bounds.map(at_ms => at_ms - (to_ms - from_ms));
  const { calendar, interval } = steps;
  const whole = interval === 'week' ? (['week'] as const) : (['month', 'day'] as const);
  for (const unit of whole) {
    const units = unitsBetween(calendar, unit, from_ms, to_ms);
    if (units === null) continue;
    return calendarBounds({ from_ms: calendar.move(unit, from_ms, -units), to_ms: from_ms }, calendar, interval);
  }
  return calendarBounds({ from_ms: from_ms - (to_ms - from_ms), to_ms: from_ms }, calendar, interval);
}

/** Null where they are not whole. */
function unitsBetween(calendar: Calendar, unit: Interval, from_ms: number, to_ms: number): number | null {
  if (calendar.startOf(unit, from_ms) !== from_ms || calendar.startOf(unit, to_ms) !== to_ms) return null;
  let units = 0;
  for (let at_ms = from_ms; at_ms < to_ms; units++) at_ms = calendar.move(unit, at_ms, 1);
  return units;
}

export function misfit(field: string, message: string): Problem {
  return new Problem(400, `the query parameters do not fit: ${field}: ${message}`, {
    members: { faults: [{ field, message }] },
  });
}
