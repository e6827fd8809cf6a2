/** The alert rules name metrics by their text; here they are held against those that the roles really have. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { httpMetrics } from '../../lib/http-metrics.ts';
import { watchLag } from '../../lib/lag.ts';
import { createMetrics } from '../../lib/metrics.ts';
import { sinkMetrics } from '../../lib/sink-metrics.ts';
import { recordsRead } from '../../lib/source-group.ts';
import { stageMetrics } from '../../lib/stage-metrics.ts';
import { watchReconciliation } from '../../query-api/reconciliation-metrics.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}
interface Rules {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}
interface Scraping {
  readonly rule_files: readonly string[];
  readonly scrape_configs: readonly { readonly job_name: string }[];
}

const read = <T>(name: string): T => parse(readFileSync(join(import.meta.dirname, name), 'utf8')) as T;
const rules = read<Rules>('alerts.yaml').groups.flatMap(group => group.rules);
const scraping = read<Scraping>('prometheus.yaml');

/** Metric to labels. Prometheus itself says of each target whether it is up. */
function registered(): Map<string, Set<string>> {
  const metrics = createMetrics('test');
  stageMetrics(metrics).watchTransaction('test', { began_at_ms: () => null });
  sinkMetrics(metrics);
  recordsRead(metrics);
  httpMetrics(metrics);
  watchLag({ groups: [], open: () => Promise.reject(new Error('none')), metrics, log: pino({ level: 'silent' }) });
  watchReconciliation(async () => [], metrics);
  const found = metrics.getMetricsAsArray() as unknown as { name: string; labelNames?: string[] }[];
  return new Map([['up', new Set<string>()], ...found.map(one => [one.name, labelsOf(one)] as const)]);
}

const labelsOf = ({ labelNames = [] }: { labelNames?: string[] }): Set<string> => new Set(labelNames);

/** What every scraped series has beside its own labels. */
const target_labels = ['job', 'instance', 'role'];

interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
}

/** The series that a PromQL expression selects. */
function selectors(expr: string): Selector[] {
  const withoutGrouping = expr.replace(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ');
  const named = /\b([a-z_][a-z0-9_]*)\b(?!\s*\()(?:\{([^}]*)\})?/g;
  return [...withoutGrouping.replace(/\[[^\]]*\]/g, ' ').matchAll(named)]
    .map(([, metric = '', matchers = '']) => ({
      metric,
      labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
    }))
    .filter(({ metric }) => !words.has(metric));
}

const words = new Set(['and', 'or', 'unless', 'offset', 'bool']);

describe('alerts.yaml', () => {
  const metrics = registered();

  it.each(rules.map(rule => [rule.alert, rule] as const))('%s names metrics that there are', (_, rule) => {
    const selected = selectors(rule.expr.replace(/\boffset \d+\w+/g, ' '));
    expect(selected.length).toBeGreaterThan(0);
    for (const { metric, labels } of selected) {
      const known = metrics.get(metric);
      expect(known, `${metric} is a metric of ours`).toBeDefined();
      for (const label of labels) expect([...target_labels, ...(known ?? [])], metric).toContain(label);
    }
  });

  it.each(rules.map(rule => [rule.alert, rule] as const))('%s says what is wrong and what to do', (_, rule) => {
    expect(rule.annotations.summary.length).toBeGreaterThan(10);
    expect(rule.annotations.runbook.length).toBeGreaterThan(10);
    expect(['warning', 'critical']).toContain(rule.labels.severity);
  });

  it('has each name once, and is what the scraping names', () => {
    const names = rules.map(rule => rule.alert);
    expect(new Set(names).size).toBe(names.length);
    expect(scraping.rule_files).toEqual(['alerts.yaml']);
    expect(scraping.scrape_configs.map(one => one.job_name)).toContain('millrace');
  });

  it('would notice a metric that nobody registers', () => {
    const [selected] = selectors('max by (job) (rate(millrace_no_such_total{stage="sink"}[5m])) > 0');
    expect(selected).toEqual({ metric: 'millrace_no_such_total', labels: ['stage'] });
    expect(metrics.has('millrace_no_such_total')).toBe(false);
  });
});
