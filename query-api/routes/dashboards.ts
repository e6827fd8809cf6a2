/** Dashboards: what is on them, and what their panels show of what the caller sees. */
import { z } from 'zod';
import { json, Problem } from '../../lib/http.ts';
import { type DescribedRoute, describe } from '../contract.ts';
import { type Dashboard, isOfEngine, type Panel, rangeOf, sqlOf } from '../dashboards.ts';
import { type FreshnessWatch, freshness, freshnessOf } from '../freshness.ts';
import { misfit } from '../metric-frame.ts';
import { instant_ms, name, time_zone } from '../parameters.ts';
import { instant as time } from '../rows.ts';

const rows_max = 5_000;

const dashboardSummary = z.object({ id: z.string(), title: z.string(), description: z.string() });
const dashboardSchema = dashboardSummary
  .extend({
    variables: z.array(z.object({ name: z.string(), label: z.string() })).describe('What it can be narrowed to'),
    panels: z.array(
      z.object({
        id: z.int(),
        type: z.string().describe('Grafana’s name of how it is drawn; a `row` is a heading'),
        title: z.string(),
        description: z.string(),
        unit: z.string().nullable(),
        grid: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }).describe('Of 24 columns'),
      }),
    ),
  })
  .meta({ id: 'Dashboard' });
const panelAnswer = z
  .object({
    from: time,
    to: time,
    rows: z.array(z.record(z.string(), z.unknown())).describe(`At most ${rows_max}`),
    freshness,
  })
  .meta({ id: 'PanelAnswer' });

const several = name.optional().describe('One or more, separated by commas; all unless given');
const panelQuery = z.strictObject({
  from: instant_ms.optional(),
  to: instant_ms.optional(),
  organization: several,
  team: several,
  mailbox: several,
  category: several,
  time_zone: time_zone.optional().describe('Of business hours'),
});

export function dashboardRoutes(
  dashboards: readonly Dashboard[],
  watch: Pick<FreshnessWatch, 'now'>,
): DescribedRoute[] {
  const path = '/api/dashboards';
  const common = { method: 'GET', access: 'read', tag: 'Dashboards' } as const;

  /** Throws Problem 404. */
  function one(id: string | undefined): Dashboard {
    const dashboard = dashboards.find(each => each.id === id);
    if (dashboard === undefined) throw new Problem(404, 'there is no such dashboard');
    return dashboard;
  }

  return [
    describe({
      ...{ ...common, path, summary: 'Dashboards' },
      answers: { 200: { description: 'By their ids', schema: z.object({ items: z.array(dashboardSummary) }) } },
      handle: async () =>
        json(200, { items: dashboards.map(({ id, title, description }) => ({ id, title, description })) }),
    }),
    describe({
      ...{ ...common, path: `${path}/:id`, summary: 'A dashboard: its panels, and what it can be narrowed to' },
      answers: { 200: { description: 'The dashboard', schema: dashboardSchema } },
      handle: async ({ request }) => json(200, toldOf(one(request.parameters.id))),
    }),
    describe({
      ...{ ...common, path: `${path}/:id/panels/:panel`, summary: 'What a panel shows, for up to 300 s' },
      query: panelQuery,
      answers: { 200: { description: 'Its rows', schema: panelAnswer } },
      kept: true,
      async handle({ request, query: { from, to, ...given }, caller, tables }) {
        const dashboard = one(request.parameters.id);
        const panel = panelOf(dashboard, request.parameters.panel);
        if (isOfEngine(panel) && caller.role !== 'admin')
          throw new Problem(403, 'what the engine holds is for administrators');
        const range = rangeOf(dashboard, panel, { from, to });
        if (range.from_ms >= range.to_ms) throw misfit('to', 'must be later than from');
        const fresh = await watch.now();
        const rows = await (await tables()).rows<object>(expanded(dashboard, panel, range, defined(given)));
        return json(200, {
          from: new Date(range.from_ms).toISOString(),
          to: new Date(range.to_ms).toISOString(),
          rows: rows.slice(0, rows_max),
          freshness: freshnessOf(fresh, range.to_ms),
        });
      },
    }),
  ];
}

/** Throws Problem 404: a heading shows nothing. */
function panelOf({ panels }: Dashboard, id: string | undefined): Panel {
  const panel = panels.find(each => String(each.id) === id && each.targets.length > 0);
  if (panel === undefined) throw new Problem(404, 'there is no such panel');
  return panel;
}

/** Throws Problem 400: a value that looks like a macro is none. */
function expanded(
  dashboard: Dashboard,
  { targets }: Panel,
  range: ReturnType<typeof rangeOf>,
  given: Readonly<Record<string, string>>,
): string {
  const [field] = Object.entries(given).find(([, value]) => value.includes('$')) ?? [];
  if (field !== undefined) throw misfit(field, 'must not have a $');
  return sqlOf(dashboard, targets[0]?.rawSql ?? '', range, given);
}

const defined = (given: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== undefined));

const toldOf = ({ id, title, description, templating, panels }: Dashboard): z.infer<typeof dashboardSchema> => ({
  ...{ id, title, description },
  variables: templating.list.map(({ name, label }) => ({ name, label })),
  panels: panels.map(({ gridPos, fieldConfig, ...panel }) => ({
    ...{ id: panel.id, type: panel.type, title: panel.title, description: panel.description },
    unit: fieldConfig?.defaults?.unit ?? null,
    grid: gridPos,
  })),
});
