import type { Evidence, Interaction } from '../../schemas/generated.ts';
import { half_life_ms } from './lead-rules.ts';

/** Interactions a profile remembers one by one; older ones live on in its counts. */
export const evidence_max = 32;

const deal_state = 'stage ';
const contact_state = 'contact stage ';
/** Objects of the CRM whose stages tell of no deal. */
const contact_objects: ReadonlySet<string> = new Set(['contact', 'account']);

/** What the score reads of an interaction. `name` is what its rules look at: a mail's category, a CRM stage, an event's type. */
export function evidenceOf(interaction: Interaction): Evidence {
  const { interaction_id, kind, occurred_at_ms, sentiment_score } = interaction;
  return { interaction_id, kind, name: nameOf(interaction), occurred_at_ms, sentiment_score };
}

function nameOf({ kind, name, category, stage, outcome }: Interaction): string {
  if (kind === 'event') return name;
  if (kind !== 'crm') return category ?? 'other';
  if (stage === null && outcome === null) return name;
  return outcome === null && contact_objects.has(name)
    ? `${contact_state}${stage}`
    : `${deal_state}${stage ?? outcome}`;
}

/** A CRM change that says how far a deal is. */
export function isDealState({ kind, name }: Evidence): boolean {
  return kind === 'crm' && name.startsWith(deal_state);
}

/** Or how far a person or his company is. */
export function isState(evidence: Evidence): boolean {
  return isDealState(evidence) || (evidence.kind === 'crm' && evidence.name.startsWith(contact_state));
}

/** What it says. */
export function stageOf({ name }: Evidence): string {
  return name.slice(name.startsWith(deal_state) ? deal_state.length : contact_state.length);
}

/**
 * What says how far it is: the newest deal state, of those that occurred together the last to arrive; where no deal is known, the
 * same of the contact's. A contact that was changed later than its deal says nothing of that.
 */
export function newestState(evidence: readonly Evidence[]): Evidence | undefined {
  const deals = evidence.filter(isDealState);
  return (deals.length > 0 ? deals : evidence.filter(isState)).reduce<Evidence | undefined>(later, undefined);
}

/**
 * At most `evidence_max`, in the order they occurred. The oldest of the commonest kind makes room, so that an hour of page
 * views does not push out last week's mail. The newest state stays however old it is: without it an older one that
 * arrives late could no longer be told from a newer.
 */
export function keepEvidence(recent: readonly Evidence[], added: Evidence): Evidence[] {
  const ordered = insert(recent, added);
  if (ordered.length <= evidence_max) return ordered;
  const kept = newestState(ordered);
  const kind = commonestKind(ordered);
  return ordered.toSpliced(
    ordered.findIndex(each => each.kind === kind && each !== kept),
    1,
  );
}

function commonestKind(evidence: readonly Evidence[]): Evidence['kind'] {
  const counts = new Map<Evidence['kind'], number>();
  for (const { kind } of evidence) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].reduce((most, each) => (each[1] > most[1] ? each : most))[0];
}

function insert(recent: readonly Evidence[], added: Evidence): Evidence[] {
  const before = recent.findLastIndex(each => each.occurred_at_ms <= added.occurred_at_ms);
  return recent.toSpliced(before + 1, 0, added);
}

function later(newest: Evidence | undefined, each: Evidence): Evidence {
  return newest === undefined || each.occurred_at_ms >= newest.occurred_at_ms ? each : newest;
}

/** 1 for what happens now, halving with each half-life. What is dated later than now is as fresh as now. */
export function freshness({ occurred_at_ms }: Evidence, now_ms: number): number {
  return 0.5 ** (Math.max(0, now_ms - occurred_at_ms) / half_life_ms);
}

/** Whether the mail at this place is the first since one of ours. */
export function replyAt(recent: readonly Evidence[], at: number): boolean {
  for (let earlier = at - 1; earlier >= 0; earlier--) {
    const kind = recent[earlier]?.kind;
    if (kind === 'mail_out') return true;
    if (kind === 'mail_in') return false;
  }
  return false;
}
