/** What happened over time: in steps, by groups, and beside the period before. */
import { z } from 'zod';
import { createCalendar, intervals } from '../../lib/calendar.ts';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { etagOf } from '../../lib/etag.ts';
import { json } from '../../lib/http.ts';
import { type DescribedRoute, describe } from '../contract.ts';
import { type FreshnessWatch, freshness, freshnessOf } from '../freshness.ts';
import { type Bounds, boundsBefore, boundsOf, endsOf, misfit, momentOf, type Steps, spanOf } from '../metric-frame.ts';
import { day_or_instant, name, namesOf, time_zone } from '../parameters.ts';
import {
  emptyValues,
  type Group,
  groupings,
  largestGroups,
  type Measured,
  type MeasureName,
  measure,
  measureNames,
  measures,
  notGroupedBy,
  type Section,
  type Values,
} from '../queries/measures.ts';
import { countCustomers, dataRange, mailCategories } from '../queries/metrics.ts';
import { instant as time } from '../rows.ts';

export function metricRoutes(watch: Pick<FreshnessWatch, 'now'>): DescribedRoute[] {
  return [
    describe({
      method: 'GET',
      path: '/api/metrics',
      access: 'read',
      tag: 'Metrics',
      summary: 'What happened over time; without a time frame, where the data is',
      query: metricsQuery,
      answers: { 200: { description: 'A point for each step', schema: metrics } },
      fresh: true,
      async handle({ query, tables }) {
        const fresh = await watch.now();
        const read = await readMetrics(query, await tables());
        // What is the same in all but its freshness is not sent again.
        const etag = etagOf(JSON.stringify(read));
        return json(200, { ...read, freshness: freshnessOf(fresh, Date.parse(read.to)) }, { etag });
      },
    }),
  ];
}

// ── What is asked ────────────────────────────────────────────────────────────────────────────────────────────────────

const step_s_max = 366 * 86_400;
const groups_max = 50;
/** Told whatever is asked for. */
const always: readonly MeasureName[] = ['emails', 'negative', 'neutral', 'positive', 'sentiment_mean'];

export const metricsQuery = z.strictObject({
  organization_id: name.optional(),
  from: day_or_instant.optional().describe('A day alone begins on the clocks of `time_zone`'),
  to: day_or_instant.optional().describe('Exclusive; a day alone as in `from`'),
  step_s: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'must be a whole number of seconds, 1 or more')
    .transform(Number)
    .pipe(z.number().max(step_s_max))
    .optional(),
  interval: z.enum(intervals).optional().describe('Steps of the calendar of `time_zone`, in place of `step_s`'),
  time_zone: time_zone.optional().describe('Whose days, weeks (from Monday) and months; UTC unless given'),
  measures: namesOf(measureNames)
    .optional()
    .describe(`Measures by name, separated by commas, beside those that are always told: ${always.join(', ')}`),
  group_by: z.enum(groupings).optional(),
  groups: z
    .string()
    .regex(/^\d{1,2}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(1).max(groups_max))
    .optional()
    .describe(`So many groups, those with the most mails: 1 to ${groups_max}, 10 unless given`),
  compare: z.enum(['previous']).optional().describe('With the period before'),
});
export type MetricsQuery = z.output<typeof metricsQuery>;

// ── What is answered ─────────────────────────────────────────────────────────────────────────────────────────────────

const valueShape = Object.fromEntries(
  measureNames.map(name => {
    const { empty, meaning } = measures[name];
    const value = (empty === null ? z.number().nullable() : z.number()).describe(meaning);
    return [name, always.includes(name) ? value : value.optional()];
  }),
);
const values = z.object(valueShape);
const change = z.object({
  absolute: z.number().nullable().describe('Null where one of the two is'),
  ratio: z.number().nullable().describe('The change as a part of what was before; null where that is 0'),
});
const section = {
  totals: values,
  series: z.array(values.extend({ at: time })),
  previous: z
    .object({ totals: values, series: z.array(values.extend({ at: time })).describe('In the same order') })
    .optional(),
  change: z.record(z.string(), change).optional().describe('By measure'),
};
const metrics = z
  .object({
    from: time,
    to: time,
    step_s: z.number().nullable().describe('Null where the steps are the calendar’s'),
    interval: z.enum(intervals).optional(),
    time_zone: z.string().optional(),
    range: z.object({ first: time.nullable(), last: time.nullable() }).describe('Of all mail'),
    ...section,
    totals: values.extend({ customers: z.int() }),
    previous: section.previous.unwrap().extend({ from: time, to: time }).optional(),
    groups: z
      .array(z.object({ group: z.string().describe('Empty for what is nobody’s'), ...section }))
      .optional()
      .describe('Those with the most mails first'),
    other: z.object(section).nullable().optional().describe('What is in no group; null where all is in one'),
    categories: z.array(z.object({ category: z.string(), emails: z.int() })),
    freshness,
  })
  .meta({ id: 'Metrics' });

// ── From the one to the other ────────────────────────────────────────────────────────────────────────────────────────

