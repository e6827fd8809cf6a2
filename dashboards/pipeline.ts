/** The machinery: does it add up, how fast is it, what went wrong. */
import { defineDashboard } from './dashboard.ts';
import * as accounting from './pipeline/accounting.ts';
import * as speed from './pipeline/speed.ts';
import { organization } from './variables.ts';

export const pipeline = defineDashboard({
  name: 'pipeline',
  title: 'Pipeline health',
  description: 'Whether every record that was read has ended, how fast, and what did not go the usual way.',
  from: 'now-6h',
  refresh: '10s',
  variables: [organization()],
  sections: [
    { title: 'Accounting', panels: [accounting.totals, accounting.bySource] },
    { title: 'Speed', panels: [speed.latency, speed.throughput, speed.stageTime, speed.windowLag] },
    { title: 'Not the usual way', panels: [accounting.deadLetterCauses, accounting.deadLetters, accounting.late] },
    { title: 'Tables', panels: [speed.freshness, speed.sizes] },
  ],
});
