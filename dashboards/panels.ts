/** How panels look: one way to draw each kind, so that two dashboards never differ by accident. */

import { PanelBuilder as BarChart } from '@grafana/grafana-foundation-sdk/barchart';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DynamicConfigValue,
  FieldColorBuilder,
  FieldColorModeId,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';
import { datasource, tableQuery, timeSeriesQuery } from './clickhouse.ts';

/** One meaning, one colour, as on the built-in page. */
export const colors = {
  inbound: '#2f9fb3',
  outbound: '#8f6fc4',
  internal: '#8796a3',
  positive: '#3aa981',
  neutral: '#8796a3',
  negative: '#e2714a',
  good: '#3aa981',
  warning: '#d9a13b',
  bad: '#e2714a',
  stored: '#3aa981',
  duplicate: '#8796a3',
  dead_letter: '#e2714a',
  late: '#d9a13b',
  p50: '#2f9fb3',
  p90: '#d9a13b',
  p99: '#d9a13b',
  up: '#3aa981',
  down: '#e2714a',
} as const;

export interface PanelOptions {
  readonly title: string;
  /** What it counts, and what it leaves out. */
  readonly description: string;
  readonly sql: string;
  /** Of the grid's 24 columns. */
  readonly width: number;
  /** In grid rows of 30 pixels. */
  readonly height?: number;
  /** A Grafana unit id. */
  readonly unit?: string;
  readonly decimals?: number;
  /** What an empty answer means. */
  readonly empty: string;
  readonly thresholds?: readonly Step[];
}

/** From this value on, this colour; the first has no value. */
export type Step = readonly [value: number | null, color: string];

/** Good until `warning`, bad from `bad` on. */
export const rising = (warning: number, bad: number): Step[] => [
  [null, colors.good],
  [warning, colors.warning],
  [bad, colors.bad],
];

type AnyPanel = Stat | Table | TimeSeries | BarChart;

function common<P extends AnyPanel>(panel: P, options: PanelOptions, height: number): P {
  panel
    .title(options.title)
    .description(options.description)
    .datasource(datasource)
    .span(options.width)
    .height(options.height ?? height)
    .noValue(options.empty);
  if (options.unit !== undefined) panel.unit(options.unit);
  if (options.decimals !== undefined) panel.decimals(options.decimals);
  if (options.thresholds) panel.thresholds(thresholdsOf(options.thresholds));
  return panel;
}

function thresholdsOf(steps: readonly Step[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(steps.map(([value, color]) => ({ value, color })));
}

const fixed = (color: string): DynamicConfigValue => ({ id: 'color', value: { mode: 'fixed', fixedColor: color } });
const byThresholds = (): FieldColorBuilder => new FieldColorBuilder().mode(FieldColorModeId.Thresholds);
const byName = (): FieldColorBuilder => new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName);

/** Each number of the answer's first row, large. */
export function stat(options: PanelOptions): Builder<Panel> {
  return common(new Stat(), options, 4)
    .colorMode(options.thresholds ? BigValueColorMode.Value : BigValueColorMode.None)
    .colorScheme(byThresholds())
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .withTarget(tableQuery(options.sql));
}

export interface SeriesOptions extends PanelOptions {
  /** `bars` stand on each other; `shares` of a whole do too, to 100 %. */
  readonly style?: 'lines' | 'bars' | 'shares';
  /** The least time a point stands for, such as `1h`: what the data behind it is rolled up to. */
  readonly interval?: string;
  /** Where a text column splits the series: that column, which then names them. */
  readonly label?: string;
  readonly min?: number;
  readonly max?: number;
  /** The time shown, whatever the dashboard's range, such as `1h`. */
  readonly last?: string;
}

/** Numbers over time. A column named as a colour has that colour. */
export function series(options: SeriesOptions): Builder<Panel> {
  const { style = 'lines' } = options;
  const panel = common(new TimeSeries(), options, 8)
    .colorScheme(byName())
    .drawStyle(style === 'lines' ? GraphDrawStyle.Line : GraphDrawStyle.Bars)
    .fillOpacity(style === 'lines' ? 8 : 75)
    .lineWidth(style === 'lines' ? 2 : 0)
    .showPoints(style === 'lines' ? VisibilityMode.Auto : VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .withTarget(timeSeriesQuery(options.sql));
  const stacking = { lines: StackingMode.None, bars: StackingMode.Normal, shares: StackingMode.Percent }[style];
  panel.stacking(new StackingConfigBuilder().mode(stacking).group('A'));
  if (options.interval) panel.interval(options.interval);
  // Split series have no point where they have no row; a line goes on to its next one.
  if (options.label) panel.displayName(`\${__field.labels.${options.label}}`).spanNulls(style === 'lines');
  if (options.last) panel.timeFrom(options.last);
  if (options.min !== undefined) panel.min(options.min);
  if (options.max !== undefined) panel.max(options.max);
  for (const name of columnsOf(options.sql)) {
    const color = colors[name as keyof typeof colors];
    if (color) panel.overrideByName(name, [fixed(color)]);
  }
  return panel;
}

const columnsOf = (sql: string): string[] => [
  ...new Set([...sql.matchAll(/\bAS (\w+)/g)].map(match => match[1] ?? '')),
];

/** A bar a row: the first column names it, the second is its length. */
export function bars(options: PanelOptions & { readonly color?: string }): Builder<Panel> {
  return common(new BarChart(), options, 8)
    .orientation(VizOrientation.Horizontal)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor(options.color ?? colors.inbound))
    .fillOpacity(75)
    .lineWidth(0)
    .showValue(VisibilityMode.Always)
    .legend(new VizLegendOptionsBuilder().showLegend(false).displayMode(LegendDisplayMode.Hidden))
    .withTarget(tableQuery(options.sql));
}

export interface Column {
  readonly title?: string;
  readonly unit?: string;
  readonly decimals?: number;
  readonly width?: number;
  readonly thresholds?: readonly Step[];
  /** An address; `${__value.raw}` and `${__data.fields.NAME}` are the row's values. */
  readonly link?: { readonly title: string; readonly url: string };
  readonly hidden?: true;
}

/** Rows, with what is particular about some columns. */
export function table(options: PanelOptions & { readonly columns?: Readonly<Record<string, Column>> }): Builder<Panel> {
  const panel = common(new Table(), options, 9).withTarget(tableQuery(options.sql));
  for (const [name, column] of Object.entries(options.columns ?? {})) panel.overrideByName(name, propertiesOf(column));
  return panel;
}

function propertiesOf(column: Column): DynamicConfigValue[] {
  const { title, unit, decimals, width, thresholds, link, hidden } = column;
  const properties: DynamicConfigValue[] = [];
  const add = (id: string, value: unknown): number => properties.push({ id, value });
  if (title !== undefined) add('displayName', title);
  if (unit !== undefined) add('unit', unit);
  if (decimals !== undefined) add('decimals', decimals);
  if (width !== undefined) add('custom.width', width);
  if (thresholds) {
    add('thresholds', thresholdsOf(thresholds).build());
    add('color', { mode: 'thresholds' });
    add('custom.cellOptions', { type: 'color-text' });
  }
  if (link) add('links', [{ ...link, targetBlank: true }]);
  if (hidden) add('custom.hidden', true);
  return properties;
}

/** Shows one mail's way from its source to its row, on the built-in page. */
export const traceOf = (column: string): { title: string; url: string } => ({
  title: 'Trace',
  url: `\${page}/#trace=\${__data.fields.${column}:percentencode}`,
});
