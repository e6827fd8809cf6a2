import { describe, expect, it } from 'vitest';
import { drive } from '../lib/test-driver.ts';
import type { Email, EmailReceived, Feedback, Learning, MailSignals } from '../schemas/generated.ts';
import { unsaid } from '../schemas/signals.ts';
import { topics } from '../schemas/topics.ts';
import { acts, forgotten_after_ms } from './acts.ts';
import { enrichMail } from './enrich-mail.ts';
import { unanswered_after_ms } from './learning/acts.ts';
import { acts_max, answers_min, examples_max, sender_acts_max } from './learning/examples.ts';
import { importanceFeaturesOf } from './learning/teaching.ts';
import { learning } from './learning.ts';
import { enrichMail as understand } from './mail/index.ts';
import { email, lineage, noon_ms, acme as ours } from './test-records.ts';
import { woken_max } from './tick.ts';
import { timeline } from './timeline.ts';

const mailbox = 'ada@acme.test';
const owner = { ...email().owner, mailbox };
const kim = { name: 'Kim', address: 'kim@customer.test' };
const ada = { name: 'Ada', address: mailbox };

function started() {
  const learner = learning();
  const driver = drive([enrichMail(ours), timeline(ours), acts, learner]);
  let count = 0;
  const feed = (given: Partial<Email>, origin: 'live' | 'backfill' = 'live', at_ms = noon_ms): Email => {
    const message_id = `<${++count}@mail.test>`;
    const more = { owner, message_id, email_id: `mail-${count}`, from: kim, received_at_ms: noon_ms + count };
    const mail = email({ ...more, subject: `Mail ${count}`, text: 'A few words of it.', ...given });
    const ingested_at_ms = noon_ms + (origin === 'backfill' ? 30 : 0) * 24 * 60 * 60 * 1_000;
    const read = { ...lineage, origin, ingested_at_ms };
    driver.feed<EmailReceived>(topics.emailAccepted, { email: mail, lineage: read }, at_ms);
    return mail;
  };
  return {
    driver,
    receive: feed,
    /** As a mailbox says it. */
    said: (signals: Partial<MailSignals>, given: Partial<Email> = {}) =>
      feed({ ...given, signals: { ...unsaid, ...signals } }, 'backfill'),
    answer: (mail: Email, given: Partial<Email> = {}) =>
      feed({ from: ada, to: [mail.from], in_reply_to: mail.message_id, ...given }),
    mark(mail: Email, label: 'yes' | 'no') {
      const said = { feedback_id: `f-${++count}`, owner, email: mail, model: 'importance', label, said_by: 'ada' };
      driver.feed<Feedback>(topics.feedback, { ...said, said_at_ms: count, lineage });
    },
    pass(at_ms: number) {
      const tick = { owner, category: '', measure: 'tick' as const, value: 1, record_id: '' };
      driver.feed(topics.measurement, { ...tick, at_ms, lineage }, at_ms);
    },
    told: () => driver.read(topics.importanceExample).map(({ act, mailbox, mail }) => [mail.email_id, act, mailbox]),
    /** What the mailbox is known to have done, so often each. */
    known() {
      const { examples } = driver.state(learner, `org/importance/${mailbox}`) as Learning;
      const counts: Record<string, number> = {};
      for (const { act } of examples) counts[act] = (counts[act] ?? 0) + 1;
      return counts;
    },
    /** What a next mail is worth now, more than by the shipped model. */
    gain(given: Partial<Email> = {}) {
      const mail = feed({ text: 'Nothing new.', ...given }, 'backfill');
      return driver.read(topics.emailEnriched).at(-1)!.importance - understand(mail, ours).importance;
    },
  };
}

