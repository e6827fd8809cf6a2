/** Numbers and times as text. Everything is in the viewer's own time zone; what is unknown is a dash, never a zero. */

export const unknown = '–';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** 1,204 */
export function count(value: number): string {
  return Number.isFinite(value) ? whole.format(value) : unknown;
}

/** 12.3K, for an axis */
export function short(value: number): string {
  return Number.isFinite(value) ? compact.format(value) : unknown;
}

/** "1 mail", "1,204 mails" */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** +0.62, −0.40, 0.00; a real minus sign, and no sign on what rounds to zero. */
export function signed(value: number, digits = 2): string {
  if (!Number.isFinite(value)) return unknown;
  const size = Math.abs(value).toFixed(digits);
  if (Number(size) === 0) return size;
  return (value < 0 ? '−' : '+') + size;
}

/** 0 to 1 as 42 % */
export function percent(share: number): string {
  return Number.isFinite(share) ? `${Math.round(share * 100)} %` : unknown;
}

/** The part as a share of the whole; a dash where there is no whole. */
export function share(part: number, total: number): string {
  return total > 0 ? percent(part / total) : unknown;
}

export function bytes(value: number): string {
  if (!Number.isFinite(value)) return unknown;
  if (value < 1000) return `${value} B`;
  if (value < 1e6) return `${(value / 1e3).toFixed(1)} kB`;
  return value < 1e9 ? `${(value / 1e6).toFixed(1)} MB` : `${(value / 1e9).toFixed(1)} GB`;
}

/** A length of time: 12 ms, 1.4 s, 3 min, 5 h, 2 d */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return unknown;
  const size = Math.abs(ms);
  if (size < 1000) return `${Math.round(ms)} ms`;
  if (size < 10_000) return `${Math.round(ms / 100) / 10} s`;
  if (size < 60_000) return `${Math.round(ms / 1000)} s`;
  if (size < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return size < 2 * day_ms ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / day_ms)} d`;
}

/** The same of working time, whose days are no days: 40 min, 5 h, 163 h */
export function workingTime(ms: number): string {
  return !(Math.abs(ms) >= 3_600_000) ? duration(ms) : `${count(Math.round(ms / 3_600_000))} h`;
}

const day_ms = 86_400_000;

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const clockSeconds = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dayMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const monthYear = new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric' });
const dayMonthYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const full = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});

/** As short as is clear: the time today, day and time this year, otherwise the date. */
export function when(at: number, now: number): string {
  if (!Number.isFinite(at)) return unknown;
  const date = new Date(at);
  const today = new Date(now);
  if (date.toDateString() === today.toDateString()) return clock.format(date);
  if (date.getFullYear() === today.getFullYear()) return `${dayMonth.format(date)}, ${clock.format(date)}`;
  return dayMonthYear.format(date);
}

/** Nothing left out: weekday, date, seconds and zone; for what is shown on hover. */
export function whenExactly(at: number): string {
  return Number.isFinite(at) ? full.format(at) : unknown;
}

/** 09:32:07.120, for the hops of a trace */
export function timeOfDay(at: number): string {
  if (!Number.isFinite(at)) return unknown;
  return `${clockSeconds.format(at)}.${String(new Date(at).getMilliseconds()).padStart(3, '0')}`;
}

export function date(at: number): string {
  return Number.isFinite(at) ? dayMonthYear.format(at) : unknown;
}

/** "10 Sep – 12 Sep 2002"; with times where both are close together. */
export function dateRange(from: number, to: number): string {
  if (!Number.isFinite(from) || !Number.isFinite(to)) return unknown;
  const sameYear = new Date(from).getFullYear() === new Date(to).getFullYear();
  if (to - from > 3 * day_ms) return `${sameYear ? dayMonth.format(from) : date(from)} – ${date(to)}`;
  return `${dayMonth.format(from)}, ${clock.format(from)} – ${date(to)}, ${clock.format(to)}`;
}

/** Labels of a time axis whose ticks are `increment_s` apart; the first tick of a day or year says which one it is. */
export function axisLabels(ticks_s: readonly number[], increment_s: number): string[] {
  return ticks_s.map((tick_s, i) => {
    const at = tick_s * 1000;
    const before = i === 0 ? null : (ticks_s[i - 1] ?? 0) * 1000;
    if (increment_s >= 28 * 86_400) return monthYear.format(at);
    const newYear = before === null || new Date(before).getFullYear() !== new Date(at).getFullYear();
    const newDay = before === null || new Date(before).toDateString() !== new Date(at).toDateString();
    if (increment_s >= 86_400)
      return newYear ? `${dayMonth.format(at)}\n${new Date(at).getFullYear()}` : dayMonth.format(at);
    return newDay ? `${clock.format(at)}\n${dayMonth.format(at)}` : clock.format(at);
  });
}

/** How long one bar of the chart is: 5 min, 1 h, 1 d, 12 d */
export function stepName(step_s: number): string {
  if (!Number.isFinite(step_s)) return unknown;
  for (const [unit_s, name] of units) if (step_s >= unit_s) return `${Math.round((step_s / unit_s) * 10) / 10} ${name}`;
  return `${step_s} s`;
}

const units: readonly [number, string][] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
];

/** What the API says of a fault, as people write it. */
export function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}

/** A code as words: `mails_in_7d` → "mails in 7d" */
export function words(code: string): string {
  return code.replace(/[_-]+/g, ' ').trim();
}

export function zoneName(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
