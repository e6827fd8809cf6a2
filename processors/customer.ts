/**
 * Keeps the profile of everyone who writes, buys or is in the CRM, with a lead score and its reasons. Who falls silent is told
 * anew as his behaviour grows old (customer/decay.ts), by the ticks of the watermark.
 */
import { defineProcessor } from '../lib/processor.ts';
import { type Interaction, type Profile, profileSchema } from '../schemas/generated.ts';
import { topics } from '../schemas/topics.ts';
import { decayed } from './customer/decay.ts';
import { leadExamples } from './customer/lead-example.ts';
import { measurementsOf, measurementsOfDecay } from './customer/measurements.ts';
import { update } from './customer/profile.ts';
import { timeTold } from './tick.ts';

const inputs = { interaction: topics.interaction, time: topics.measurement };
const outputs = {
  customer: topics.customerUpdated,
  measurement: topics.measurement,
  example: topics.leadExample,
};
const tables = { model: topics.leadModel };

/** After a large import nearly everybody is due at once; a tick comes every five seconds. */
export const decays_max = 250;

export const customer = defineProcessor<typeof inputs, Profile, typeof outputs, typeof tables>({
  name: 'customer',
  version: 5,
  commit_interval_ms_min: 100,
  inputs,
  tables,
  state: profileSchema,
  outputs,
  on: {
    interaction(interaction: Interaction, profile, { tables }) {
      // An event that names nobody is on the timeline and belongs to no customer.
      if (interaction.person_id === '') return {};
      const model = tables.model.get(interaction.owner.organization_id) ?? null;
      const state = update(profile, interaction, model);
      const emit = {
        customer: state.customer,
        measurement: measurementsOf(profile, state, interaction),
        example: leadExamples(profile, state, interaction),
      };
      return { state, emit };
    },
    // Only the ticks among them are of interest (clock).
    time: () => ({}),
  },
  clock: timeTold,
  timer: {
    keys_max: decays_max,
    due_ms: ({ decays_at_ms }) => decays_at_ms,
    fire(profile, now_ms, { model }) {
      const { owner } = profile.customer;
      const state = decayed(profile, now_ms, model.get(owner.organization_id) ?? null);
      const { customer } = state;
      if (customer === profile.customer) return { state };
      return { state, emit: { customer, measurement: measurementsOfDecay(profile, state, now_ms) } };
    },
  },
});
