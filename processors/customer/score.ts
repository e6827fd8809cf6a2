import type { Customer, Evidence, LeadModel, Profile } from '../../schemas/generated.ts';
import { type Contribution, explain } from '../explain.ts';
import { isNoReply } from '../mail/sender.ts';
import { domainOf, isPublicMailDomain } from './account.ts';
import { freshness, newestState, replyAt } from './evidence.ts';
import { halvesOf } from './fit.ts';
import { leadFeatures } from './lead-features.ts';
import { learned, modelVersion, trust } from './lead-model.ts';
import {
  automated_sender_log_odds,
  confidence_half_interactions,
  event_log_odds,
  grades,
  lead_bias,
  lead_rules_version,
  mail_log_odds,
  outcome_log_odds,
  public_mail_domain_log_odds,
  repetition_factor,
  reply_log_odds,
  sentiment_log_odds,
  standing_categories,
} from './lead-rules.ts';
import { stageRule, statesOutcome } from './stage.ts';

export type LeadScore = Pick<
  Customer,
  | 'score'
  | 'grade'
  | 'fit'
  | 'engagement'
  | 'fit_log_odds'
  | 'engagement_log_odds'
  | 'log_odds'
  | 'bias'
  | 'confidence'
  | 'reasons'
  | 'model_version'
>;

/**
 * The lead score as of `now_ms`: rules over what the profile remembers, and what outcomes have corrected of them, each an exact share
 * of the log-odds with the newest interaction behind it. Behaviour decays, so the same profile read later scores differently; `now_ms` must come
 * from a record or a request, never from a clock inside a step. An outcome that is known has nothing to be corrected.
 *
 * The grade goes by the score, whose odds are a product: those of whom we deal with, `fit`, times those of what was done,
 * `engagement`, by way of sums in log-odds (fit.ts). Confidence is n / (n + 5) over the n interactions seen, times one half with the rules alone and more the more
 * outcomes are known (`trust`).
 */
export function score(profile: Profile, now_ms: number, model: LeadModel | null = null): LeadScore {
  const { customer } = profile;
  const learns = customer.outcome === null && model !== null;
  const explained = explain(lead_bias, [
    ...rules(profile, now_ms),
    ...(learns ? learned(model, leadFeatures(profile, now_ms)) : []),
  ]);
  return {
    ...explained,
    ...halvesOf(explained.reasons),
    grade: grades.find(([, score_min]) => explained.score >= score_min)?.[0] ?? 'E',
    confidence: confidence(customer) * trust(model),
    model_version: modelVersion(lead_rules_version, model),
  };
}

function rules(profile: Profile, now_ms: number): Contribution[] {
  const { customer, recent } = profile;
  return [...behaviour(recent, now_ms), ...tone(recent, now_ms), ...deal(profile), ...address(customer.person_id)];
}

/** What the rules say, in log-odds, of a profile whose outcome nobody knew at `now_ms`. */
export function priorLogOdds(profile: Profile, now_ms: number): number {
  const recent = profile.recent.filter(({ occurred_at_ms }) => occurred_at_ms <= now_ms);
  const { customer } = profile;
  const stage = customer.stage !== null && statesOutcome(customer.stage) ? null : customer.stage;
  return explain(lead_bias, rules({ ...profile, recent, customer: { ...customer, outcome: null, stage } }, now_ms))
    .log_odds;
}

/** One reason for each thing the person did, however often, pointing at the newest time. */
function* behaviour(recent: readonly Evidence[], now_ms: number): Generator<Contribution> {
  const seen = new Map<string, Contribution & { times: number }>();
  for (let at = recent.length - 1; at >= 0; at--) {
    const evidence = recent[at];
    if (evidence === undefined) continue;
    for (const [feature, weight, decays] of signs(evidence, recent, at)) {
      const before = seen.get(feature);
      const times = before?.times ?? 0;
      const share = weight * repetition_factor ** times * (decays ? freshness(evidence, now_ms) : 1);
      seen.set(feature, {
        feature,
        value: '',
        log_odds: (before?.log_odds ?? 0) + share,
        evidence_id: before?.evidence_id ?? evidence.interaction_id,
        times: times + 1,
      });
    }
  }
  for (const { times, ...reason } of seen.values()) yield { ...reason, value: times === 1 ? 'once' : `${times} times` };
}

