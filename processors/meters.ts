/** What the enrichment tells of itself beside what every stage does. */
import { Counter, Histogram, type Registry } from '../lib/metrics.ts';
import { stageMetrics } from '../lib/stage-metrics.ts';
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
  return (email, ours, consulted) => {
    const began_ms = performance.now();
    const found = enrichMail(email, ours, consulted);
    seconds.observe((performance.now() - began_ms) / 1_000);
    return found;
  };
}
