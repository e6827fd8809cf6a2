/** A profile to which nothing happens, told anew as its behaviour grows old. */
import type { Customer, LeadModel, Profile } from '../../schemas/generated.ts';
import { half_life_ms } from './lead-rules.ts';
import { score } from './score.ts';

const day_ms = 24 * 60 * 60 * 1000;
const steps = 20;

/**
 * The silences after which a score may be told anew, in milliseconds: behaviour is worth a twentieth less after each (2.2 days,
 * 4.6, 7 … 129.7), and after the last, a year, nothing.
 */
export const silences_ms: readonly number[] = [
  ...Array.from({ length: steps - 1 }, (_, at) => Math.round(-half_life_ms * Math.log2(1 - (at + 1) / steps))),
  365 * day_ms,
];

/** A score that moves by less is told when its grade changes, or at the end. */
export const points_min = 5;

/**
 * Nobody's silence is told before no record of him has come for so long: the history of a person who is being imported
 * would age between its records.
 */
export const quiet_ms = 5 * 60_000;

/** What the score is as of, in milliseconds since 1970. */
export function asOf({ last_seen_ms, decayed_to_ms }: Customer): number {
  return Math.max(last_seen_ms, decayed_to_ms ?? last_seen_ms);
}

/** When to look, for the first time since a record came, whether the score has decayed. Null for never: an outcome does not age. */
export function firstLook(customer: Customer): number | null {
  const [from_ms, as_of_ms] = [customer.last_seen_ms, asOf(customer)];
  const silence_ms = silences_ms.find(silence_ms => from_ms + silence_ms > as_of_ms);
  if (customer.outcome !== null || silence_ms === undefined) return null;
  return Math.max(from_ms + silence_ms, customer.updated_at_ms + quiet_ms);
}

/**
 * The profile as it is to be told at `now_ms`; where there is nothing to tell its customer is the very one that was given. Pure.
 *
 * Told are the steps at which the score has moved by `points_min` since the one told before, or the grade has changed; and the last one
 * where the score is another, or a step before it was told. Which steps these are, and the scores and versions that they make, follow from
 * the profile and the model, not from when it is asked: who asks seldom gets the last of several.
 */
export function decayed(profile: Profile, now_ms: number, model: LeadModel | null): Profile {
  // State of before decays were told is woken whatever it holds.
  if (profile.customer.outcome !== null) return { ...profile, decays_at_ms: null };
  const ahead = stepsAhead(profile.customer);
  const end_ms = ahead.at(-1) ?? Number.POSITIVE_INFINITY;
  if (end_ms <= now_ms) {
    // Most of an import. Whatever would have been told on the way, this is what would be left of it.
    const ended = toldAt(profile, profile.customer, end_ms, now_ms, model);
    if (isNoticeable(profile.customer, ended, 1)) return { ...profile, customer: ended, decays_at_ms: null };
  }
  let { customer } = profile;
  for (const at_ms of ahead) {
    const told = toldAt(profile, customer, at_ms, now_ms, model);
    const isEnd = at_ms === end_ms && (customer.decayed_to_ms !== null || isNoticeable(customer, told, 1));
    if (!isEnd && !isNoticeable(customer, told, points_min)) continue;
    if (at_ms > now_ms) return { ...profile, customer, decays_at_ms: at_ms };
    customer = told;
  }
  return { ...profile, customer, decays_at_ms: null };
}

/** The customer as of this step. The version grows by the steps since the one before, so it does not depend on those told between. */
function toldAt(profile: Profile, before: Customer, at_ms: number, now_ms: number, model: LeadModel | null): Customer {
  const passed = stepsAhead(before).filter(step_ms => step_ms <= at_ms).length;
  return {
    ...before,
    ...score(profile, at_ms, model),
    decayed_to_ms: at_ms,
    version: before.version + passed,
    updated_at_ms: Math.max(before.updated_at_ms, now_ms),
  };
}

function stepsAhead(customer: Customer): number[] {
  const [from_ms, as_of_ms] = [customer.last_seen_ms, asOf(customer)];
  return silences_ms.map(silence_ms => from_ms + silence_ms).filter(at_ms => at_ms > as_of_ms);
}

function isNoticeable(told: Customer, { score, grade }: Pick<Customer, 'score' | 'grade'>, points: number): boolean {
  return grade !== told.grade || Math.abs(score - told.score) >= points;
}
