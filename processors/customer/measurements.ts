import type { Draft } from '../../lib/lineage.ts';
import type { Interaction, Measurement, Profile } from '../../schemas/generated.ts';
import { answeredBy } from './waiting.ts';

/** What the per-minute metrics count of one interaction: an answer to a waiting customer, a lead that changed its grade. */
export function measurementsOf(before: Profile | null, after: Profile, interaction: Interaction): Draft<Measurement>[] {
  // History is aggregated where it is stored; it has no place in the windows of now.
  if (before === null || interaction.lineage.origin === 'backfill') return [];
  return [...responseOf(before, interaction), ...movementOf(before, after, interaction)];
}

function responseOf(before: Profile, interaction: Interaction): Draft<Measurement>[] {
  const answered = answeredBy(before.waiting, interaction);
  if (!answered) return [];
  const seconds = (interaction.occurred_at_ms - answered.since_ms) / 1000;
  return [{ ...common(interaction), measure: 'response', category: answered.category, value: seconds }];
}

/** Grades are letters, A the best. A grade changes when it is learnt of, however old the news. */
function movementOf(before: Profile, after: Profile, interaction: Interaction): Draft<Measurement>[] {
  const [from, to] = [before.customer.grade, after.customer.grade];
  if (from === to) return [];
  const at_ms = interaction.lineage.ingested_at_ms;
  return [{ ...common(interaction), at_ms, measure: to < from ? 'lead_up' : 'lead_down', category: '', value: 1 }];
}

/** A grade that fell by age alone, at the time told. What had come to pass before the person's last record came is history. */
export function measurementsOfDecay(before: Profile, after: Profile, now_ms: number): Measurement[] {
  const { owner, grade, decayed_to_ms, lineage } = after.customer;
  if (grade === before.customer.grade || (decayed_to_ms ?? 0) <= before.customer.updated_at_ms) return [];
  const measure = grade < before.customer.grade ? 'lead_up' : 'lead_down';
  const own = { ...lineage, ingested_at_ms: now_ms, traceparent: null };
  return [{ owner, at_ms: now_ms, record_id: '', measure, category: '', value: 1, lineage: own }];
}

function common({ owner, occurred_at_ms, record_id }: Interaction) {
  return { owner, at_ms: occurred_at_ms, record_id };
}
