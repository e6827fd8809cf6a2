import { describe, expect, it } from 'vitest';
import { chartColumns, meanSentiment, presetSpan } from './chart-data.ts';
import type { MetricPoint, Metrics } from './model.ts';

const hour_ms = 3_600_000;
const point = (hour: number, part: Partial<MetricPoint> = {}): MetricPoint => ({
  at: hour * hour_ms,
  emails: 6,
  sentiment_mean: 0.5,
  negative: 1,
  neutral: 2,
  positive: 3,
  ...part,
});
const metrics = (part: Partial<Metrics>): Metrics => ({
  from: 0,
  to: 4 * hour_ms,
  step_s: 3600,
  range: { first: 0, last: 4 * hour_ms },
  totals: { emails: 0, customers: 0, negative: 0, neutral: 0, positive: 0 },
  series: [],
  categories: [],
  ...part,
});

describe('chartColumns', () => {
  it('stacks the sentiments around the middle of each step and fills the steps without mail', () => {
    const { data, points } = chartColumns(metrics({ series: [point(1), point(3)] }));
    expect(data).toEqual([
      [1800, 5400, 9000, 12_600],
      [0, 6, 0, 6],
      [0, 3, 0, 3],
      [0, 1, 0, 1],
      [null, 0.5, null, 0.5],
    ]);
    expect(points).toHaveLength(4);
  });

  it('keeps a first step that begins before the range', () => {
    const { points } = chartColumns(metrics({ from: 1.5 * hour_ms, series: [point(1), point(2)] }));
    expect(points.map(each => each.at / hour_ms)).toEqual([1, 2, 3]);
  });

  it('takes the series as it is where filling would be endless or off the steps', () => {
    expect(chartColumns(metrics({ to: 1e6 * hour_ms, series: [point(1)] })).points).toHaveLength(1);
    expect(chartColumns(metrics({ step_s: Number.NaN, series: [point(1)] })).points).toHaveLength(1);
    expect(chartColumns(metrics({ series: [point(0), point(0.5)] })).points).toHaveLength(2);
    expect(chartColumns(metrics({})).points).toEqual([]);
  });
});

describe('presetSpan', () => {
  const now = 1000 * 24 * hour_ms;
  const day_ms = 24 * hour_ms;

  it('ends now while there is recent mail', () => {
    expect(presetSpan('24h', now - hour_ms, now)).toEqual({ from: now - day_ms, to: now });
    expect(presetSpan('24h', Number.NaN, now)).toEqual({ from: now - day_ms, to: now });
  });

  it('moves to where the mail is', () => {
    const last = now - 300 * day_ms;
    expect(presetSpan('7d', last, now)).toEqual({ from: last + 1 - 7 * day_ms, to: last + 1 });
  });

  it('leaves the whole range to the API', () => {
    expect(presetSpan('all', now, now)).toBeNull();
  });
});

describe('meanSentiment', () => {
  it('weighs each step by its mails', () => {
    const quiet = point(1, { emails: 1, sentiment_mean: 1 });
    const busy = point(2, { emails: 3, sentiment_mean: -1 });
    expect(meanSentiment([quiet, busy, point(3, { emails: 0, sentiment_mean: Number.NaN })])).toBe(-0.5);
    expect(meanSentiment([])).toBeNaN();
  });
});
