import { expect, it } from 'vitest';
import { createMetrics } from '../lib/metrics.ts';
import { stageMetrics } from '../lib/stage-metrics.ts';
import { meteredEnrichment } from './meters.ts';
import { email, nobody } from './test-records.ts';

it('times the models, and counts the mails whose transaction was committed', async () => {
  const metrics = createMetrics('test');
  const understand = meteredEnrichment(metrics, 'enrich-mail');
  const found = understand(email({ text: 'I am happy' }), nobody);
  expect(found).toHaveProperty('category');
  expect(await metrics.metrics()).toMatch(/^ai_inference_duration_seconds_count\{[^}]*\} 1$/m);
  expect(await metrics.metrics()).toMatch(/^emails_processed_total\{[^}]*\} 0$/m);
  stageMetrics(metrics).records.inc({ stage: 'enrich-mail' }, 3);
  stageMetrics(metrics).records.inc({ stage: 'customer' }, 5);
  expect(await metrics.metrics()).toMatch(/^emails_processed_total\{[^}]*\} 3$/m);
});
