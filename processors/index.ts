/** Every processor: the pipeline's table of contents, in the order a record passes through it. */
import type { Registry } from '../lib/metrics.ts';
import type { Processor } from '../lib/processor.ts';
import type { Consultant } from './bigger/consultant.ts';
import { customer } from './customer.ts';
import { deduplicate } from './deduplicate.ts';
import { enrich_mail, enrichMail } from './enrich-mail.ts';
import type { OwnAddresses } from './mail/index.ts';
import { meteredEnrichment } from './meters.ts';
import { timeline } from './timeline.ts';
import { window } from './window.ts';

/** With `metrics` they tell there what only they know; with a consultant mails are understood by bigger models too. */
export function processors(
  ours: OwnAddresses,
  metrics?: Registry,
  consultant: Omit<Consultant, 'close'> | null = null,
): readonly Processor[] {
  return [...measuring(ours, metrics, consultant), window];
}

/** Those that the windows stand on: a watermark has passed through all of them. */
export function measuring(
  ours: OwnAddresses,
  metrics?: Registry,
  consultant: Omit<Consultant, 'close'> | null = null,
): readonly Processor[] {
  const understand = metrics && meteredEnrichment(metrics, enrich_mail);
  return [deduplicate, enrichMail(ours, understand, consultant), timeline(ours), customer];
}