export async function readMetrics(
  asked: MetricsQuery,
  clickhouse: ClickHouse,
): Promise<Record<string, unknown> & { readonly to: string }> {
  const { organization_id, group_by, interval } = asked;
  const names = [...new Set([...always, ...(asked.measures ?? [])])];
  requireFitting(asked, names);
  const range = await dataRange(clickhouse, organization_id);
  const [from_ms, to_ms] = [momentOf(asked.from, asked.time_zone), momentOf(asked.to, asked.time_zone)];
  const steps: Steps =
    interval === undefined
      ? { step_s: asked.step_s }
      : { interval, calendar: createCalendar(asked.time_zone ?? 'UTC') };
  const bounds = boundsOf(spanOf(from_ms, to_ms, range, Date.now()), steps);
  const before = asked.compare === undefined ? null : boundsBefore(bounds, steps);
  const frame = { organization_id, bounds };

  const group = group_by && {
    by: group_by,
    names: await largestGroups(clickhouse, frame, group_by, asked.groups ?? groups_usual),
  };
  requireFew(bounds, group);
  const [now, then, categories, customers] = await Promise.all([
    measure(clickhouse, frame, names, group ?? null),
    before && measure(clickhouse, { organization_id, bounds: before }, names, group ?? null),
    mailCategories(clickhouse, { organization_id, ...endsOf(bounds) }),
    countCustomers(clickhouse, organization_id),
  ]);
  const { totals, previous, ...all } = sectionOf(now.all, bounds, then && before && { of: then.all, bounds: before });
  return {
    from: iso(bounds[0]),
    to: iso(bounds.at(-1)),
    step_s: interval === undefined ? ((bounds[1] as number) - (bounds[0] as number)) / 1_000 : null,
    ...(interval === undefined ? {} : { interval, time_zone: asked.time_zone ?? 'UTC' }),
    range: { first: range && iso(range.first_ms), last: range && iso(range.last_ms) },
    totals: { ...totals, customers },
    ...all,
    ...(previous && before ? { previous: { from: iso(before[0]), to: iso(before.at(-1)), ...previous } } : {}),
    ...(group ? groupsOf(group, names, { now, bounds }, then && before && { now: then, bounds: before }) : {}),
    categories,
  };
}

const groups_usual = 10;
const group_points_max = 20_000;

/** Throws Problem 400. */
function requireFitting({ step_s, interval, group_by, groups }: MetricsQuery, names: readonly MeasureName[]): void {
  if (step_s !== undefined && interval !== undefined) throw misfit('interval', 'is given in place of step_s');
  if (groups !== undefined && group_by === undefined) throw misfit('groups', 'goes with group_by');
  const unfit = group_by === undefined ? [] : notGroupedBy(group_by, names);
  if (unfit.length > 0) throw misfit('group_by', `there is no ${group_by} of these: ${unfit.join(', ')}`);
}

function requireFew(bounds: Bounds, group: Group | undefined): void {
  const points = (bounds.length - 1) * (group?.names.length ?? 0);
  if (points <= group_points_max) return;
  throw misfit('group_by', `would make ${points} points in all groups; at most ${group_points_max} are answered`);
}

interface Period {
  readonly now: Measured;
  readonly bounds: Bounds;
}

function groupsOf({ names }: Group, measured: readonly MeasureName[], { now, bounds }: Period, then: Period | null) {
  const nothing = (of: Bounds): Section => {
    const empty = emptyValues(measured);
    return { totals: empty, series: of.slice(1).map(() => empty) };
  };
  const rest = now.rest ?? (then?.now.rest ? nothing(bounds) : null);
  return {
    groups: names.map((group, index) => ({
      group,
      ...sectionOf(
        now.groups[index] ?? nothing(bounds),
        bounds,
        then && { of: then.now.groups[index] ?? nothing(then.bounds), bounds: then.bounds },
      ),
    })),
    other: rest && sectionOf(rest, bounds, then && { of: then.now.rest ?? nothing(then.bounds), bounds: then.bounds }),
  };
}

interface Told {
  readonly totals: Values;
  readonly series: readonly ({ readonly at: string } & Values)[];
  readonly previous?: Pick<Told, 'totals' | 'series'>;
  readonly change?: ReturnType<typeof changeOf>;
}

function sectionOf(now: Section, bounds: Bounds, then: { readonly of: Section; readonly bounds: Bounds } | null): Told {
  const { totals } = now;
  const told = { totals, series: seriesOf(now, bounds) };
  if (then === null) return told;
  const previous = { totals: then.of.totals, series: seriesOf(then.of, then.bounds) };
  return { ...told, previous, change: changeOf(totals, then.of.totals) };
}

/** Every step has its point: a chart must show that nothing came, not draw a line across. */
export const seriesOf = ({ series }: Section, bounds: Bounds) =>
  series.map((point, index) => ({ at: iso(bounds[index]), ...point }));

export function changeOf(now: Values, then: Values) {
  const names = Object.keys(now) as MeasureName[];
  const changes = names.map(name => {
    const [a, b] = [now[name] ?? null, then[name] ?? null];
    const absolute = a === null || b === null ? null : a - b;
    return [name, { absolute, ratio: absolute === null || !b ? null : absolute / b }] as const;
  });
  return Object.fromEntries(changes);
}

const iso = (ms: number | undefined): string => new Date(ms ?? 0).toISOString();
