import { expect, it } from 'vitest';
import { createMetrics } from '../lib/metrics.ts';
import { stageMetrics } from '../lib/stage-metrics.ts';
import { meteredCorrections, meteredEnrichment, meteredLearning } from './meters.ts';
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

it('shows what was learned of each organisation', async () => {
  const metrics = createMetrics('test');
  const measures = { log_loss: 0.4, rules_log_loss: 0.6, brier: 0.1, predicted: 0.3, actual: 0.25 };
  meteredLearning(metrics)({
    ...{ organization_id: 'oak', version: 7, won: 2, weights: [], touched: [], measured: 7, learned_at_ms: 0 },
    ...measures,
  });
  const text = await metrics.metrics();
  expect(text).toMatch(/^millrace_lead_model_version\{organization="oak"[^}]*\} 7$/m);
  expect(text).toMatch(/^millrace_lead_model_log_loss\{organization="oak"[^}]*\} 0\.4$/m);
  expect(text).toMatch(/^millrace_lead_model_rules_log_loss\{organization="oak"[^}]*\} 0\.6$/m);
});

it('shows what each model was taught, and counts what there was no room for', async () => {
  const metrics = createMetrics('test');
  const told = meteredCorrections(metrics);
  expect(await metrics.metrics()).toMatch(/^millrace_corrections_without_room_total\{[^}]*\} 0$/m);
  told({
    ...{ organization_id: 'oak', mailbox: '', model: 'category', version: 3, examples: 3, acts: 0, caused_by: 'f-3' },
    ...{ learnt_at_ms: 0, log_loss: 0.4, shipped_log_loss: 0.6 },
    correction: { features: [], weights: [], mixing: [], bias: [] },
  });
  told(null);
  const text = await metrics.metrics();
  expect(text).toMatch(/^millrace_correction_version\{organization="oak",model="category"[^}]*\} 3$/m);
  expect(text).toMatch(/^millrace_correction_shipped_log_loss\{organization="oak",[^}]*\} 0\.6$/m);
  expect(text).toMatch(/^millrace_corrections_without_room_total\{[^}]*\} 1$/m);
});
