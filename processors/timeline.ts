/**
 * Brings mail, CRM changes and events into one form, keyed by person: the rows of a customer's timeline. And says of each
 * what the per-minute metrics count, and of a mail what its conversation needs, and what says whether it
 * was important.
 */
import { defineProcessor, type Processor } from '../lib/processor.ts';
import { topics } from '../schemas/topics.ts';
import { linkOf, threadMailOf } from './conversation/thread-mail.ts';
import { actsOf } from './learning/teaching.ts';
import { interactionOf, interactionOfCrm, interactionOfEvent, type OwnAddresses } from './mail/index.ts';
import { measurementOfEvent, measurementOfMail } from './mail/measurement.ts';

export function timeline(ours: OwnAddresses): Processor {
  return defineProcessor({
    name: 'timeline',
    version: 5,
    commit_interval_ms_min: 100,
    inputs: { mail: topics.emailEnriched, crm: topics.crmAccepted, event: topics.eventAccepted },
    outputs: {
      interaction: topics.interaction,
      measurement: topics.measurement,
      link: topics.threadLink,
      act: topics.mailAct,
    },
    on: {
      mail: mail => ({
        emit: {
          interaction: interactionOf(mail, ours),
          measurement: measurementOfMail(mail),
          link: linkOf(threadMailOf(mail, ours)),
          act: actsOf(mail),
        },
      }),
      crm: change => ({ emit: { interaction: interactionOfCrm(change) } }),
      event: event => {
        const interaction = interactionOfEvent(event);
        return { emit: { interaction, measurement: measurementOfEvent(event, interaction.occurred_at_ms) } };
      },
    },
  });
}
