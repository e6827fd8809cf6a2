import { useState } from 'preact/hooks';
import type { Preset, Span } from '../chart-data.ts';
import { chartColumns, meanSentiment, presetSpan, presets } from '../chart-data.ts';
import { useApp } from '../context.ts';
import { count, dateRange, plural, share, signed, stepName, words, zoneName } from '../format.ts';
import { useRefresh, useResource } from '../hooks.ts';
import type { Metrics } from '../model.ts';
import { Readout, SeriesTable } from './chart-readout.tsx';
import { clamp } from './chips.tsx';
import { Segment } from './mail-filters.tsx';
import { SentimentChart } from './sentiment-chart.tsx';
import { Empty, Failure, Loading } from './states.tsx';

interface ChartPanelProps {
  category: string;
  onCategory(category: string): void;
}

export function ChartPanel({ category, onCategory }: ChartPanelProps) {
  const { api, organization_id } = useApp();
  const [preset, setPreset] = useState<Preset>('all');
  const [zoom, setZoom] = useState<Span | null>(null);
  const [asTable, setAsTable] = useState(false);
  const [last, setLast] = useState(Number.NaN);

  const metrics = useResource(
    `metrics ${organization_id}`,
    async signal => {
      // A preset counts back from the newest mail, which only an answer tells; the first one is asked for the whole range.
      const newest = preset !== 'all' && Number.isNaN(last) ? await api.metrics({ organization_id }, signal) : null;
      const span = zoom ?? presetSpan(preset, newest?.range.last ?? last, Date.now());
      const answer = await api.metrics({ organization_id, ...isoSpan(span) }, signal);
      setLast(answer.range.last);
      return answer;
    },
    `${preset} ${zoom?.from} ${zoom?.to}`,
  );
  useRefresh(['emails', 'customers'], metrics.reload);

  function choose(next: Preset): void {
    setZoom(null);
    setPreset(next);
  }

  return (
    <section class="panel chart-panel" aria-labelledby="chart-title">
      <header class="panel-head">
        <h2 id="chart-title">Sentiment over time</h2>
        {Number.isFinite(metrics.data?.range.last) && metrics.data !== null && (
          <span class="muted range" title={rangeTitle(metrics.data, zoom)}>
            {dateRange(metrics.data.from, metrics.data.to)}
          </span>
        )}
        {zoom !== null && (
          <button type="button" class="link" onClick={() => setZoom(null)}>
            zoom out
          </button>
        )}
        <span class="spacer" />
        <Segment on={asTable} title="The same numbers as a table" onClick={() => setAsTable(!asTable)}>
          Table
        </Segment>
        <fieldset class="segments">
          <legend class="sr">Time range</legend>
          {presets.map(each => (
            <Segment
              key={each.preset}
              on={zoom === null && preset === each.preset}
              title={
                each.preset === 'all'
                  ? 'From the first to the newest mail'
                  : `The last ${each.label}, or the last ${each.label} that have mail`
              }
              onClick={() => choose(each.preset)}
            >
              {each.label}
            </Segment>
          ))}
        </fieldset>
      </header>
      {metrics.error !== null && <Failure error={metrics.error} onRetry={metrics.reload} />}
      {metrics.data === null && metrics.error === null && <Loading rows={5} label="Reading the metrics" />}
      {metrics.data !== null && (
        <ChartBody
          metrics={metrics.data}
          asTable={asTable}
          onZoom={setZoom}
          category={category}
          onCategory={onCategory}
        />
      )}
    </section>
  );
}

function isoSpan(span: Span | null): { from?: string; to?: string } {
  return span === null ? {} : { from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString() };
}

function rangeTitle(metrics: Metrics, zoom: Span | null): string {
  const { first, last } = metrics.range;
  const how = zoom === null ? 'Drag over the chart to zoom in.' : 'Zoomed in by dragging.';
  return `All mail: ${dateRange(first, last)}. Times are in ${zoneName()}. One bar is ${stepName(metrics.step_s)}. ${how}`;
}

interface ChartBodyProps extends ChartPanelProps {
  metrics: Metrics;
  asTable: boolean;
  onZoom(span: Span): void;
}

function ChartBody({ metrics, asTable, onZoom, category, onCategory }: ChartBodyProps) {
  const [hovered, setHovered] = useState<number | null>(null);
  const columns = chartColumns(metrics);
  const { totals } = metrics;
  if (totals.emails === 0) {
    return <Empty title={Number.isFinite(metrics.range.last) ? 'No mail in this range.' : 'No mail yet.'} />;
  }
  return (
    <div class="chart-body">
      <div class="chart-main">
        <dl class="figures">
          <Figure name="Mails" title="Stored mails received in this range" value={count(totals.emails)} />
          <Figure
            name="Customers"
            title="People outside the organisation, seen in this range"
            value={count(totals.customers)}
          />
          <Figure
            name="Negative"
            tone="negative"
            title={`${plural(totals.negative, 'mail')} of ${count(totals.emails)}`}
            value={share(totals.negative, totals.emails)}
          />
          <Figure
            name="Neutral"
            title={`${plural(totals.neutral, 'mail')} of ${count(totals.emails)}`}
            value={share(totals.neutral, totals.emails)}
          />
          <Figure
            name="Positive"
            tone="positive"
            title={`${plural(totals.positive, 'mail')} of ${count(totals.emails)}`}
            value={share(totals.positive, totals.emails)}
          />
          <Figure
            name="Mean"
            title="Mean sentiment score of the mails in this range, from −1 to +1"
            value={signed(meanSentiment(metrics.series))}
          />
        </dl>
        {asTable ? (
          <SeriesTable metrics={metrics} />
        ) : (
          <>
            <SentimentChart columns={columns} metrics={metrics} onHover={setHovered} onZoom={onZoom} />
            <Readout point={hovered === null ? undefined : columns.points[hovered]} step_s={metrics.step_s} />
          </>
        )}
      </div>
      <Categories metrics={metrics} category={category} onCategory={onCategory} />
    </div>
  );
}

function Figure({ name, value, title, tone = '' }: { name: string; value: string; title: string; tone?: string }) {
  return (
    <div title={title} class={tone}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Categories({ metrics, category, onCategory }: ChartPanelProps & { metrics: Metrics }) {
  const max = Math.max(...metrics.categories.map(each => each.emails));
  return (
    <section class="categories" aria-label="Categories in this range">
      <h3 title="Mails of each category in this range; click one to filter the mail">Categories</h3>
      <ul>
        {metrics.categories.map(each => (
          <li key={each.category}>
            <button
              type="button"
              aria-pressed={category === each.category}
              title={`${plural(each.emails, 'mail')}, ${share(each.emails, metrics.totals.emails)} of this range. Click to see only these.`}
              onClick={() => onCategory(category === each.category ? '' : each.category)}
            >
              <span>{words(each.category) || 'none'}</span>
              <span class="num">{count(each.emails)}</span>
              <span class="meter" aria-hidden="true">
                <span style={{ width: `${clamp((each.emails / max) * 100, 0, 100)}%` }} />
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