describe('acts', () => {
  it.each([
    [{ starred: true, replied: true, opened: true }, 'starred'],
    [{ starred: false, replied: true, opened: true }, 'replied'],
    [{ starred: false, opened: true }, 'opened'],
    [{ starred: false, opened: false }, 'unopened'],
    [{ starred: false, replied: false, opened: true }, 'unanswered'],
  ])('are what the mailbox says: of %o, %s', (signals, act) => {
    const { said, told } = started();
    const { email_id } = said(signals);
    expect(told()).toEqual([[email_id, act, mailbox]]);
  });

  it('are not yet known of a mail that came just before its mailbox was read, but that something was done with it', () => {
    const { said, told } = started();
    const received_at_ms = noon_ms + 30 * 24 * 60 * 60 * 1_000 - unanswered_after_ms + 1;
    said({ opened: false }, { received_at_ms });
    said({ replied: false, opened: true }, { received_at_ms });
    const { email_id } = said({ starred: true, opened: false }, { received_at_ms });
    expect(told()).toEqual([[email_id, 'starred', mailbox]]);
  });

  it('are none where the mailbox says nothing, and none of what its owner wrote', () => {
    const { said, told } = started();
    said({});
    said({ starred: true, opened: true }, { from: ada, to: [kim] });
    // To a colleague.
    said({ starred: true, opened: true }, { from: ada, to: [{ name: '', address: 'bob@acme.test' }] });
    // Where the mailbox is none of anybody, who wrote it cannot be told.
    const nobodys = { ...owner, mailbox: '' };
    said({ starred: true }, { owner: nobodys, from: ada, to: [{ name: '', address: 'bob@acme.test' }] });
    expect(told()).toEqual([]);
  });

  it('are answers, in whichever order they come, once each', () => {
    const { receive, answer, told } = started();
    const first = receive({});
    answer(first);
    answer(first);
    expect(told()).toEqual([[first.email_id, 'replied', mailbox]]);
    const message_id = '<later@mail.test>';
    answer({ ...first, message_id });
    const later = receive({ message_id });
    expect(told().slice(1)).toEqual([[later.email_id, 'replied', mailbox]]);
  });

  it('are answers from the mailbox’s address, where the organisation does not count it among its own', () => {
    const { receive, answer, told } = started();
    const at_home = { ...owner, mailbox: 'ada@home.test' };
    const mail = receive({ owner: at_home });
    answer(mail, { owner: at_home, from: { name: 'Ada', address: at_home.mailbox } });
    expect(told()).toEqual([[mail.email_id, 'replied', at_home.mailbox]]);
  });

  it('are no answers of a colleague, a machine or the customer himself', () => {
    const { receive, answer, told } = started();
    const mail = receive({});
    answer(mail, { from: { name: '', address: 'bob@acme.test' } });
    answer(mail, { headers: { 'auto-submitted': 'auto-replied' } });
    answer(mail, { from: kim });
    expect(told()).toEqual([]);
  });

  it('say after some days that a person was not answered, of mail that came in as mail does', () => {
    const { receive, answer, pass, told } = started();
    const left = receive({});
    const answered = receive({});
    answer(answered);
    receive({}, 'backfill');
    receive({ headers: { 'list-id': '<list.customer.test>' } });
    pass(noon_ms + unanswered_after_ms - 1);
    expect(told().slice(1)).toEqual([]);
    for (const day of [1, 2]) pass(noon_ms + day * 1_000 + unanswered_after_ms);
    expect(told().slice(1)).toEqual([[left.email_id, 'unanswered', mailbox]]);
    // He took his time.
    answer(left);
    expect(told().slice(2)).toEqual([[left.email_id, 'replied', mailbox]]);
  });

  it('wait as long for the answer to an old mail that was handed in, which comes after it', () => {
    const { receive, answer, pass, told } = started();
    const old = receive({ received_at_ms: noon_ms - 365 * 24 * 60 * 60 * 1_000 });
    pass(noon_ms + 1_000);
    answer(old);
    expect(told()).toEqual([[old.email_id, 'replied', mailbox]]);
    const left = receive({ received_at_ms: old.received_at_ms });
    pass(noon_ms + 1_000 + unanswered_after_ms);
    pass(noon_ms + 2 * (24 * 60 * 60 * 1_000 + 1_000) + unanswered_after_ms);
    expect(told().slice(1)).toEqual([[left.email_id, 'unanswered', mailbox]]);
  });

  it('are forgotten with the mail', () => {
    const { driver, receive, pass } = started();
    const { message_id } = receive({});
    expect(driver.state(acts, `org/${message_id}`)).not.toBeNull();
    pass(noon_ms + forgotten_after_ms);
    expect(driver.state(acts, `org/${message_id}`)).toBeNull();
  });

  it('are forgotten some at a time, however many were due', () => {
    const { driver, pass } = started();
    const id = (i: number) => `<${i}@import.test>`;
    for (let i = 0; i <= woken_max; i++) {
      driver.feed(topics.mailAct, { owner, message_id: id(i), mail: null, lineage }, noon_ms);
    }
    const known = () => [0, woken_max].map(i => driver.state(acts, `org/${id(i)}`) !== null);
    pass(noon_ms + forgotten_after_ms);
    expect(known()).toEqual([false, true]);
    pass(noon_ms + forgotten_after_ms);
    expect(known()).toEqual([false, false]);
  });

  it('teach by what the enrichment goes by', () => {
    const mail = email({
      subject: 'Urgent: invoice 12?',
      text: 'Could you please send it today?\n\nBest regards\nKim Lee\nAcme Ltd',
      in_reply_to: '<a@b.test>',
    });
    const features = importanceFeaturesOf({ email: mail, ...understand(mail, ours) });
    const reasons = understand(mail, ours).importance_reasons;
    expect(reasons.length).toBeGreaterThan(3);
    for (const { feature, log_odds } of reasons) {
      const own = features.find(one => one.feature === feature);
      expect([feature, (own?.prior ?? 0) * (own?.strength ?? 0)]).toEqual([feature, expect.closeTo(log_odds, 4)]);
    }
  });
});

