/** Brings mail, CRM changes and events into one form, keyed by person: the rows of a customer's timeline. */
import { defineProcessor, type Processor } from '../lib/processor.ts';
import { topics } from '../schemas/topics.ts';
import { interactionOf, interactionOfCrm, interactionOfEvent, type OwnAddresses } from './mail/index.ts';

export function timeline(ours: OwnAddresses): Processor {
  return defineProcessor({
    name: 'timeline',
    version: 1,
    inputs: { mail: topics.emailEnriched, crm: topics.crmAccepted, event: topics.eventAccepted },
    outputs: { interaction: topics.interaction },
    on: {
      mail: mail => ({ emit: { interaction: interactionOf(mail, ours) } }),
      crm: change => ({ emit: { interaction: interactionOfCrm(change) } }),
      event: event => ({ emit: { interaction: interactionOfEvent(event) } }),
    },
  });
}
