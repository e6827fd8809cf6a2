/** Keeps the profile of everyone who writes, buys or is in the CRM, with a lead score and its reasons. */
import { defineProcessor } from '../lib/processor.ts';
import { type Interaction, type Profile, profileSchema } from '../schemas/generated.ts';
import { topics } from '../schemas/topics.ts';
import { leadExamples } from './customer/lead-example.ts';
import { measurementsOf } from './customer/measurements.ts';
import { update } from './customer/profile.ts';

const inputs = { interaction: topics.interaction };
const outputs = {
  customer: topics.customerUpdated,
  measurement: topics.measurement,
  example: topics.leadExample,
};
const tables = { model: topics.leadModel };

export const customer = defineProcessor<typeof inputs, Profile, typeof outputs, typeof tables>({
  name: 'customer',
  version: 3,
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
  },
});
