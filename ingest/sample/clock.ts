/** Thirty days of a working life, as a line from 0 to 1. */

const hour_ms = 60 * 60 * 1000;
const sample_hours = 30 * 24;
/** The newest record is this old. */
const latest_age_ms = 2 * 60 * 1000;
/** How many working hours the thirty days have, about. */
const working_hours = 220;

/** A length of working time on the line. */
export const hours = (count: number): number => count / working_hours;

/**
 * Maps the line to the thirty days before `now_ms`, mostly to working hours (UTC) and always in order. So what
 * happens, and how much of it, does not depend on the weekday on which the sample is looked at.
 */
export function businessClock(now_ms: number): (at: number) => number {
  const end_ms = now_ms - latest_age_ms;
  const start_ms = end_ms - sample_hours * hour_ms;
  const cumulative = [0];
  for (let hour = 0; hour < sample_hours; hour++)
    cumulative.push(cumulative[hour]! + weightOf(new Date(start_ms + hour * hour_ms)));
  const total = cumulative[sample_hours]!;
  return at => {
    const sought = Math.min(Math.max(at, 0), 1) * total;
    const found = cumulative.findIndex(sum => sum >= sought);
    const hour = Math.max(found, 1) - 1;
    const width = cumulative[hour + 1]! - cumulative[hour]!;
    return Math.round(start_ms + (hour + (sought - cumulative[hour]!) / width) * hour_ms);
  };
}

function weightOf(date: Date): number {
  const isWeekend = date.getUTCDay() % 6 === 0;
  const hour = date.getUTCHours();
  const isDay = hour >= 7 && hour < 17;
  if (isWeekend) return isDay ? 0.1 : 0.02;
  if (isDay) return 1;
  return hour >= 17 && hour < 21 ? 0.15 : 0.03;
}
