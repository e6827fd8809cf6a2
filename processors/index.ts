/** Every processor: the pipeline's table of contents, in the order a record passes through it. */
import type { Processor } from '../lib/processor.ts';
import { customer } from './customer.ts';
import { deduplicate } from './deduplicate.ts';
import { enrichMail } from './enrich-mail.ts';
import type { OwnAddresses } from './mail/index.ts';
import { timeline } from './timeline.ts';
import { window } from './window.ts';

export function processors(ours: OwnAddresses): readonly Processor[] {
  return [...measuring(ours), window];
}

/** Those that the windows stand on: a watermark has passed through all of them. */
export function measuring(ours: OwnAddresses): readonly Processor[] {
  return [deduplicate, enrichMail(ours), timeline(ours), customer];
}
