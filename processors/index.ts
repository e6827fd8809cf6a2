/** Every processor: the pipeline's table of contents, in the order a record passes through it. */
import type { Registry } from '../lib/metrics.ts';
import type { Processor } from '../lib/processor.ts';
import type { ConversationSettings } from './conversation/rules.ts';
import { conversation } from './conversation.ts';
import { customer } from './customer.ts';
import { deduplicate } from './deduplicate.ts';
import { enrich_mail, enrichMail } from './enrich-mail.ts';
import { leadTrainer } from './lead-trainer.ts';
import { learning } from './learning.ts';
import type { Organisation } from './mail/index.ts';
import { meteredEnrichment, meteredLearning } from './meters.ts';
import { thread } from './thread.ts';
import { timeline } from './timeline.ts';
import { window } from './window.ts';

/** With `metrics` they tell there what only they know. */
export function processors(
  ours: Organisation,
  metrics?: Registry,
  settings?: ConversationSettings,
): readonly Processor[] {
  const lead_trainer = leadTrainer(metrics && meteredLearning(metrics));
  return [...measuring(ours, metrics), thread, conversation(settings), window, learning, lead_trainer];
}

/** Those that the windows stand on: a watermark has passed through all of them. */
export function measuring(ours: Organisation, metrics?: Registry): readonly Processor[] {
  const understand = metrics && meteredEnrichment(metrics, enrich_mail);
  return [deduplicate, enrichMail(ours, understand), timeline(ours), customer];
}