type Sign = readonly [feature: string, log_odds: number, decays: boolean];

function* signs(evidence: Evidence, recent: readonly Evidence[], at: number): Generator<Sign> {
  if (evidence.kind === 'event') {
    const [event, weight] = eventRule(evidence.name);
    if (weight !== 0) yield [`event_${event}`, weight, true];
  }
  if (evidence.kind === 'mail_in') {
    const weight = ownRule(mail_log_odds, evidence.name) ?? 0;
    const standing = standing_categories.has(evidence.name);
    yield [`mail_${evidence.name}`, weight, !standing];
    if (!standing && replyAt(recent, at)) yield ['reply', reply_log_odds, true];
  }
}

/** The longest rule that the event's type ends with. */
function eventRule(type: string): [event: string, weight: number] {
  const parts = type
    .slice(-event_type_chars_max)
    .toLowerCase()
    .split(/[^a-z0-9]/);
  for (let start = Math.max(0, parts.length - event_words_max); start < parts.length; start++) {
    const event = parts.slice(start).join('_');
    const weight = ownRule(event_log_odds, event);
    if (weight !== undefined) return [event, weight];
  }
  return ['', 0];
}

/** No rule is this long, and an event's type can have any length. */
const event_type_chars_max = 64;
const event_words_max = 4;

/** How the person's mails sound, newer ones first; the reason points at the mail that says most of it. */
function* tone(recent: readonly Evidence[], now_ms: number): Generator<Contribution> {
  const mails = recent
    .filter(({ kind, sentiment_score }) => kind === 'mail_in' && sentiment_score !== null)
    .map(evidence => ({ evidence, weight: freshness(evidence, now_ms) }))
    .map(({ evidence, weight }) => ({ evidence, weight, share: weight * (evidence.sentiment_score ?? 0) }));
  if (mails.length === 0) return;
  // The extra 1 is a neutral mail of today: old moods fade to nothing instead of lasting for want of newer ones.
  const mean = sumOf(mails.map(({ share }) => share)) / (sumOf(mails.map(({ weight }) => weight)) + 1);
  const strongest = mails.reduce((most, each) => (each.share * mean > most.share * mean ? each : most));
  yield {
    feature: 'sentiment',
    value: mean.toFixed(2),
    log_odds: sentiment_log_odds * mean,
    evidence_id: strongest.evidence.interaction_id,
  };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}

/** What the CRM says. It stands until the CRM says otherwise, so it does not decay. */
function* deal({ customer, recent }: Profile): Generator<Contribution> {
  const evidence_id = newestState(recent)?.interaction_id ?? '';
  if (customer.outcome !== null) {
    yield { feature: 'outcome', value: customer.outcome, log_odds: outcome_log_odds[customer.outcome], evidence_id };
  } else if (customer.stage !== null) {
    yield { feature: 'stage', value: customer.stage, log_odds: stageRule(customer.stage), evidence_id };
  }
}

function* address(person_id: string): Generator<Contribution> {
  const domain = domainOf(person_id);
  if (isPublicMailDomain(domain)) {
    yield { feature: 'public_mail_domain', value: domain, log_odds: public_mail_domain_log_odds, evidence_id: '' };
  }
  if (isAutomated(person_id)) {
    yield { feature: 'automated_sender', value: person_id, log_odds: automated_sender_log_odds, evidence_id: '' };
  }
}

const automated_names: ReadonlySet<string> = new Set(
  'postmaster notification notifications notify alerts newsletter newsletters news marketing unsubscribe'.split(' '),
);

function isAutomated(person_id: string): boolean {
  return isNoReply(person_id) || automated_names.has(person_id.slice(0, Math.max(0, person_id.indexOf('@'))));
}

function confidence({ mails_in, mails_out, crm_changes, events }: Customer): number {
  const interactions = mails_in + mails_out + crm_changes + events;
  return interactions / (interactions + confidence_half_interactions);
}

/** A table's own entry: a name out of a record must not find what every object inherits. */
function ownRule(table: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
