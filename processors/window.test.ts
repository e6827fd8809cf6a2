import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drive } from '../lib/test-driver.ts';
import type { Measurement } from '../schemas/generated.ts';
import { topics } from '../schemas/topics.ts';
import { lineage, noon_ms } from './test-records.ts';
import { tick } from './tick.ts';
import { grace_ms, lateness_ms, window, window_ms } from './window.ts';

const owner = { organization_id: 'org', mailbox: 'sales@acme.test', owner_id: 'kim', team_id: 'sales' };
const minute_ms = 60_000;

/** A mail of 20 seconds past noon, ingested at once unless said otherwise. */
function measured(given: Partial<Measurement> = {}, ingested_at_ms = noon_ms + 20_000): Measurement {
  return {
    owner,
    category: 'support',
    measure: 'mail_in',
    value: 0.5,
    at_ms: noon_ms + 20_000,
    record_id: 'm',
    lineage: { ...lineage, ingested_at_ms },
    ...given,
  };
}

/** The one group of these tests. */
function driver() {
  const stage = drive([window]);
  return {
    told: () => stage.read(topics.metricWindow),
    state: () => stage.state(window, topics.measurement.key(measured())),
    measure: (record: Measurement) => stage.feed(topics.measurement, record),
    tick: (at_ms: number) => stage.feed(topics.measurement, tick(at_ms)),
  };
}

describe('a minute', () => {
  it('is told once, when the watermark has passed its end by the grace', () => {
    const group = driver();
    group.measure(measured());
    group.measure(measured({ value: -0.25 }));
    group.measure(measured({ measure: 'mail_out' }));
    group.measure(measured({ measure: 'response', value: 90 }));
    group.tick(noon_ms + window_ms + grace_ms - 1);
    expect(group.told()).toEqual([]);
    group.tick(noon_ms + window_ms + grace_ms);
    group.tick(noon_ms + 2 * window_ms + grace_ms);
    expect(group.told()).toHaveLength(1);
    expect(group.told()[0]).toMatchObject({
      start_ms: noon_ms,
      mails_in: 2,
      mails_out: 1,
      negative: 1,
      sentiment_sum: 0.25,
      responses: 1,
      response_seconds_sum: 90,
      response_seconds_max: 90,
      corrected: false,
      version: 1,
      closed_at_ms: noon_ms + window_ms + grace_ms,
    });
  });

  it('keeps apart what belongs to the next one', () => {
    const group = driver();
    group.measure(measured());
    group.measure(measured({ at_ms: noon_ms + minute_ms }, noon_ms + minute_ms));
    group.tick(noon_ms + 5 * minute_ms);
    expect(group.told().map(one => [one.start_ms, one.mails_in])).toEqual([
      [noon_ms, 1],
      [noon_ms + minute_ms, 1],
    ]);
  });

  it('is told again, as corrected, for what comes late', () => {
    const group = driver();
    group.measure(measured());
    group.tick(noon_ms + 2 * minute_ms);
    group.measure(measured({}, noon_ms + 30 * minute_ms));
    group.tick(noon_ms + 31 * minute_ms);
    expect(group.told().map(one => [one.mails_in, one.version, one.corrected])).toEqual([
      [1, 1, false],
      [2, 2, true],
    ]);
  });

  it('does not change for what comes later than that, and is forgotten', () => {
    const group = driver();
    group.measure(measured());
    group.tick(noon_ms + 2 * minute_ms);
    group.measure(measured({}, noon_ms + window_ms + grace_ms + lateness_ms + 1));
    group.tick(noon_ms + 3 * lateness_ms);
    expect(group.told()).toHaveLength(1);
    expect(group.state()).toBeNull();
  });

  it('is still there for the last that may correct it, whatever the watermark', () => {
    const group = driver();
    group.measure(measured());
    group.tick(noon_ms + window_ms + grace_ms + lateness_ms);
    group.measure(measured({}, noon_ms + window_ms + grace_ms + lateness_ms));
    group.tick(noon_ms + window_ms + grace_ms + lateness_ms + 5_000);
    expect(group.told().at(-1)).toMatchObject({ mails_in: 2, version: 2, corrected: true });
  });
});

it('the limits are those of the view late_records', () => {
  const sql = readFileSync(join(import.meta.dirname, '../schemas/migrations/002_metrics.sql'), 'utf8');
  expect(sql).toContain(`toStartOfMinute(at) + INTERVAL ${(window_ms + grace_ms) / 1000} SECOND`);
  expect(sql).toContain(`late_seconds <= ${lateness_ms / 1000}`);
});
