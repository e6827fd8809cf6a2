/** Says what a mail is about: direction, sentiment, category, importance and why. */
import { defineProcessor, type Processor } from '../lib/processor.ts';
import { topics } from '../schemas/topics.ts';
import { type OwnAddresses, enrichMail as understandMail } from './mail/index.ts';

export const enrich_mail = 'enrich-mail';

/** `understand` is the models' work, or the same with a meter around it. */
export function enrichMail(ours: OwnAddresses, understand = understandMail): Processor {
  return defineProcessor({
    name: enrich_mail,
    version: 2,
    inputs: { mail: topics.emailAccepted },
    outputs: { enriched: topics.emailEnriched },
    on: {
      mail: ({ email }) => ({ emit: { enriched: { email, ...understand(email, ours) } } }),
    },
  });
}
