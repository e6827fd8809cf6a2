/**
 * Counts what happens in each minute, by owner, team, mailbox and category.
 *
 * A minute is told when the watermark has passed its end by `grace_ms`. What is ingested later is late: within
 * `lateness_ms` the minute is told again, as corrected; after that only the facts have it. Whether a record is late goes by
 * its own two times, so it is the same on every replay, and a view over the facts (late_records) names each one.
 */
import { defineProcessor } from '../lib/processor.ts';
import { type OpenWindow, type OpenWindows, openWindowsSchema } from '../schemas/generated.ts';
import { topics } from '../schemas/topics.ts';
import { timeTold } from './tick.ts';
import { add, blankWindow } from './window/counts.ts';

export const window_ms = 60_000;
export const grace_ms = 10_000;
export const lateness_ms = 60 * 60 * 1000;
/** How far the clocks of the machines that ingest and of the one that tells the watermark may be apart. */
const skew_ms = 60_000;

const inputs = { measurement: topics.measurement };
const outputs = { window: topics.metricWindow };

export const window = defineProcessor<typeof inputs, OpenWindows, typeof outputs>({
  name: 'window',
  version: 1,
  inputs,
  state: openWindowsSchema,
  outputs,
  // A minute is told seconds after its end.
  commit_interval_ms_min: 500,
  on: {
    measurement(measurement, state) {
      const start_ms = measurement.at_ms - (measurement.at_ms % window_ms);
      const late_ms = measurement.lineage.ingested_at_ms - closing(start_ms);
      if (late_ms > lateness_ms) return {};
      const others = state?.windows.filter(one => one.window.start_ms !== start_ms) ?? [];
      const present = state?.windows.find(one => one.window.start_ms === start_ms)?.window;
      const changed = add(present ?? blankWindow(measurement, start_ms), measurement);
      const window = { ...changed, corrected: changed.corrected || late_ms >= 0 };
      return { state: { windows: [...others, { window, changed: true }] } };
    },
  },
  clock: timeTold,
  timer: {
    due_ms: ({ windows }) => Math.min(...windows.map(due)),
    fire({ windows }, now_ms) {
      const told = windows.map(one =>
        one.changed && closing(one.window.start_ms) <= now_ms ? tell(one, now_ms) : one,
      );
      const kept = told.filter(one => now_ms < forgetting(one));
      const emitted = told.filter((one, at) => one !== windows[at]).map(one => one.window);
      return { state: kept.length === 0 ? null : { windows: kept }, emit: { window: emitted } };
    },
  },
});

const closing = (start_ms: number): number => start_ms + window_ms + grace_ms;
const forgetting = ({ window }: OpenWindow): number => closing(window.start_ms) + lateness_ms + skew_ms;
const due = (one: OpenWindow): number => (one.changed ? closing(one.window.start_ms) : forgetting(one));

function tell({ window }: OpenWindow, closed_at_ms: number): OpenWindow {
  return { window: { ...window, version: window.version + 1, closed_at_ms }, changed: false };
}
