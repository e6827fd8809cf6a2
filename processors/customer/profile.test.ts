import { describe, expect, it } from 'vitest';
import type { Interaction } from '../../schemas/generated.ts';
import { day_ms, interaction, lineage, noon_ms, profileAfter } from '../test-records.ts';
import { accountOf } from './account.ts';
import { evidence_max } from './evidence.ts';
import { update } from './profile.ts';

const deal = (day: number, stated: Partial<Interaction>): Partial<Interaction> => ({
  kind: 'crm',
  name: 'deal',
  occurred_at_ms: noon_ms + day * day_ms,
  ...stated,
});

describe('update', () => {
  it('counts, and knows first and last in any order of arrival', () => {
    const { customer } = profileAfter(
      { kind: 'mail_in', sentiment_score: 0.5, occurred_at_ms: noon_ms },
      { kind: 'mail_out', sentiment_score: -1, occurred_at_ms: noon_ms + 2 },
      { kind: 'mail_in', sentiment_score: -0.1, occurred_at_ms: noon_ms - 5 },
      { kind: 'event', name: 'login', occurred_at_ms: noon_ms + 1 },
      { kind: 'crm', name: 'contact', occurred_at_ms: noon_ms },
    );
    expect(customer).toMatchObject({
      mails_in: 2,
      mails_out: 1,
      events: 1,
      crm_changes: 1,
      first_seen_ms: noon_ms - 5,
      last_seen_ms: noon_ms + 2,
      version: 5,
      caused_by: 'i4',
    });
    expect(customer.sentiment_mean).toBeCloseTo(0.2, 12);
  });

  it('takes the mean tone of the mails that have one', () => {
    const tones = [null, 0.5, null, null, -0.1, null, 0.2];
    const mails = tones.map(sentiment_score => ({ kind: 'mail_in', sentiment_score }) as const);
    const [first = {}, ...rest] = mails;
    expect(profileAfter(first, ...rest).customer.sentiment_mean).toBeCloseTo(0.2, 12);
  });

  it('leaves the profile it was given alone and is deterministic', () => {
    const before = profileAfter({ category: 'sales' });
    const copy = structuredClone(before);
    const next = interaction({ interaction_id: 'next', kind: 'event', name: 'trial_started' });
    expect(update(before, next)).toEqual(update(before, next));
    expect(before).toEqual(copy);
  });

  it('keeps an outcome whatever stage the contact is at, and opens a deal again by one of its own', () => {
    const won = deal(1, { stage: 'won', outcome: 'won' });
    const contact = { ...deal(2, { stage: 'customer' }), name: 'contact' };
    const { customer } = profileAfter(won, contact);
    expect(customer).toMatchObject({ stage: 'won', outcome: 'won', crm_changes: 2 });
    expect(customer.reasons).toMatchObject([{ feature: 'outcome', evidence_id: 'i0' }]);
    expect(profileAfter(won, deal(2, { stage: 'proposal' })).customer).toMatchObject({ outcome: null });
  });

  it('takes a deal for more than its contact, which was changed later and came first', () => {
    const contact = { ...deal(9, { stage: 'opportunity' }), name: 'contact' };
    const first = profileAfter(contact);
    expect(first.customer).toMatchObject({ stage: 'opportunity', outcome: null });
    expect(first.customer.reasons).toMatchObject([{ feature: 'stage', evidence_id: 'i0' }]);
    const older = { ...deal(3, { stage: 'subscriber' }), name: 'contact' };
    expect(profileAfter(contact, older).customer.stage).toBe('opportunity');
    const { customer } = profileAfter(contact, deal(5, { stage: 'closed', outcome: 'won' }));
    expect(customer).toMatchObject({ stage: 'closed', outcome: 'won' });
    expect(customer.reasons).toMatchObject([{ feature: 'outcome', evidence_id: 'i1' }]);
  });

  it('moves stage, amount and outcome only forward in time', () => {
    const late = profileAfter(
      deal(2, { stage: 'won', outcome: 'won', amount: 50 }),
      deal(1, { stage: 'proposal', amount: 40 }),
    );
    expect(late.customer).toMatchObject({ stage: 'won', outcome: 'won', amount: 50, crm_changes: 2 });
    const sameDay = profileAfter(deal(1, { stage: 'proposal' }), deal(1, { stage: 'negotiation' }));
    expect(sameDay.customer.stage).toBe('negotiation');
    const contactBetween = profileAfter(
      deal(1, { stage: 'demo' }),
      deal(9, { name: 'contact' }),
      deal(5, { stage: 'proposal' }),
    );
    expect(contactBetween.customer.stage).toBe('proposal');
    const mail = profileAfter(deal(1, { stage: 'demo' }), {
      kind: 'mail_in',
      stage: 'won',
      outcome: 'won',
      occurred_at_ms: noon_ms * 2,
    });
    expect(mail.customer).toMatchObject({ stage: 'demo', outcome: null });
  });

  it('remembers the newest deal state behind any number of other interactions', () => {
    const many = Array.from({ length: 200 }, (_, at) => ({ ...deal(10 + at, { name: 'contact' }) }));
    const { customer, recent } = profileAfter(deal(5, { stage: 'proposal' }), ...many, deal(4, { stage: 'demo' }));
    expect(customer.stage).toBe('proposal');
    expect(recent).toHaveLength(evidence_max);
  });

  it('does not let page views push mail out of memory', () => {
    const views = Array.from(
      { length: 200 },
      (_, at) => ({ kind: 'event', name: 'page_viewed', occurred_at_ms: noon_ms + at }) as const,
    );
    const { recent } = profileAfter({ kind: 'mail_in', category: 'sales' }, ...views);
    expect(recent.filter(({ kind }) => kind === 'mail_in')).toHaveLength(1);
    expect(recent).toHaveLength(evidence_max);
  });

  it('believes the CRM about names, accounts and owners', () => {
    const owned = { organization_id: 'org', mailbox: '', owner_id: 'u7', team_id: 'emea' };
    const { customer } = profileAfter(
      { person_name: 'ann', account: 'customer.test' },
      deal(1, { person_name: 'Ann Lee', account: 'Customer Ltd', owner: owned }),
      { person_name: 'A.', account: 'customer.test', occurred_at_ms: noon_ms + 2 * day_ms },
    );
    expect(customer).toMatchObject({ name: 'Ann Lee', account: 'Customer Ltd', owner: owned });
  });

  it('knows people by their newest signature, whatever comes first', () => {
    const { customer } = profileAfter(
      { title: 'Buyer', phone: '1', signed_company: 'Acme', occurred_at_ms: noon_ms },
      { title: 'Head of Procurement', phone: '', occurred_at_ms: noon_ms + 2 * day_ms },
      { title: 'Intern', phone: '0', signed_name: 'Ann', signed_company: 'Old', occurred_at_ms: noon_ms - day_ms },
    );
    expect(customer).toMatchObject({ title: 'Head of Procurement', phone: '1' });
    expect(customer).toMatchObject({ name: '', signed_name: 'Ann', signed_company: 'Acme' });
  });

  it('takes its own time from the record', () => {
    const hop = { stage: 'x', version: 1, topic: 't', partition: 0, offset: 0, at_ms: noon_ms + 7 };
    expect(profileAfter({ lineage: { ...lineage, hops: [hop] } }).customer.updated_at_ms).toBe(noon_ms + 7);
  });
});

describe('accountOf', () => {
  it('is the CRM’s, or the domain unless it is a public mail provider’s', () => {
    expect(accountOf('ann@customer.test', 'Customer Ltd')).toBe('Customer Ltd');
    expect(accountOf('ann@customer.test')).toBe('customer.test');
    expect(accountOf('ann@gmail.com')).toBe('');
    expect(accountOf('')).toBe('');
  });
});
