import type { Customer, Evidence, Interaction, LeadModel, Owner, Profile } from '../../schemas/generated.ts';
import { accountOf } from './account.ts';
import { asOf, firstLook } from './decay.ts';
import { evidenceOf, isDealState, isState, keepEvidence, newestState } from './evidence.ts';
import { score } from './score.ts';
import { waitingAfter } from './waiting.ts';

/**
 * A person's profile after one more interaction. Pure; the profile given is not changed.
 *
 * Interactions may arrive in any order: what happened first and last goes by when they occurred, and stage, amount and
 * outcome move only with a CRM change that is at least as new as the one that set them. (As new is enough because CRMs often date
 * changes by day; among those the order of arrival is theirs.)
 */
export function update(profile: Profile | null, interaction: Interaction, model: LeadModel | null = null): Profile {
  const before = profile ?? blankProfile(interaction);
  const evidence = evidenceOf(interaction);
  const tone = toneAfter(before, interaction);
  const customer = {
    ...before.customer,
    ...identity(before.customer, interaction),
    ...signature(before.customer, interaction),
    ...counts(before.customer, interaction),
    sentiment_mean: tone.mean,
    ...dealState(before, interaction, evidence),
    version: before.customer.version + 1,
    updated_at_ms: Math.max(before.customer.updated_at_ms, processedAt(interaction)),
    caused_by: interaction.interaction_id,
    lineage: interaction.lineage,
    // News of what happened before does not make the person's silence shorter.
    decayed_to_ms: interaction.occurred_at_ms > before.customer.last_seen_ms ? null : before.customer.decayed_to_ms,
  };
  const next = {
    customer,
    decays_at_ms: firstLook(customer),
    tones: tone.mails,
    recent: keepEvidence(before.recent, evidence),
    waiting: waitingAfter(before.waiting, interaction),
  };
  return { ...next, customer: { ...customer, ...score(next, asOf(customer), model) } };
}

type Counts = Pick<Customer, 'first_seen_ms' | 'last_seen_ms' | 'mails_in' | 'mails_out' | 'crm_changes' | 'events'>;

function counts(customer: Customer, { kind, occurred_at_ms }: Interaction): Counts {
  return {
    first_seen_ms: Math.min(customer.first_seen_ms, occurred_at_ms),
    last_seen_ms: Math.max(customer.last_seen_ms, occurred_at_ms),
    mails_in: customer.mails_in + Number(kind === 'mail_in'),
    mails_out: customer.mails_out + Number(kind === 'mail_out'),
    crm_changes: customer.crm_changes + Number(kind === 'crm'),
    events: customer.events + Number(kind === 'event'),
  };
}

/** The mean of the mails that have a tone: those in a language that the models do not know have none. */
function toneAfter({ customer, tones }: Profile, { kind, sentiment_score: tone }: Interaction) {
  const { sentiment_mean: mean } = customer;
  if (kind !== 'mail_in' || tone === null) return { mean, mails: tones };
  if (mean === null) return { mean: tone, mails: 1 };
  const mails = (tones || customer.mails_in) + 1;
  return { mean: mean + (tone - mean) / mails, mails };
}

/** The CRM knows names, accounts and owners better than a mail's headers do. */
function identity(customer: Customer, interaction: Interaction): Pick<Customer, 'name' | 'account' | 'owner'> {
  const { kind, person_name, account, owner } = interaction;
  if (kind === 'crm' && interaction.occurred_at_ms >= customer.last_seen_ms) {
    return {
      name: person_name || customer.name,
      account: isOnlyDomain(interaction) ? customer.account || account : account,
      owner: firstNonEmpty(owner, customer.owner),
    };
  }
  const accountIsGuess = customer.account === accountOf(customer.person_id);
  return {
    name: customer.name || person_name,
    account: kind === 'crm' && accountIsGuess ? account : customer.account || account,
    owner: firstNonEmpty(customer.owner, owner),
  };
}

type Signed = Pick<Customer, 'title' | 'phone' | 'signed_name' | 'signed_company'>;

/** As the newest mail that was signed has it: people change their posts. */
function signature(customer: Customer, interaction: Interaction): Signed {
  const [newer, older] =
    interaction.occurred_at_ms >= customer.last_seen_ms ? [interaction, customer] : [customer, interaction];
  return {
    title: newer.title || older.title,
    phone: newer.phone || older.phone,
    signed_name: newer.signed_name || older.signed_name,
    signed_company: newer.signed_company || older.signed_company,
  };
}

function isOnlyDomain({ person_id, account }: Interaction): boolean {
  return account === accountOf(person_id);
}

function firstNonEmpty(first: Owner, second: Owner): Owner {
  return {
    organization_id: first.organization_id || second.organization_id,
    mailbox: first.mailbox || second.mailbox,
    owner_id: first.owner_id || second.owner_id,
    team_id: first.team_id || second.team_id,
  };
}

function dealState(
  { customer, recent }: Profile,
  { stage, amount, outcome }: Interaction,
  evidence: Evidence,
): Pick<Customer, 'stage' | 'amount' | 'outcome'> {
  const newest = newestState(recent);
  const isNewer = newest === undefined || evidence.occurred_at_ms >= newest.occurred_at_ms;
  const isDealKnown = newest !== undefined && isDealState(newest);
  // A deal's state is told however new the contact's is; a contact's only where no deal is known.
  const isTold = isDealState(evidence) ? isNewer || !isDealKnown : isState(evidence) && isNewer && !isDealKnown;
  if (!isTold) return { stage: customer.stage, amount: customer.amount, outcome: customer.outcome };
  return { stage: stage ?? customer.stage, amount: amount ?? customer.amount, outcome };
}

/** When the pipeline saw it: the last hop's clock, which is in the record, so that a replay says the same. */
function processedAt({ lineage }: Interaction): number {
  return lineage.hops.at(-1)?.at_ms ?? lineage.ingested_at_ms;
}

function blankProfile(interaction: Interaction): Profile {
  return {
    customer: {
      person_id: interaction.person_id,
      owner: interaction.owner,
      name: '',
      account: '',
      title: '',
      phone: '',
      signed_name: '',
      signed_company: '',
      first_seen_ms: interaction.occurred_at_ms,
      last_seen_ms: interaction.occurred_at_ms,
      mails_in: 0,
      mails_out: 0,
      crm_changes: 0,
      events: 0,
      sentiment_mean: null,
      stage: null,
      amount: null,
      outcome: null,
      score: 0,
      grade: 'E',
      fit: 0,
      engagement: 0,
      fit_log_odds: 0,
      engagement_log_odds: 0,
      log_odds: 0,
      bias: 0,
      confidence: 0,
      reasons: [],
      model_version: '',
      version: 0,
      updated_at_ms: 0,
      decayed_to_ms: null,
      caused_by: '',
      lineage: interaction.lineage,
    },
    recent: [],
    waiting: [],
    decays_at_ms: null,
    tones: 0,
  };
}
