import { describe, expect, it } from 'vitest';
import type { CrmChanged, EventReceived } from '../../schemas/generated.ts';
import { acme, enriched, lineage, nobody, noon_ms } from '../test-records.ts';
import { counterparts_max, interactionOf, interactionOfCrm, interactionOfEvent } from './interaction.ts';

const person = (address: string) => ({ name: '', address });
const owner = { organization_id: 'org', mailbox: '', owner_id: '', team_id: '' };

describe('interactionOf', () => {
  it('puts an inbound mail on its sender’s timeline', () => {
    expect(interactionOf(enriched({ subject: 'Hello', text: 'I love it.' }), acme)).toMatchObject([
      {
        interaction_id: 'mail-1:ann@customer.test',
        person_id: 'ann@customer.test',
        person_name: 'Ann',
        account: 'customer.test',
        kind: 'mail_in',
        name: 'Hello',
        record_id: 'mail-1',
        occurred_at_ms: noon_ms,
        category: 'other',
      },
    ]);
  });

  it('tells what somebody signs with apart from what headers say', () => {
    const signed = (given: Parameters<typeof enriched>[0]) =>
      interactionOf(
        enriched({
          text: 'It is late.\n\nBest regards,\nAnn Lee\nHead of Procurement\nAcme Tools Ltd\n+44 20 7946 0958',
          ...given,
        }),
        acme,
      )[0];
    const silent = { from: person('ann.lee@gmail.com') };
    const post = { title: 'Head of Procurement', phone: '+44 20 7946 0958' };
    const signature = { ...post, signed_name: 'Ann Lee', signed_company: 'Acme Tools Ltd' };
    expect(signed(silent)).toMatchObject({ person_name: '', account: '', ...signature });
    expect(signed({})).toMatchObject({ person_name: 'Ann', account: 'customer.test', ...signature });
    const machine = signed({ ...silent, headers: { 'list-id': '<l.test>' } });
    expect(machine).toMatchObject({ title: '', phone: '', signed_name: '', signed_company: '' });
  });

  it('puts an outbound mail on each outside recipient’s, once', () => {
    const to = [person('ann@customer.test'), person('eve@acme.test'), person('')];
    const cc = [person('ann@customer.test'), person('bob@gmail.com')];
    const found = interactionOf(enriched({ from: person('me@acme.test'), to, cc }), acme);
    expect(found.map(({ person_id, account, kind }) => [person_id, account, kind])).toEqual([
      ['ann@customer.test', 'customer.test', 'mail_out'],
      ['bob@gmail.com', '', 'mail_out'],
    ]);
  });

  it('puts internal and senderless mail on none, and bounds an announcement', () => {
    const everyone = Array.from({ length: 5_000 }, (_, at) => person(`${at}@customer.test`));
    expect(interactionOf(enriched({ from: person('me@acme.test'), to: [person('eve@acme.test')] }), acme)).toEqual([]);
    expect(interactionOf(enriched({ from: person('') }, nobody), nobody)).toEqual([]);
    expect(interactionOf(enriched({ from: person('me@acme.test'), to: everyone }), acme)).toHaveLength(
      counterparts_max,
    );
  });
});

describe('interactionOfCrm', () => {
  const change: CrmChanged = {
    change_id: 'deal-7@1',
    owner,
    object: 'deal',
    object_id: 'deal-7',
    operation: 'upsert',
    changed_at_ms: noon_ms,
    received_at_ms: noon_ms + 1,
    person_email: 'ann@customer.test',
    person_name: 'Ann',
    account: 'Customer Ltd',
    stage: 'proposal',
    amount: 900,
    outcome: null,
    fields: '{"currency":"EUR"}',
    lineage,
  };

  it('carries what the CRM states', () => {
    expect(interactionOfCrm(change)).toMatchObject({
      interaction_id: 'deal-7@1:ann@customer.test',
      account: 'Customer Ltd',
      kind: 'crm',
      name: 'deal',
      stage: 'proposal',
      amount: 900,
      data: '{"currency":"EUR"}',
    });
  });

  it('states nothing for a deleted object, and nobody where none is named', () => {
    expect(interactionOfCrm({ ...change, operation: 'delete', person_email: '', account: '' })).toMatchObject({
      person_id: '',
      account: '',
      name: 'deal deleted',
      stage: null,
      amount: null,
    });
  });
});

describe('interactionOfEvent', () => {
  it('never occurs later than it was received', () => {
    const event: EventReceived = {
      event_id: 'app#1',
      owner,
      name: 'com.example.trial_started',
      person_email: '',
      occurred_at_ms: noon_ms + 1_000_000,
      received_at_ms: noon_ms,
      data: '{}',
      lineage,
    };
    expect(interactionOfEvent(event)).toMatchObject({
      interaction_id: 'app#1:',
      kind: 'event',
      occurred_at_ms: noon_ms,
    });
  });
});
