/** The metrics of the API as uPlot's columns, and the time ranges that the page asks for. */
import type { MetricPoint, Metrics } from './model.ts';

export type Preset = '24h' | '7d' | '30d' | 'all';
export const presets: readonly { preset: Preset; label: string; length_ms: number }[] = [
  { preset: '24h', label: '24 h', length_ms: 86_400_000 },
  { preset: '7d', label: '7 d', length_ms: 7 * 86_400_000 },
  { preset: '30d', label: '30 d', length_ms: 30 * 86_400_000 },
  { preset: 'all', label: 'All', length_ms: Number.POSITIVE_INFINITY },
];

export interface Span {
  from: number;
  to: number;
}

/**
 * The range that a preset asks for; null means: the data's own, which the API knows. The range ends now, unless the newest
 * mail is older than the preset is long: an imported archive would otherwise show an empty day.
 */
export function presetSpan(preset: Preset, last: number, now: number): Span | null {
  const length_ms = presets.find(each => each.preset === preset)?.length_ms ?? Number.POSITIVE_INFINITY;
  if (!Number.isFinite(length_ms)) return null;
  const to = Number.isFinite(last) && last < now - length_ms ? last + 1 : now;
  return { from: to - length_ms, to };
}

/** Columns for uPlot: the middle of each step in seconds, then each sentiment stacked on those before it, then the mean. */
export interface ChartColumns {
  points: MetricPoint[];
  data: [number[], number[], number[], number[], (number | null)[]];
}

/** More bars than pixels help nobody, and a wrong step must not fill the memory. */
const points_max = 2000;

export function chartColumns(metrics: Metrics): ChartColumns {
  const points = dense(metrics);
  return {
    points,
    data: [
      points.map(p => p.at / 1000 + (metrics.step_s > 0 ? metrics.step_s / 2 : 0)),
      points.map(p => p.negative + p.neutral + p.positive),
      points.map(p => p.negative + p.neutral),
      points.map(p => p.negative),
      points.map(p => (Number.isFinite(p.sentiment_mean) ? p.sentiment_mean : null)),
    ],
  };
}

/** Steps without mail may be missing from the series; as points of zero mails they keep the bars at their true distance. */
function dense({ series, from, to, step_s }: Metrics): MetricPoint[] {
  const step_ms = step_s * 1000;
  const first = series[0];
  const known = new Map(series.map(point => [point.at, point]));
  const aligned = first !== undefined && series.every(point => (point.at - first.at) % step_ms === 0);
  if (!aligned || !(step_ms > 0) || (to - from) / step_ms > points_max) return series;
  const start = first.at - Math.max(0, Math.floor((first.at - from) / step_ms)) * step_ms;
  const points: MetricPoint[] = [];
  for (let at = start; at < to || at <= (series.at(-1)?.at ?? 0); at += step_ms)
    points.push(known.get(at) ?? empty(at));
  return points.length > points_max ? series : points;
}

function empty(at: number): MetricPoint {
  return { at, emails: 0, sentiment_mean: Number.NaN, negative: 0, neutral: 0, positive: 0 };
}

/** The mean sentiment over all steps, each weighed by its mails. NaN where there are none. */
export function meanSentiment(series: readonly MetricPoint[]): number {
  let mails = 0;
  let sum = 0;
  for (const point of series) {
    if (!Number.isFinite(point.sentiment_mean)) continue;
    mails += point.emails;
    sum += point.sentiment_mean * point.emails;
  }
  return mails === 0 ? Number.NaN : sum / mails;
}