describe('learning from acts', () => {
  it('makes more of whom its owner stars or answers, less of what he leaves unopened, in his mailbox alone', () => {
    const { said, receive, answer, gain } = started();
    const shop = { name: 'Shop', address: 'news@shop.test' };
    for (let i = 0; i < 4; i++) {
      said({ starred: true, opened: true });
      said({ starred: false, opened: false }, { from: shop });
      answer(receive({ from: { name: '', address: 'lee@partner.test' } }));
    }
    const stranger = gain({ from: { name: '', address: 'who@else.test' } });
    expect(gain()).toBeGreaterThan(stranger + 5);
    expect(gain({ from: { name: '', address: 'lee@partner.test' } })).toBeGreaterThan(stranger + 3);
    expect(gain({ from: shop })).toBeLessThan(-1);
    expect(gain({ owner: { ...owner, mailbox: 'bob@acme.test' } })).toBe(0);
  });

  it('is named on the row and told in its reasons, which stay exact', () => {
    const { driver, said, receive, mark } = started();
    for (let i = 0; i < 3; i++) said({ starred: true, opened: true });
    mark(receive({}), 'yes');
    receive({});
    const { importance, importance_reasons: reasons, models } = driver.read(topics.emailEnriched).at(-1)!;
    expect(models.importance).toMatch(/\+4$/);
    expect(reasons.find(({ feature }) => feature === 'from:kim@customer.test')?.log_odds).toBeGreaterThan(0);
    expect(reasons.find(({ feature }) => feature === 'mailbox')?.value).toBe(
      '1 mails marked, 3 starred, answered, opened or left',
    );
    const log_odds = reasons.reduce((sum, each) => sum + each.log_odds, -1);
    expect(importance).toBe(Math.round(100 / (1 + Math.exp(-log_odds))));
  });

  it('does not outweigh what somebody says himself, however much was done', () => {
    const { driver, said, receive, mark, gain } = started();
    for (let i = 0; i < 2_000; i++) {
      const other = { name: '', address: `one${i % 500}@many.test` };
      said({ replied: true, starred: false, opened: true }, i % 2 === 0 ? {} : { from: other });
    }
    expect(gain()).toBeGreaterThan(5);
    for (let i = 0; i < 3; i++) mark(receive({}), 'no');
    expect(gain()).toBeLessThan(0);
    const { examples, acts: done } = driver.read(topics.learnt).at(-1)!;
    expect({ examples, done }).toEqual({ examples: acts_max + 3, done: acts_max });
  });

  it('keeps of each sender a few, of each label some, and of all no more than a correction is made of', () => {
    const { known, said, receive, mark } = started();
    for (let i = 0; i < 20; i++) said({ starred: true });
    expect(known()).toEqual({ starred: sender_acts_max });
    for (let i = 0; i < 400; i++) said({ starred: true }, { from: { name: '', address: `a${i}@many.test` } });
    for (let i = 0; i < 10; i++) said({ opened: false }, { from: { name: '', address: `b${i}@many.test` } });
    expect(known()).toEqual({ starred: acts_max, unopened: 10 });
    for (let i = 0; i < examples_max - 100; i++) mark(receive({}), 'yes');
    expect(known()).toEqual({ starred: 50, unopened: 10, marked: examples_max - 100 });
  }, 60_000);

  it('of an import makes few versions', () => {
    const { driver, said } = started();
    for (let i = 0; i < 3_000; i++) {
      said({ opened: i % 3 !== 0 }, { from: { name: '', address: `a${i % 700}@many.test` } });
    }
    const versions = driver.read(topics.learnt);
    expect(versions.length).toBeLessThan(3_000 / 20);
    expect(versions.slice(0, 5).map(({ examples }) => examples)).toEqual([1, 2, 3, 4, 5]);
  }, 60_000);

  it('begins in no more mailboxes than the table of what was learnt has room for, but where somebody marks a mail', () => {
    const { driver, said, receive, mark } = started();
    const correction = { features: [], weights: [], mixing: [0], bias: [0] };
    const losses = { log_loss: 0, shipped_log_loss: 0, caused_by: '', learnt_at_ms: 0 };
    for (let i = 0; i < 4_000; i++) {
      const of = { organization_id: 'org', mailbox: `m${i}`, model: 'importance', version: 1, examples: 1, acts: 1 };
      driver.feed(topics.learnt, { ...of, ...losses, correction, lineage });
    }
    const newest = () => driver.read(topics.learnt).at(-1)!;
    said({ starred: true });
    expect(newest().mailbox).toBe('m3999');
    said({ starred: true }, { owner: { ...owner, mailbox: 'm7' } });
    expect(newest().mailbox).toBe('m7');
    mark(receive({}), 'yes');
    expect(newest().mailbox).toBe(mailbox);
    said({ starred: true });
    expect(newest()).toMatchObject({ mailbox, examples: 2 });
  });

  it('of mails that were not answered begins where its owner is known to answer', () => {
    const { driver, said, receive, answer } = started();
    for (let i = 0; i < 5; i++) said({ starred: false, replied: false, opened: true });
    expect(driver.read(topics.learnt)).toEqual([]);
    for (let i = 0; i < answers_min; i++) answer(receive({}));
    expect(driver.read(topics.learnt).at(-1)).toMatchObject({ examples: 5 + answers_min });
  });

  it('goes by the strongest that is known of a mail, and a mark is stronger than all', () => {
    const { known, said, receive, answer, mark } = started();
    answer(said({ opened: true }));
    expect(known()).toEqual({ replied: 1 });
    const mail = receive({});
    mark(mail, 'no');
    answer(mail);
    expect(known()).toEqual({ replied: 1, marked: 1 });
  });

  it('makes the same versions of the same acts', () => {
    const versions = [0, 1].map(() => {
      const { driver, said, receive, answer } = started();
      for (let i = 0; i < 12; i++) {
        said({ opened: i % 2 === 0, starred: i % 3 === 0 });
        answer(receive({}));
      }
      return driver.read(topics.learnt);
    });
    expect(versions[0]?.length).toBeGreaterThan(10);
    expect(versions[0]).toEqual(versions[1]);
  });
});
