import { describe, expect, it } from 'vitest';
import { drive } from '../lib/test-driver.ts';
import type { Conversation, Direction, EmailEnriched, ThreadMail, ThreadMessage } from '../schemas/generated.ts';
import { topics } from '../schemas/topics.ts';
import { rulesOf, usual_settings } from './conversation/rules.ts';
import { settingsByOrganization } from './conversation/settings.ts';
import { conversation, forgotten_after_ms, mails_max } from './conversation.ts';
import { acme, enriched, lineage } from './test-records.ts';
import { thread } from './thread.ts';
import { tick, woken_max } from './tick.ts';
import { timeline } from './timeline.ts';

const hour_ms = 3_600_000;
/** A Friday. */
const friday = (time: string): number => Date.parse(`2025-03-28T${time}:00Z`);
const monday = (time: string): number => Date.parse(`2025-03-31T${time}:00Z`);

const ann = { name: 'Ann', address: 'ann@customer.test' };
const kim = { name: 'Kim', address: 'kim@acme.test' };
const owned = (owner_id: string) => ({
  organization_id: 'org',
  mailbox: `${owner_id}@acme.test`,
  owner_id,
  team_id: 'support',
});

interface Given {
  readonly at: number;
  readonly text?: string;
  readonly category?: string;
  readonly headers?: Record<string, string>;
  readonly reply?: string;
  readonly owner?: string;
  readonly alone?: boolean;
}

/** A mail in the thread `<root>`; from Ann unless it is ours. */
function mail(name: string, direction: Direction, given: Given): EmailEnriched {
  const {
    at,
    text = 'The export fails, see below.',
    category = 'support',
    headers = {},
    reply = 'root',
    owner = 'desk',
  } = given;
  const email = {
    email_id: name,
    message_id: `<${name}>`,
    in_reply_to: name === 'root' || given.alone ? null : `<${reply}>`,
    references: name === 'root' || given.alone ? [] : ['<root>'],
    owner: owned(owner),
    from: direction === 'inbound' ? ann : kim,
    to: [direction === 'outbound' ? ann : kim],
    received_at_ms: at,
    subject: name === 'root' ? 'Export fails' : 'Re: Export fails',
    text,
    headers,
  };
  return { ...enriched(email), category };
}

const usual = conversation();

function stage(processor = usual) {
  const stages = drive([timeline(acme), thread, processor]);
  return {
    ...stages,
    drive: stages,
    processor,
    feed: (...mails: EmailEnriched[]) => {
      for (const [at, one] of mails.entries()) stages.feed(topics.emailEnriched, one, 1_000 + at);
    },
    newest: (): Conversation => stages.read(topics.conversationUpdated).at(-1) as Conversation,
  };
}

const outcomeOf = (...mails: EmailEnriched[]): Conversation => {
  const run = stage();
  run.feed(...mails);
  return run.newest();
};

const question = mail('root', 'inbound', { at: friday('16:00') });
const answer = mail('answer', 'outbound', { at: monday('10:00'), owner: 'kim' });

