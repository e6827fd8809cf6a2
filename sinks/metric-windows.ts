import { defineSink } from '../lib/sink.ts';
import { topics } from '../schemas/topics.ts';
import { owner, same } from './columns.ts';

/** The newest version of each minute. */
export const metricWindows = defineSink({
  name: 'metric_windows',
  input: topics.metricWindow,
  table: 'metric_window_versions',
  replacing: true,
  columns: {
    ...owner('owner'),
    ...same('category', 'mails_in', 'mails_out', 'mails_internal', 'events', 'negative', 'sentiment_sum'),
    ...same('responses', 'response_seconds_sum', 'response_seconds_max', 'leads_up', 'leads_down'),
    ...same('corrected', 'version'),
    start: 'start_ms',
    closed_at: 'closed_at_ms',
  },
});
