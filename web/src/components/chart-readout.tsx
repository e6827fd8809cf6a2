import { count, plural, signed, stepName, when, whenExactly } from '../format.ts';
import type { MetricPoint, Metrics } from '../model.ts';

/** What the bar under the pointer stands for; otherwise what the colours mean. */
export function Readout({ point, step_s }: { point: MetricPoint | undefined; step_s: number }) {
  if (point === undefined) {
    return (
      <p class="readout muted">
        <Key tone="negative" name="negative" />
        <Key tone="neutral" name="neutral" />
        <Key tone="positive" name="positive" />
        <Key tone="mean" name="mean score" />
        <span>One bar is {stepName(step_s)}</span>
      </p>
    );
  }
  return (
    <p class="readout">
      <b title={whenExactly(point.at)}>
        {when(point.at, Date.now())}, {stepName(step_s)}
      </b>
      <span>{plural(point.emails, 'mail')}</span>
      <Key tone="negative" name={count(point.negative)} />
      <Key tone="neutral" name={count(point.neutral)} />
      <Key tone="positive" name={count(point.positive)} />
      <Key tone="mean" name={signed(point.sentiment_mean)} />
    </p>
  );
}

function Key({ tone, name }: { tone: string; name: string }) {
  return (
    <span class={`key ${tone}`}>
      <i aria-hidden="true" />
      {name}
    </span>
  );
}

/** The chart for those who cannot see it, or who want the numbers. Steps without mail are left out. */
export function SeriesTable({ metrics }: { metrics: Metrics }) {
  const rows = metrics.series.filter(point => point.emails > 0);
  return (
    <div class="series scroll-x">
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">From, for {stepName(metrics.step_s)}</th>
            <th scope="col" class="num">
              Mails
            </th>
            <th scope="col" class="num">
              Negative
            </th>
            <th scope="col" class="num">
              Neutral
            </th>
            <th scope="col" class="num">
              Positive
            </th>
            <th scope="col" class="num">
              Mean
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.toReversed().map(point => (
            <tr key={point.at}>
              <th scope="row" title={whenExactly(point.at)}>
                {when(point.at, Date.now())}
              </th>
              <td class="num">{count(point.emails)}</td>
              <td class="num">{count(point.negative)}</td>
              <td class="num">{count(point.neutral)}</td>
              <td class="num">{count(point.positive)}</td>
              <td class="num">{signed(point.sentiment_mean)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
