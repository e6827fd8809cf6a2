import { describe, expect, it } from 'vitest';
import { isOfEngine, loadDashboards, rangeOf, sqlOf } from './dashboards.ts';

const dashboards = loadDashboards('dashboards/out');
const overview = dashboards.find(({ id }) => id === 'overview');
const panels = dashboards.flatMap(dashboard => dashboard.panels.map(panel => ({ dashboard, panel })));
const hour_ms = 3_600_000;

describe('the dashboards', () => {
  it('are those that Grafana is given, and none where there is no folder', () => {
    expect(dashboards.map(({ id, title }) => [id, title])).toEqual([
      ['overview', 'Overview'],
      ['pipeline', 'Pipeline health'],
    ]);
    expect(loadDashboards('dashboards/missing')).toEqual([]);
    expect(panels.filter(({ panel }) => isOfEngine(panel)).map(({ panel }) => panel.title)).toEqual(['Tables']);
  });

  it('show their frame in easy steps, unless another is asked for', () => {
    const panel = { ...overview?.panels[8], interval: '1h' } as never;
    expect(rangeOf(overview as never, panel, { to: 0 })).toEqual({
      from_ms: -720 * hour_ms,
      to_ms: 0,
      interval_ms: 6 * hour_ms,
    });
    expect(rangeOf(overview as never, panel, { from: 0, to: 2 * hour_ms }).interval_ms).toBe(hour_ms);
    const last_hour = { interval: '1m', timeFrom: '1h' } as never;
    expect(rangeOf(overview as never, last_hour, { from: 0, to: 9 * hour_ms })).toMatchObject({
      from_ms: 8 * hour_ms,
      interval_ms: 60_000,
    });
  });

  it('have SQL in which nothing is left to fill in, whatever a value is', () => {
    const range = { from_ms: 0, to_ms: hour_ms, interval_ms: 60_000 };
    for (const { dashboard, panel } of panels) {
      for (const { rawSql } of panel.targets) {
        expect(sqlOf(dashboard, rawSql, range, {})).not.toContain('$');
        const narrowed = sqlOf(dashboard, rawSql, range, { organization: "a,it's", time_zone: 'Europe/Berlin' });
        if (rawSql.includes('${organization')) expect(narrowed).toContain("IN ('a','it\\'s')");
      }
    }
  });
});
