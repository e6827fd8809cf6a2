/** Keeps the profile of everyone who writes, buys or is in the CRM, with a lead score and its reasons. */
import { defineProcessor } from '../lib/processor.ts';
import { type Interaction, type Profile, profileSchema } from '../schemas/generated.ts';
import { topics } from '../schemas/topics.ts';
import { measurementsOf } from './customer/measurements.ts';
import { update } from './customer/profile.ts';

const inputs = { interaction: topics.interaction };
const outputs = { customer: topics.customerUpdated, measurement: topics.measurement };

export const customer = defineProcessor<typeof inputs, Profile, typeof outputs>({
  name: 'customer',
  version: 2,
  inputs,
  state: profileSchema,
  outputs,
  on: {
    interaction(interaction: Interaction, profile) {
      // An event that names nobody is on the timeline and belongs to no customer.
      if (interaction.person_id === '') return {};
      const state = update(profile, interaction);
      return { state, emit: { customer: state.customer, measurement: measurementsOf(profile, state, interaction) } };
    },
  },
});
