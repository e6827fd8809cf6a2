import type { Draft } from '../../lib/lineage.ts';
import type { Interaction, LeadExample, Profile } from '../../schemas/generated.ts';
import { leadFeatures } from './lead-features.ts';
import { lead_rules_version } from './lead-rules.ts';
import { priorLogOdds } from './score.ts';

/**
 * What there is to learn from an interaction: the outcome that it told, with what the profile had shown until the moment before. An outcome that
 * is told again is no second one; one that is corrected is.
 */
export function leadExamples(
  before: Profile | null,
  after: Profile,
  { occurred_at_ms }: Interaction,
): Draft<LeadExample>[] {
  const { outcome, owner } = after.customer;
  if (before === null || outcome === null || outcome === before.customer.outcome) return [];
  const known_ms = occurred_at_ms - 1;
  return [
    {
      organization_id: owner.organization_id,
      outcome,
      occurred_at_ms,
      prior_log_odds: priorLogOdds(before, known_ms),
      rules_version: lead_rules_version,
      features: leadFeatures(before, known_ms).map(({ feature, value }) => ({ feature, value })),
    },
  ];
}
