/** Mail over time, for the page's charts. */
import { z } from 'zod';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { json, Problem, type Reply } from '../../lib/http.ts';
import { type DescribedRoute, describe } from '../contract.ts';
import { instant_ms, name } from '../parameters.ts';
import {
  type Bucket,
  countCustomers,
  type DataRange,
  dataRange,
  mailBuckets,
  mailCategories,
} from '../queries/metrics.ts';
import { instant as time } from '../rows.ts';

export function metricRoutes(): DescribedRoute[] {
  return [
    describe({
      method: 'GET',
      path: '/api/metrics',
      access: 'read',
      tag: 'Metrics',
      summary: 'Mail over time; without a time frame, where the data is',
      query: metricsQuery,
      answers: { 200: { description: 'A point for each step', schema: metrics } },
      handle: async ({ query, tables }) => read(query, await tables()),
    }),
  ];
}

const counts = { emails: z.int(), negative: z.int(), neutral: z.int(), positive: z.int() };
const metrics = z
  .object({
    from: time,
    to: time,
    step_s: z.number(),
    range: z.object({ first: time.nullable(), last: time.nullable() }).describe('Of all mail'),
    totals: z.object({ ...counts, customers: z.int() }),
    series: z.array(z.object({ at: time, sentiment_mean: z.number().nullable(), ...counts })),
    categories: z.array(z.object({ category: z.string(), emails: z.int() })),
  })
  .meta({ id: 'Metrics' });

const points_wanted = 120;
const points_max = 2_000;
const step_s_max = 366 * 86_400;
/** Steps that people read easily, in seconds. */
const steps_s = [1, 5, 15, 30, 60, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000];

export const metricsQuery = z.strictObject({
  organization_id: name.optional(),
  from: instant_ms.optional(),
  to: instant_ms.optional(),
  step_s: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'must be a whole number of seconds, 1 or more')
    .transform(Number)
    .pipe(z.number().max(step_s_max))
    .optional(),
});

async function read(asked: z.output<typeof metricsQuery>, clickhouse: ClickHouse): Promise<Reply> {
  const { organization_id } = asked;
  const range = await dataRange(clickhouse, organization_id);
  const shown = spanOf(asked.from, asked.to, range, Date.now());
  const step_ms = (asked.step_s ?? stepFor(shown.to_ms - shown.from_ms)) * 1_000;
  const grid = gridOf(shown, step_ms);
  if (grid.points > points_max) throw tooFine(grid.points);

  const span = { organization_id, from_ms: grid.from_ms, to_ms: grid.to_ms };
  const [buckets, categories, customers] = await Promise.all([
    mailBuckets(clickhouse, span, step_ms),
    mailCategories(clickhouse, span),
    countCustomers(clickhouse, organization_id),
  ]);
  return json(200, {
    from: iso(span.from_ms),
    to: iso(span.to_ms),
    step_s: step_ms / 1_000,
    range: { first: range && iso(range.first_ms), last: range && iso(range.last_ms) },
    totals: { ...totalsOf(buckets), customers },
    series: seriesOf(buckets, span.from_ms, step_ms, grid.points),
    categories,
  });
}

export interface Shown {
  readonly from_ms: number;
  readonly to_ms: number;
}

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
  throw new Problem(400, 'the query parameters do not fit: to: must be later than from', {
    members: { faults: [{ field: 'to', message: 'must be later than from' }] },
  });
}

function widened({ first_ms, last_ms, p5_ms, p95_ms }: DataRange): Shown {
  const by_ms = Math.max(margin * (p95_ms - p5_ms), narrowest_ms / 2);
  return {
    from_ms: Math.max(Math.min(first_ms, p5_ms), Math.floor(p5_ms - by_ms)),
    // The end is exclusive, and the last mail shall be shown.
    to_ms: Math.min(Math.max(last_ms, p95_ms), Math.ceil(p95_ms + by_ms)) + 1,
  };
}

/** The finest easy step that needs no more points than wanted, in seconds. */
export function stepFor(span_ms: number): number {
  const fits = (step_s: number): boolean => span_ms / 1_000 / step_s <= points_wanted;
  return steps_s.find(fits) ?? Math.ceil(span_ms / 1_000 / points_wanted / 2_592_000) * 2_592_000;
}

/** Whole steps that cover the span, aligned as clocks are, so that two requests agree about their buckets. */
export function gridOf({ from_ms, to_ms }: Shown, step_ms: number): Shown & { points: number } {
  const first = Math.floor(from_ms / step_ms);
  const end = Math.ceil(to_ms / step_ms);
  return { from_ms: first * step_ms, to_ms: end * step_ms, points: end - first };
}

const tooFine = (points: number): Problem => {
  const message = `would make ${points} points; at most ${points_max} are answered`;
  return new Problem(400, `the query parameters do not fit: step_s: ${message}`, {
    members: { faults: [{ field: 'step_s', message }] },
  });
};

/** Every step has its point: a chart must show that nothing came, not draw a line across. */
export function seriesOf(buckets: readonly Bucket[], from_ms: number, step_ms: number, points: number) {
  const found = new Map(buckets.map(bucket => [bucket.at_ms, bucket]));
  return Array.from({ length: points }, (_, i) => {
    const at_ms = from_ms + i * step_ms;
    const { emails, sentiment_mean, negative, neutral, positive } = found.get(at_ms) ?? nothing;
    return { at: iso(at_ms), emails, sentiment_mean, negative, neutral, positive };
  });
}

const nothing = { emails: 0, sentiment_mean: null, negative: 0, neutral: 0, positive: 0 };

function totalsOf(buckets: readonly Bucket[]) {
  const sum = (of: (bucket: Bucket) => number): number => buckets.reduce((total, bucket) => total + of(bucket), 0);
  return {
    emails: sum(bucket => bucket.emails),
    negative: sum(bucket => bucket.negative),
    neutral: sum(bucket => bucket.neutral),
    positive: sum(bucket => bucket.positive),
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
