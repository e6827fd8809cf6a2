/** What the enrichment tells of itself beside what every stage does. */
import type { Draft } from '../lib/lineage.ts';
import { Counter, Gauge, Histogram, type Registry } from '../lib/metrics.ts';
import { stageMetrics } from '../lib/stage-metrics.ts';
import type { LeadModel, Learnt } from '../schemas/generated.ts';
import { enrichMail } from './mail/index.ts';

/** Of one mail, in seconds: most take less than a millisecond, and a long one some. */
const buckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5];

/** The models' work on a mail, timed. */
export function meteredEnrichment(registry: Registry, stage: string): typeof enrichMail {
  const { records } = stageMetrics(registry);
  const registers = [registry];
  new Counter({
    name: 'emails_processed_total',
    help: 'Mails whose enrichment was committed',
    registers,
    async collect() {
      const of_stage = (await records.get()).values.find(({ labels }) => labels.stage === stage);
      this.reset();
      this.inc(of_stage?.value ?? 0);
    },
  });
  const seconds = new Histogram({
    name: 'ai_inference_duration_seconds',
    help: 'How long the models took for a mail',
    buckets,
    registers,
  });
  return (email, ours, beside) => {
    const began_ms = performance.now();
    const found = enrichMail(email, ours, beside);
    seconds.observe((performance.now() - began_ms) / 1_000);
    return found;
  };
}

/** What the lead score has learned and how well it foretold the newest outcomes, of each organisation. */
export function meteredLearning(registry: Registry): (model: LeadModel) => void {
  const gauge = (name: string, help: string): Gauge =>
    new Gauge({ name: `millrace_lead_model_${name}`, help, labelNames: ['organization'], registers: [registry] });
  const version = gauge('version', 'The newest version, which is the number of outcomes learned from');
  const log_loss = gauge('log_loss', 'Of the newest outcomes, each foretold before it was learned from');
  const rules_log_loss = gauge(
    'rules_log_loss',
    'The same of the rules alone: below the other, what was learned does harm',
  );
  const predicted = gauge('predicted_ratio', 'Mean probability of being won that was foretold');
  const actual = gauge('actual_ratio', 'The share that was won');
  return model => {
    const labels = { organization: model.organization_id };
    version.set(labels, model.version);
    log_loss.set(labels, model.log_loss);
    rules_log_loss.set(labels, model.rules_log_loss);
    predicted.set(labels, model.predicted);
    actual.set(labels, model.actual);
  };
}

/** What each model was taught by feedback, and whether that foretells the next feedback better than the shipped model. */
export function meteredCorrections(registry: Registry): (learnt: Draft<Learnt> | null) => void {
  const gauge = (name: string, help: string): Gauge =>
    new Gauge({
      name: `millrace_correction_${name}`,
      help,
      labelNames: ['organization', 'model', 'mailbox'],
      registers: [registry],
    });
  const version = gauge(
    'version',
    'The newest version: one for each piece of feedback, fewer for what was done with mails',
  );
  const log_loss = gauge('log_loss', 'Of the newest feedback, each piece foretold before it was learnt from');
  const shipped = gauge(
    'shipped_log_loss',
    'The same of the shipped model: below the other, what was learnt does harm',
  );
  const roomless = new Counter({
    name: 'millrace_corrections_without_room_total',
    help: 'Versions that were not made since what is learnt takes all the room it has: the ones before hold',
    registers: [registry],
  });
  return learnt => {
    if (learnt === null) return roomless.inc();
    const labels = { organization: learnt.organization_id, model: learnt.model, mailbox: learnt.mailbox };
    version.set(labels, learnt.version);
    log_loss.set(labels, learnt.log_loss);
    shipped.set(labels, learnt.shipped_log_loss);
  };
}
