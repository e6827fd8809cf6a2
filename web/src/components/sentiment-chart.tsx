import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { ChartColumns, Span } from '../chart-data.ts';
import { axisLabels, count, dateRange, short, signed } from '../format.ts';
import { useLatest } from '../hooks.ts';
import type { Metrics } from '../model.ts';

interface SentimentChartProps {
  columns: ChartColumns;
  metrics: Metrics;
  /** The step under the pointer, as an index of `columns.points`. */
  onHover(index: number | null): void;
  onZoom(span: Span): void;
}

const height_px = 168;
/** A shorter drag is a click with a shaking hand. */
const drag_px_min = 8;

/** Mails a step as bars stacked by sentiment, and the mean score as a line on an axis of its own. */
export function SentimentChart(props: SentimentChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useLatest(props);
  const theme = useTheme();

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const chart = new uPlot(options(element.clientWidth, latest), latest.current.columns.data, element);
    plot.current = chart;
    const resize = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: height_px }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [theme]);

  useEffect(() => plot.current?.setData(props.columns.data), [props.metrics]);

  return <div class="chart" ref={host} role="img" aria-label={summary(props.metrics)} />;
}

function summary({ totals, from, to }: Metrics): string {
  const parts = `${count(totals.negative)} negative, ${count(totals.neutral)} neutral, ${count(totals.positive)} positive`;
  return `Mails over time, ${dateRange(from, to)}: ${parts}. The button "Table" shows the numbers.`;
}

function options(width: number, latest: { current: SentimentChartProps }): uPlot.Options {
  const color = colors();
  const bars = uPlot.paths.bars?.({ size: [0.86, 40] });
  const bar = (fill: string): uPlot.Series => ({ fill, width: 0, paths: bars, points: { show: false } });
  const axis = { stroke: color.muted, font: '11px system-ui, sans-serif', ticks: { show: false } };
  return {
    width,
    height: height_px,
    padding: [8, 0, 0, 0],
    legend: { show: false },
    scales: {
      x: { range: () => [latest.current.metrics.from / 1000, latest.current.metrics.to / 1000] },
      y: { range: (_, __, max) => [0, Math.max(1, max * 1.05)] },
      mean: { range: () => [-1, 1] },
    },
    // Each bar reaches from zero to its own sum, so the tallest is drawn first and the others over it.
    series: [
      {},
      bar(color.positive),
      bar(color.neutral),
      bar(color.negative),
      {
        scale: 'mean',
        stroke: color.mean,
        width: 1.5,
        points: { show: true, size: 4, fill: color.mean, width: 0, filter: alone },
      },
    ],
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 70,
        size: 34,
        values: (_, ticks, __, ___, increment_s) => axisLabels(ticks, increment_s),
      },
      {
        ...axis,
        size: 40,
        space: 36,
        incrs: whole_increments,
        grid: { stroke: color.line, width: 1 },
        values: (_, ticks) => ticks.map(short),
      },
      {
        ...axis,
        scale: 'mean',
        side: 1,
        size: 36,
        splits: [-1, 0, 1],
        grid: { show: false },
        values: (_, ticks) => ticks.map(tick => signed(tick, 0)),
      },
    ],
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false },
    },
    hooks: {
      setCursor: [chart => latest.current.onHover(chart.cursor.idx ?? null)],
      setSelect: [chart => select(chart, latest.current.onZoom)],
    },
  };
}

/** A line needs two neighbours; a step that has none would not be seen without a point. */
function alone(chart: uPlot, series: number): number[] {
  const values = chart.data[series] ?? [];
  return [...values.keys()].filter(i => values[i] != null && values[i - 1] == null && values[i + 1] == null);
}

/** Half a mail is nothing to label an axis with. */
const whole_increments = [1, 2, 5]
  .flatMap(digit => [0, 1, 2, 3, 4, 5, 6, 7, 8].map(power => digit * 10 ** power))
  .sort((a, b) => a - b);

function select(chart: uPlot, onZoom: (span: Span) => void): void {
  const { left, width } = chart.select;
  if (width < drag_px_min) return;
  const from = Math.floor(chart.posToVal(left, 'x')) * 1000;
  const to = Math.ceil(chart.posToVal(left + width, 'x')) * 1000;
  chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  onZoom({ from, to });
}

/** A canvas knows no style sheet: the page's colours are read once for each theme. */
function colors() {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    negative: read('negative'),
    neutral: read('neutral-bar'),
    positive: read('positive'),
    mean: read('ink'),
    muted: read('muted'),
    line: read('line'),
  };
}

function useTheme(): 'light' | 'dark' {
  const query = '(prefers-color-scheme: dark)';
  const [dark, setDark] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const onChange = (): void => setDark(media.matches);
    media.addEventListener('change', onChange);
    return () => media.removeEventListener('change', onChange);
  }, []);
  return dark ? 'dark' : 'light';
}
