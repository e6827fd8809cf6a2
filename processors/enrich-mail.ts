/** Says what a mail is about: direction, sentiment, category, importance and why. */
import { defineProcessor, type Processor } from '../lib/processor.ts';
import { topics } from '../schemas/topics.ts';
import { type OwnAddresses, enrichMail as understand } from './mail/index.ts';

export function enrichMail(ours: OwnAddresses): Processor {
  return defineProcessor({
    name: 'enrich-mail',
    version: 1,
    inputs: { mail: topics.emailAccepted },
    outputs: { enriched: topics.emailEnriched },
    on: {
      mail: ({ email }) => ({ emit: { enriched: { email, ...understand(email, ours) } } }),
    },
  });
}