describe('a conversation', () => {
  it('waits on us from the first mail that is not answered', () => {
    const again = mail('again', 'inbound', { at: friday('18:00') });
    expect(outcomeOf(question, again)).toMatchObject({
      conversation_id: '<root>',
      owner: owned('desk'),
      subject: 'Export fails',
      customer: 'ann@customer.test',
      category: 'support',
      participants: 1,
      mails_in: 2,
      waiting: 'us',
      waiting_since_ms: friday('16:00'),
      waiting_email_id: 'root',
      first_response_at_ms: null,
      // One working day, of which an hour was left on Friday.
      sla_target_minutes: 480,
      sla_due_at_ms: monday('16:00'),
      resolves_at_ms: null,
      email_ids: ['root', 'again'],
    });
  });

  it('waits on the customer after our answer, and is the one’s who answered', () => {
    expect(outcomeOf(question, answer)).toMatchObject({
      owner: owned('kim'),
      waiting: 'them',
      waiting_since_ms: monday('10:00'),
      first_response_at_ms: monday('10:00'),
      first_response_seconds: 66 * 3600,
      first_response_business_seconds: 2 * 3600,
      resolution_business_seconds: 2 * 3600,
      // Three working days later.
      resolves_at_ms: Date.parse('2025-04-03T10:00:00Z'),
      participants: 2,
    });
  });

  it('begins no first response where we wrote first', () => {
    const ours = mail('root', 'outbound', { at: friday('10:00') });
    const theirs = mail('theirs', 'inbound', { at: friday('11:00') });
    expect(outcomeOf(ours, theirs, answer)).toMatchObject({
      asked_at_ms: null,
      first_response_seconds: null,
      sla_due_at_ms: null,
    });
  });

  it('is over with thanks after an answer, and opened again by what asks', () => {
    const thanks = mail('thanks', 'inbound', { at: monday('11:00'), text: 'Thank you, that solved it.' });
    const closed = outcomeOf(question, answer, thanks);
    expect(closed).toMatchObject({
      waiting: 'nobody',
      waiting_since_ms: null,
      resolves_at_ms: monday('11:00'),
      reopened: 0,
    });
    const again = mail('again', 'inbound', { at: monday('12:00') });
    expect(outcomeOf(question, answer, thanks, again)).toMatchObject({
      waiting: 'us',
      waiting_since_ms: monday('12:00'),
      reopened: 1,
    });
    // Thanks before any answer are no end.
    expect(
      outcomeOf(question, { ...thanks, email: { ...thanks.email, received_at_ms: friday('17:00') } }).waiting,
    ).toBe('us');
  });

  it('counts as opened again by a mail after the working days, and not by one before', () => {
    const late = mail('late', 'inbound', { at: Date.parse('2025-04-03T10:00:01Z') });
    const early = mail('late', 'inbound', { at: Date.parse('2025-04-03T09:59:59Z') });
    expect(outcomeOf(question, answer, late).reopened).toBe(1);
    expect(outcomeOf(question, answer, early)).toMatchObject({ reopened: 0, waiting: 'us' });
  });

  it.each([
    ['an automatic answer of ours', 'outbound', { headers: { 'auto-submitted': 'auto-replied' } }, 'us'],
    ['a newsletter', 'inbound', { category: 'newsletter' }, 'us'],
    ['what we write among ourselves', 'internal', {}, 'us'],
    ['an answer', 'outbound', {}, 'them'],
  ] as const)('after %s', (_, direction, given, waiting) => {
    expect(outcomeOf(question, mail('next', direction, { at: monday('09:00'), ...given })).waiting).toBe(waiting);
  });

  it('does not begin with what no person wrote', () => {
    const bounce = mail('root', 'inbound', { at: friday('10:00'), headers: { 'return-path': '<>' } });
    expect(outcomeOf(bounce)).toMatchObject({ waiting: 'nobody', mails_automatic: 1, asked_at_ms: null });
    const run = stage();
    run.feed(mail('root', 'internal', { at: friday('10:00') }));
    expect(run.read(topics.conversationUpdated)).toEqual([]);
  });

  it('goes by the working hours and promises of the organisation', () => {
    const run = stage(
      conversation({
        business_calendar: {
          ...usual_settings.business_calendar,
          time_zone: 'America/New_York',
          holidays: ['2025-03-31'],
        },
        resolved_after_days: 1,
        first_response_minutes: { support: 60 },
      }),
    );
    run.feed(question, answer);
    expect(run.newest()).toMatchObject({
      // Friday 12:00 to 17:00 in New York; Monday is a holiday.
      first_response_business_seconds: 5 * 3600,
      sla_target_minutes: 60,
      sla_due_at_ms: friday('17:00'),
      resolves_at_ms: Date.parse('2025-04-01T21:00:00Z'),
    });
    expect(rulesOf({ ...usual_settings, first_response_minutes: {} }).targetOf('support')).toBeNull();
  });
});

it('each organisation has the working hours and promises of its own, where it has some', () => {
  const newYork = { business_calendar: { time_zone: 'America/New_York' }, first_response_minutes: { support: 60 } };
  const told = (id: string): Conversation => {
    const organizations = settingsByOrganization(usual_settings, [{ id, ...newYork }]);
    const run = stage(conversation({ ...usual_settings, organizations }));
    run.feed(question, answer);
    return run.newest();
  };
  // Friday 12:00 to 17:00 in New York, where Monday has not begun; an hour on either day by UTC.
  expect(told('org')).toMatchObject({ first_response_business_seconds: 5 * 3600, sla_target_minutes: 60 });
  expect(told('another')).toMatchObject({ first_response_business_seconds: 2 * 3600, sla_target_minutes: 480 });
});

function* permutations<T>(list: readonly T[]): Generator<T[]> {
  if (list.length === 0) yield [];
  for (const [at, one] of list.entries())
    for (const rest of permutations(list.filter((_, other) => other !== at))) yield [one, ...rest];
}

