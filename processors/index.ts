/** Every processor: the pipeline's table of contents, in the order a record passes through it. */
import type { Registry } from '../lib/metrics.ts';
import type { Processor } from '../lib/processor.ts';
import { acts } from './acts.ts';
import type { Consultant } from './bigger/consultant.ts';
import type { SettingsOfAll } from './conversation/rules.ts';
import { conversation } from './conversation.ts';
import { customer } from './customer.ts';
import { deduplicate } from './deduplicate.ts';
import { enrich_mail, enrichMail } from './enrich-mail.ts';
import { leadTrainer } from './lead-trainer.ts';
import { learning } from './learning.ts';
import type { Organisation } from './mail/index.ts';
import { meteredCorrections, meteredEnrichment, meteredLearning } from './meters.ts';
import { thread } from './thread.ts';
import { timeline } from './timeline.ts';
import { window } from './window.ts';

export interface ProcessorSettings {
  /** They tell there what only they know. */
  readonly metrics?: Registry;
  readonly conversations?: SettingsOfAll;
  /** Mails are understood by bigger models too. */
  readonly consultant?: Omit<Consultant, 'close'> | null;
}

export function processors(ours: Organisation, settings: ProcessorSettings = {}): readonly Processor[] {
  const { metrics, conversations } = settings;
  const mail_learning = learning(metrics && meteredCorrections(metrics));
  const lead_trainer = leadTrainer(metrics && meteredLearning(metrics));
  return [...measuring(ours, settings), thread, conversation(conversations), window, acts, mail_learning, lead_trainer];
}

/** Those that the windows stand on: a watermark has passed through all of them. */
export function measuring(
  ours: Organisation,
  { metrics, consultant = null }: ProcessorSettings = {},
): readonly Processor[] {
  const understand = metrics && meteredEnrichment(metrics, enrich_mail);
  return [deduplicate, enrichMail(ours, understand, consultant), timeline(ours), customer];
}
