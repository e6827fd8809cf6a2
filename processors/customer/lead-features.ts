/** What is learned about: what a profile shows as of a time, each feature with what a reader is told of it and the evidence behind it. */
import { featureHash } from '../../lib/online/hash.ts';
import type { Evidence, Profile } from '../../schemas/generated.ts';
import { domainOf, isPublicMailDomain } from './account.ts';
import { freshness, isState, newestState, replyAt, stageOf } from './evidence.ts';
import { statesOutcome } from './stage.ts';

export interface LeadFeature {
  /** Its hash, 0 to 4095. */
  readonly feature: number;
  /** What it is about, such as `mail_sales` or `stage`. */
  readonly name: string;
  /** What was seen, for a reader. */
  readonly shown: string;
  /** 0 to 2: all features of a profile together have the same length, however many there are. */
  readonly value: number;
  readonly evidence_id: string;
}

interface Seen {
  readonly name: string;
  readonly shown: string;
  /** 0 to 1; 1 of what is there or not. */
  readonly strength: number;
  readonly evidence_id: string;
}

const length = 2;
const text_chars_max = 64;
const day_ms = 24 * 60 * 60 * 1000;

/**
 * Of what had occurred by `now_ms`, and never of the outcome, nor of a stage that states one. Behaviour is there by its
 * freshness; what is counted or measured, by the power of two that it has reached, so that few weights serve any number.
 */
export function leadFeatures(profile: Profile, now_ms: number): LeadFeature[] {
  const recent = profile.recent.filter(({ occurred_at_ms }) => occurred_at_ms <= now_ms);
  const seen = [
    ...keyed([{ name: 'average', shown: '', strength: 1, evidence_id: '' }], true),
    ...keyed(standing(profile, recent), true),
    ...keyed(behaviour(recent, now_ms), false),
    ...keyed(rhythm(recent, now_ms), true),
  ];
  const scale = length / Math.sqrt(seen.reduce((sum, { strength }) => sum + strength * strength, 0));
  return seen.map(({ key, name, shown, strength, evidence_id }) => {
    return { feature: featureHash(key), name, shown, value: strength * scale, evidence_id };
  });
}

/** What was done is one feature, however often; of the rest, each value is. */
function keyed(seen: Iterable<Seen>, byValue: boolean): (Seen & { readonly key: string })[] {
  return Array.from(seen, one => ({ ...one, key: `${one.name}\0${byValue ? one.shown : ''}` }));
}

function* standing({ customer }: Profile, recent: readonly Evidence[]): Generator<Seen> {
  const domain = domainOf(customer.person_id);
  const kind = domain === '' ? 'none' : isPublicMailDomain(domain) ? 'public' : 'company';
  yield { name: 'mail_domain', shown: kind, strength: 1, evidence_id: '' };
  const deal = newestState(recent);
  const stage = deal && stageOf(deal).toLowerCase().slice(0, text_chars_max);
  if (deal && stage && !statesOutcome(stage)) {
    yield { name: 'stage', shown: stage, strength: 1, evidence_id: deal.interaction_id };
  }
  if (deal && customer.amount !== null) {
    yield { name: 'amount', shown: scaleOf(customer.amount), strength: 1, evidence_id: deal.interaction_id };
  }
}

/** What was done, and how: `mail_sales`, `event_trial.started`, `tone_negative`. */
function* behaviour(recent: readonly Evidence[], now_ms: number): Generator<Seen> {
  const newest = new Map<string, { evidence: Evidence; times: number }>();
  recent.forEach((evidence, at) => {
    for (const name of namesOf(evidence, recent, at)) {
      newest.set(name, { evidence, times: (newest.get(name)?.times ?? 0) + 1 });
    }
  });
  for (const [name, { evidence, times }] of newest) {
    const shown = times === 1 ? 'once' : `${times} times`;
    yield { name, shown, strength: freshness(evidence, now_ms), evidence_id: evidence.interaction_id };
  }
}

function* namesOf(evidence: Evidence, recent: readonly Evidence[], at: number): Generator<string> {
  const { kind, name, sentiment_score } = evidence;
  if (kind === 'event') yield `event_${name.toLowerCase().slice(-text_chars_max)}`;
  if (kind === 'mail_out') yield 'mail_from_us';
  if (kind !== 'mail_in') return;
  yield `mail_${name.slice(0, text_chars_max)}`;
  if (sentiment_score !== null && Math.abs(sentiment_score) >= 0.05) {
    yield sentiment_score > 0 ? 'tone_positive' : 'tone_negative';
  }
  if (replyAt(recent, at)) yield 'reply';
}

/** How often, how lately, how fast. */
function* rhythm(recent: readonly Evidence[], now_ms: number): Generator<Seen> {
  const acts = recent.filter(evidence => !isState(evidence));
  const last = acts.at(-1);
  if (!last) return;
  const evidence_id = last.interaction_id;
  const often = acts.reduce((sum, evidence) => sum + freshness(evidence, now_ms), 0);
  yield { name: 'frequency', shown: scaleOf(often), strength: 1, evidence_id };
  yield { name: 'days_since', shown: scaleOf((now_ms - last.occurred_at_ms) / day_ms), strength: 1, evidence_id };
  yield* speed('days_to_answer_us', 'mail_out', 'mail_in', acts);
  yield* speed('days_to_our_answer', 'mail_in', 'mail_out', acts);
}

/** The newest time from one kind of mail to the other right after it. */
function* speed(
  name: string,
  from: Evidence['kind'],
  to: Evidence['kind'],
  acts: readonly Evidence[],
): Generator<Seen> {
  const mails = acts.filter(({ kind }) => kind === 'mail_in' || kind === 'mail_out');
  const at = mails.findLastIndex(({ kind }, at) => kind === to && mails[at - 1]?.kind === from);
  const [before, after] = [mails[at - 1], mails[at]];
  if (!before || !after) return;
  const days = (after.occurred_at_ms - before.occurred_at_ms) / day_ms;
  yield { name, shown: scaleOf(days), strength: 1, evidence_id: after.interaction_id };
}

/** From 0 and from each power of two: `0+`, `0.5+`, `1+`, `2+`, … */
function scaleOf(number: number): string {
  if (!(number >= 0.25)) return '0+';
  return `${2 ** Math.min(30, Math.floor(Math.log2(number)))}+`;
}
