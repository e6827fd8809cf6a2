import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMetrics } from './metrics.ts';
import { stageMetrics } from './stage-metrics.ts';

afterEach(() => void vi.useRealTimers());

describe('stageMetrics', () => {
  it('is one set a registry', () => {
    const metrics = createMetrics('test');
    expect(stageMetrics(metrics)).toBe(stageMetrics(metrics));
    expect(stageMetrics(createMetrics('other'))).not.toBe(stageMetrics(metrics));
  });

  it('tells how long each stage has had its transaction open, at the moment of asking', async () => {
    vi.useFakeTimers();
    const metrics = createMetrics('test');
    const { watchTransaction } = stageMetrics(metrics);
    let began_at_ms: number | null = Date.now();
    watchTransaction('enrich', { began_at_ms: () => began_at_ms });
    watchTransaction('sink', { began_at_ms: () => null });
    vi.advanceTimersByTime(1_500);
    const ages = async (): Promise<Record<string, number>> => {
      const metric = await metrics.getSingleMetric('millrace_open_transaction_age_seconds')?.get();
      return Object.fromEntries((metric?.values ?? []).map(({ labels, value }) => [labels.stage, value]));
    };
    expect(await ages()).toEqual({ enrich: 1.5, sink: 0 });
    began_at_ms = null;
    expect(await ages()).toEqual({ enrich: 0, sink: 0 });
  });
});