describe('the order of arrival', () => {
  const asIs = ({ version: _, updated_at_ms: __, lineage: ___, ...rest }: Conversation) => rest;

  it('changes nothing', () => {
    const mails = [
      question,
      answer,
      mail('thanks', 'inbound', { at: monday('11:00'), text: 'Thanks, it works.' }),
      mail('again', 'inbound', { at: monday('12:00') }),
      mail('away', 'outbound', { at: monday('12:01'), headers: { 'auto-submitted': 'auto-replied' } }),
      mail('second', 'outbound', { at: monday('13:00'), owner: 'lee' }),
    ];
    const expected = asIs(outcomeOf(...mails));
    expect(expected).toMatchObject({ waiting: 'them', reopened: 1, owner: owned('kim'), mails_in: 3, mails_out: 3 });
    let orders = 0;
    for (const order of permutations(mails)) {
      expect(asIs(outcomeOf(...order))).toEqual(expected);
      orders++;
    }
    expect(orders).toBe(720);
  });

  it('changes nothing where a thread becomes part of another', () => {
    // "late" replies to "lost", of which the References are missing, and comes first.
    const lost: EmailEnriched = mail('lost', 'inbound', { at: monday('11:00') });
    lost.email.references = [];
    const late = mail('late', 'outbound', { at: monday('12:00'), reply: 'lost' });
    late.email.references = [];
    const run = stage();
    run.feed(late);
    expect(run.newest()).toMatchObject({ conversation_id: '<lost>', mails_out: 1 });
    run.feed(question, lost);
    const told = run.read(topics.conversationUpdated);
    expect(told.filter(one => one.conversation_id === '<lost>').at(-1)).toMatchObject({
      mails_in: 0,
      mails_out: 0,
      email_ids: [],
    });
    expect(told.filter(one => one.conversation_id === '<root>').at(-1)).toMatchObject({
      mails_in: 2,
      mails_out: 1,
      waiting: 'them',
      email_ids: ['root', 'lost', 'late'],
    });
    for (const order of permutations([question, lost, late])) {
      const last = stage();
      last.feed(...order);
      const root = last
        .read(topics.conversationUpdated)
        .filter(one => one.conversation_id === '<root>')
        .at(-1);
      expect(asIs(root as Conversation).email_ids).toEqual(['root', 'lost', 'late']);
    }
  });
});

describe('a long thread', () => {
  const many = Array.from({ length: mails_max + 50 }, (_, at) =>
    mail(at === 0 ? 'root' : `m${at}`, at % 2 === 0 ? 'inbound' : 'outbound', { at: friday('09:00') + at * 60_000 }),
  );

  it('keeps its newest mails, and what the others had come to', () => {
    const run = stage();
    run.feed(...many);
    expect(run.newest()).toMatchObject({
      mails_in: 75,
      mails_out: 75,
      first_response_seconds: 60,
      first_at_ms: friday('09:00'),
      waiting: 'them',
      subject: 'Export fails',
    });
    expect(run.newest().email_ids).toHaveLength(mails_max);
    // Older than all that is kept: it is counted, and waits for nothing.
    run.feed(mail('older', 'inbound', { at: friday('09:10') }));
    expect(run.newest()).toMatchObject({ mails_in: 76, waiting: 'them' });
  });

  it('that is silent for long is forgotten, and then begins anew with a later version', () => {
    const run = stage();
    run.feed(question);
    const [before] = run.read(topics.conversationUpdated);
    const key = topics.threadMessage.key({
      thread_id: '<root>',
      mail: { owner: owned('desk') } as ThreadMail,
      left: false,
      lineage,
    });
    run.drive.feed(topics.measurement, tick(1_000 + forgotten_after_ms - 1));
    expect(run.state(run.processor, key)).not.toBeNull();
    run.drive.feed(topics.measurement, tick(1_000 + forgotten_after_ms));
    expect(run.state(run.processor, key)).toBeNull();
    run.drive.feed(topics.emailEnriched, answer, 1_000 + forgotten_after_ms + hour_ms);
    expect(run.newest()).toMatchObject({ mails_in: 0, mails_out: 1 });
    expect(run.newest().version).toBeGreaterThan((before as Conversation).version);
  });

  it('are forgotten some at a time, however many were due', () => {
    const run = stage();
    run.feed(question);
    const [asked] = run.read(topics.threadMessage) as [ThreadMessage];
    const message = (i: number): ThreadMessage => ({ ...asked, thread_id: `<root-${i}>` });
    for (let i = 0; i <= woken_max; i++) run.drive.feed(topics.threadMessage, message(i), 1_000);
    const known = () =>
      [0, woken_max].map(i => run.state(run.processor, topics.threadMessage.key(message(i))) !== null);
    run.drive.feed(topics.measurement, tick(1_000 + forgotten_after_ms));
    const after = known();
    run.drive.feed(topics.measurement, tick(1_000 + forgotten_after_ms));
    expect([after, known()]).toEqual([
      [false, true],
      [false, false],
    ]);
  });
});
