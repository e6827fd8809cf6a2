import type { Address, CrmChanged, EmailEnriched, EventReceived, Interaction } from '../../schemas/generated.ts';
import { accountOf } from '../customer/account.ts';
import { isOurs, type OwnAddresses } from './direction.ts';
import { isByProgram } from './sender.ts';

/** A row of somebody's timeline; the runtime adds the lineage. */
export type NewInteraction = Omit<Interaction, 'lineage'>;

/** A mail to more people than this is an announcement; it is on the timelines of the first ones only. */
export const counterparts_max = 50;

/**
 * The timelines a mail belongs on: the outside sender's when it came in, each outside recipient's when it went out. Empty for
 * internal mail and where no address is named.
 */
export function interactionOf(mail: Omit<EmailEnriched, 'lineage'>, ours: OwnAddresses): NewInteraction[] {
  const { email, direction, sentiment, sentiment_score, importance, category, signature } = mail;
  if (direction === 'internal') return [];
  const counterparts = direction === 'inbound' ? [email.from] : [...email.to, ...email.cc];
  const automatic = isByProgram(mail);
  // In fields of its own: not everybody who sees the timeline may read a mail's words.
  const signed = direction === 'inbound' && !automatic ? signature : unsigned;
  return outsiders(counterparts, ours).map(person => ({
    ...unknown,
    interaction_id: interactionId(email.email_id, person.address),
    owner: email.owner,
    person_id: person.address,
    person_name: person.name,
    account: accountOf(person.address),
    title: signed.title,
    phone: signed.phone,
    signed_name: signed.name,
    signed_company: signed.company,
    kind: direction === 'inbound' ? 'mail_in' : 'mail_out',
    name: email.subject,
    record_id: email.email_id,
    thread_id: email.thread_id,
    automatic,
    occurred_at_ms: email.received_at_ms,
    sentiment_score: sentiment === 'unscored' ? null : sentiment_score,
    importance,
    category,
  }));
}

/** Exactly one; `person_id` is empty where the object has no person. A deleted object no longer states a stage. */
export function interactionOfCrm(change: CrmChanged): NewInteraction {
  const stated = change.operation === 'upsert';
  return {
    ...unknown,
    interaction_id: interactionId(change.change_id, change.person_email),
    owner: change.owner,
    person_id: change.person_email,
    person_name: change.person_name,
    account: accountOf(change.person_email, change.account),
    kind: 'crm',
    name: stated ? change.object : `${change.object} deleted`,
    record_id: change.change_id,
    occurred_at_ms: notLater(change.changed_at_ms, change.received_at_ms),
    stage: stated ? change.stage : null,
    amount: stated ? change.amount : null,
    outcome: stated ? change.outcome : null,
    data: change.fields,
  };
}

/** Exactly one; `person_id` is empty where no person is named. */
export function interactionOfEvent(event: EventReceived): NewInteraction {
  return {
    ...unknown,
    interaction_id: interactionId(event.event_id, event.person_email),
    owner: event.owner,
    person_id: event.person_email,
    person_name: '',
    account: accountOf(event.person_email),
    kind: 'event',
    name: event.name,
    record_id: event.event_id,
    occurred_at_ms: notLater(event.occurred_at_ms, event.received_at_ms),
    data: event.data,
  };
}

const unsigned = { name: '', title: '', phone: '', company: '' };

const unknown = {
  title: '',
  phone: '',
  signed_name: '',
  signed_company: '',
  thread_id: '',
  automatic: false,
  sentiment_score: null,
  importance: null,
  category: null,
  stage: null,
  amount: null,
  outcome: null,
  data: '',
};

/** The same record and person always get the same id, so that a replay writes the same row. */
function interactionId(record_id: string, person_id: string): string {
  return `${record_id}:${person_id}`;
}

/** A time that outsiders state may lie in the future; the timeline's order must not. */
function notLater(stated_ms: number, received_ms: number): number {
  return Math.min(stated_ms, received_ms);
}

function outsiders(people: readonly Address[], ours: OwnAddresses): Address[] {
  const found = new Map<string, Address>();
  for (const person of people) {
    if (found.size === counterparts_max) break;
    if (person.address !== '' && !found.has(person.address) && !isOurs(person, ours)) found.set(person.address, person);
  }
  return [...found.values()];
}
