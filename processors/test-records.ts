/** Records for the tests of this folder: complete ones, of which a test names only what it is about. */
import type { Email, EmailEnriched, Interaction, Lineage, Profile } from '../schemas/generated.ts';
import { unsaid } from '../schemas/signals.ts';
import { update } from './customer/profile.ts';
import { enrichMail, type OwnAddresses } from './mail/index.ts';

export const noon_ms = Date.UTC(2024, 4, 6, 12);
export const day_ms = 24 * 60 * 60 * 1000;
export const nobody: OwnAddresses = { domains: [], addresses: [] };
export const acme: OwnAddresses = { domains: ['acme.test'], addresses: [] };

const owner = { organization_id: 'org', mailbox: '', owner_id: '', team_id: '' };
export const lineage: Lineage = {
  source: 'test',
  sequence: 1,
  origin: 'live',
  ingested_at_ms: noon_ms,
  hops: [],
  traceparent: null,
};

export function email(given: Partial<Email> = {}): Email {
  return {
    email_id: 'mail-1',
    owner,
    message_id: null,
    thread_id: '',
    in_reply_to: null,
    references: [],
    from: { name: 'Ann', address: 'ann@customer.test' },
    reply_to: [],
    to: [{ name: '', address: 'sales@acme.test' }],
    cc: [],
    sent_at_ms: null,
    received_at_ms: noon_ms,
    subject: '',
    text: '',
    quoted_text: '',
    text_truncated: false,
    headers: {},
    attachments: [],
    original_sha256: '',
    original_size_bytes: 0,
    signals: unsaid,
    ...given,
  };
}

export function enriched(given: Partial<Email> = {}, ours: OwnAddresses = acme): EmailEnriched {
  const mail = email(given);
  return { email: mail, lineage, ...enrichMail(mail, ours) };
}

export function interaction(given: Partial<Interaction> = {}): Interaction {
  return {
    interaction_id: 'interaction-1',
    owner,
    person_id: 'ann@customer.test',
    person_name: '',
    title: '',
    phone: '',
    signed_name: '',
    signed_company: '',
    account: '',
    kind: 'mail_in',
    name: '',
    record_id: '',
    thread_id: '',
    automatic: false,
    occurred_at_ms: noon_ms,
    sentiment_score: null,
    importance: null,
    category: null,
    stage: null,
    amount: null,
    outcome: null,
    data: '',
    lineage,
    ...given,
  };
}

/** The profile after these interactions, whose ids are i0, i1, … */
export function profileAfter(first: Partial<Interaction>, ...further: Partial<Interaction>[]): Profile {
  return further.reduce(
    (profile, each, at) => update(profile, interaction({ interaction_id: `i${at + 1}`, ...each })),
    update(null, interaction({ interaction_id: 'i0', ...first })),
  );
}
