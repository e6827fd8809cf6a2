/** The dashboards that Grafana is given (dashboards/out), as whoever has no Grafana sees them. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { expand, type Range, type Values } from '../lib/panel-macros.ts';

/** Of a file, what is told or needed. */
const file = z.object({
  title: z.string(),
  description: z.string().default(''),
  time: z.object({ from: z.string().regex(/^now-\d+[smhd]$/) }),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), label: z.string().default(''), type: z.string() })),
  }),
  panels: z.array(
    z.object({
      id: z.int(),
      type: z.string(),
      title: z.string(),
      description: z.string().default(''),
      gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
      interval: z.string().optional(),
      timeFrom: z.string().optional(),
      fieldConfig: z.object({ defaults: z.object({ unit: z.string().optional() }).optional() }).optional(),
      targets: z.array(z.object({ rawSql: z.string() })).default([]),
    }),
  ),
});
export type Dashboard = Readonly<z.output<typeof file>> & { readonly id: string };
export type Panel = Dashboard['panels'][number];

/** None where there is no such folder: an installation can do without. */
export function loadDashboards(folder: string): Dashboard[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return names
    .filter(name => name.endsWith('.json'))
    .sort()
    .map(name => ({
      id: basename(name, '.json'),
      ...file.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))),
    }));
}

/** What is known of tables that nobody has a sight of. */
export const isOfEngine = ({ targets }: Panel): boolean => targets.some(({ rawSql }) => /\bsystem\./i.test(rawSql));

const points_wanted = 120;
const units_ms: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const duration = (text: string): number => Number.parseInt(text, 10) * (units_ms[text.at(-1) ?? ''] ?? 0);

/** The time that a panel shows; without a frame, what its dashboard shows. */
export function rangeOf(
  { time }: Dashboard,
  { interval = '1s', timeFrom }: Panel,
  asked: { readonly from?: number | undefined; readonly to?: number | undefined },
): Range {
  const to_ms = asked.to ?? Date.now();
  const from_ms =
    timeFrom === undefined
      ? (asked.from ?? to_ms - duration(time.from.replace('now-', '')))
      : to_ms - duration(timeFrom);
  const interval_ms = Math.max(duration(interval), Math.ceil((to_ms - from_ms) / points_wanted / 1_000) * 1_000);
  return { from_ms, to_ms, interval_ms };
}

/** Throws where the SQL asks for a variable that the dashboard does not have. */
export function sqlOf(
  { templating }: Dashboard,
  sql: string,
  range: Range,
  given: Readonly<Record<string, string>>,
): string {
  const values = templating.list.map(({ name, type }): [string, Values] => {
    const value = given[name];
    if (value !== undefined) return [name, type === 'query' ? value.split(',') : [value]];
    return [name, type === 'query' ? 'all' : ['UTC']];
  });
  return expand(sql, range, new Map(values));
}
