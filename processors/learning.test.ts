import { describe, expect, it } from 'vitest';
import { codecOf } from '../lib/avro.ts';
import { weights_max } from '../lib/correction.ts';
import type { Draft } from '../lib/lineage.ts';
import { table_limits } from '../lib/table.ts';
import { drive } from '../lib/test-driver.ts';
import type { Topic } from '../lib/topic.ts';
import {
  type Email,
  type EmailReceived,
  type Feedback,
  type Learning,
  type Learnt,
  learningSchema,
} from '../schemas/generated.ts';
import { topics } from '../schemas/topics.ts';
import { enrichMail } from './enrich-mail.ts';
import { examples_max } from './learning/examples.ts';
import { features_max } from './learning/features.ts';
import { learning } from './learning.ts';
import { enrichMail as understand } from './mail/index.ts';
import { email, lineage, acme as ours } from './test-records.ts';

function started() {
  let roomless = 0;
  const learner = learning(learnt => {
    if (learnt === null) roomless++;
  });
  const driver = drive([enrichMail(ours), learner]);
  let said = 0;
  return {
    driver,
    roomless: () => roomless,
    read(mail: Email) {
      driver.feed<EmailReceived>(topics.emailAccepted, { email: mail, lineage });
      return driver.read(topics.emailEnriched).at(-1)!;
    },
    say(mail: Email, model: string, label: string) {
      const feedback_id = `feedback-${++said}`;
      const feedback = { feedback_id, owner: mail.owner, email: mail, model, label, said_by: 'ada', said_at_ms: said };
      driver.feed<Feedback>(topics.feedback, { ...feedback, lineage });
    },
  };
}

const { owner } = email();
const codec = codecOf<Learning>(learningSchema);
let count = 0;
const mail = (text: string, more: Partial<Email> = {}): Email => email({ ...more, text, email_id: `mail-${++count}` });
const reports = ['The frobnicator was recalibrated', 'Frobnicator once more', 'One more frobnicator today'];

describe('learning', () => {
  it('changes nothing before anybody has said anything', () => {
    const { read } = started();
    const one = mail(reports[0]!);
    const { email: _, lineage: __, ...found } = read(one);
    expect(found).toEqual(understand(one, ours));
  });

  it('turns the next answers of the model that was corrected, and names the version', () => {
    const { read, say } = started();
    for (const text of reports) say(mail(text), 'sentiment', 'negative');
    for (const text of reports) say(mail(text), 'category', 'legal');
    const next = mail('The frobnicator, as before');
    const [before, after] = [understand(next, ours), read(next)];
    expect(before).not.toMatchObject({ sentiment: 'negative', category: 'legal' });
    expect(after).toMatchObject({ sentiment: 'negative', category: 'legal' });
    expect(after.sentiment_score).toBeLessThan(before.sentiment_score);
    expect(after.models).toMatchObject({
      sentiment: `${before.models.sentiment}+3`,
      category: `${before.models.category}+3`,
      spam: before.models.spam,
    });
    const total = Object.values(after.category_scores).reduce((sum, score) => sum + score, 0);
    expect(total).toBeCloseTo(1, 9);
  });

  it('leaves mails of other words as they were', () => {
    const { read, say } = started();
    for (const text of reports) say(mail(text), 'category', 'legal');
    for (const text of [
      'Shall we have lunch on Friday with the children?',
      'The app crashes after login, please help.',
    ]) {
      const next = mail(text);
      expect([text, read(next).category]).toEqual([text, understand(next, ours).category]);
    }
  });

  it('goes by the words of what is passed on, too', () => {
    const { read, say } = started();
    const forwarded = (words: string): Partial<Email> => ({ quoted_text: `Begin forwarded message:\n\n${words}` });
    for (const words of reports) say(mail('FYI', forwarded(words)), 'category', 'legal');
    for (const words of ['The hedge was trimmed', 'Hedges, once more', 'One more hedge today'])
      say(mail('FYI', forwarded(words)), 'category', 'sales');
    expect(read(mail('FYI', forwarded('The frobnicator, as before'))).category).toBe('legal');
    expect(read(mail('FYI', forwarded('The hedge, as before'))).category).toBe('sales');
  });

  it('goes on from its state in memory as from the one that was written and read', () => {
    const [kept, restarted] = [false, true].map(isRead => {
      const versions: Draft<Learnt>[] = [];
      const { on } = learning(learnt => learnt && versions.push(learnt)).definition;
      let state: unknown = null;
      for (const [i, label] of ['yes', 'no', 'yes', 'yes', 'no'].entries()) {
        const marked = email({ email_id: `mark-${i}`, subject: 'Could you call?', text: reports[i % 3]! });
        const said = { model: 'importance', label, said_by: 'ada', said_at_ms: i, feedback_id: `f-${i}` };
        const feedback = { ...said, owner, email: marked, lineage };
        const result = on.feedback!(feedback, state, { at_ms: 0, tables: { learnt: new Map() } });
        state = isRead ? codec.decode(codec.encode(result.state as Learning)) : result.state;
      }
      return versions;
    });
    expect(kept).toHaveLength(5);
    expect(restarted).toEqual(kept);
  });

  it('writes no version that the table of all enrichments has no room for, and goes on with the one before', () => {
    const { driver, read, say, roomless } = started();
    for (const text of reports) say(mail(text), 'category', 'legal');
    expect(roomless()).toBe(0);
    const features = Array.from({ length: weights_max }, (_, i) => i);
    const correction = { features, weights: features.map(() => 1), mixing: [0], bias: [0] };
    const losses = { log_loss: 0, shipped_log_loss: 0, caused_by: '', learnt_at_ms: 0 };
    // As it is in the table, to its last record.
    for (let used = 0; used < table_limits.bytes_max - 720_000; ) {
      const of = { organization_id: `org-${used}`, mailbox: '', model: 'spam', version: 1, examples: 1, acts: 0 };
      const learnt = { ...of, ...losses, correction, lineage };
      driver.feed<Learnt>(topics.learnt, learnt);
      used += topics.learnt.codec.encode(learnt).length;
    }
    const before = driver.read(topics.learnt).length;
    for (let i = 0; i < 1_000; i++) {
      say(mail('Hi', { owner: { ...owner, mailbox: `${i}${'@'.repeat(150)}` } }), 'importance', 'yes');
    }
    say(mail(reports[0]!), 'category', 'sales');
    expect(driver.read(topics.learnt)).toHaveLength(before);
    expect(roomless(), 'each is told').toBe(1_001);
    expect(read(mail('The frobnicator, as before'))).toMatchObject({ category: 'legal' });
  }, 60_000);

  it('leaves other organisations alone', () => {
    const { read, say } = started();
    for (const text of reports) say(mail(text), 'category', 'legal');
    const theirs = mail(reports[0]!, { owner: { ...owner, organization_id: 'another' } });
    expect(read(theirs).category).toBe(understand(theirs, ours).category);
  });

  it('of importance is the mailbox’s own, and a reason with its exact share', () => {
    const { read, say } = started();
    const from = { name: '', address: 'kim@customer.example' };
    const own = { ...owner, mailbox: 'ada@acme.example' };
    for (const text of reports) say(mail(text, { from, owner: own }), 'importance', 'yes');
    const next = mail('Nothing new', { from, owner: own });
    const after = read(next);
    expect(after.importance).toBeGreaterThan(understand(next, ours).importance + 15);
    const reason = after.importance_reasons.find(({ feature }) => feature === 'from:kim@customer.example');
    expect(reason?.log_odds).toBeGreaterThan(0);
    const log_odds = after.importance_reasons.reduce((sum, each) => sum + each.log_odds, -1);
    expect(after.importance).toBe(Math.round(100 / (1 + Math.exp(-log_odds))));
    const colleague = { ...next, owner: { ...own, mailbox: 'bob@acme.example' } };
    expect(read(colleague).importance).toBe(understand(colleague, ours).importance);
  });

  it('holds what was said last of a mail', () => {
    const { driver, say } = started();
    const one = mail(reports[0]!);
    say(one, 'spam', 'yes');
    say(one, 'spam', 'no');
    const { version, examples, correction } = driver.read(topics.learnt).at(-1)!;
    expect({ version, examples }).toEqual({ version: 2, examples: 1 });
    expect(correction.bias[0]).toBeLessThan(0);
  });

  it('says how well it foresaw what it was told, and how well the shipped model did', () => {
    const { driver, say } = started();
    for (let i = 0; i < 40; i++) say(mail(`${reports[i % 3]} ${i}`), 'sentiment', 'negative');
    const { log_loss, shipped_log_loss } = driver.read(topics.learnt).at(-1)!;
    expect(log_loss).toBeLessThan(0.5 * shipped_log_loss);
  });

  it('makes the same versions of the same feedback', () => {
    const versions = [0, 1].map(() => {
      count = 0;
      const { driver, say } = started();
      for (const text of reports) say(mail(text), 'category', 'billing');
      return driver.read(topics.learnt);
    });
    expect(versions[0]).toEqual(versions[1]);
  });

  it('goes into one record, whatever it was told', () => {
    const state = {
      ...{ version: 1, log_loss: 1, shipped_log_loss: 1 },
      correction: {
        features: Array.from({ length: weights_max / 10 }, (_, i) => 1_000_000 + i),
        ...{ weights: Array(weights_max).fill(0.1), mixing: Array(121).fill(0.1), bias: Array(11).fill(0.1) },
      },
      examples: Array.from({ length: examples_max }, () => ({
        email_id: 'f'.repeat(32),
        features: Array.from({ length: features_max }, (_, i) => 1_000_000 + i),
        ...{ values: Array(features_max).fill(0.1), said: Array(11).fill(0.1), label: 1 },
      })),
    };
    // What a client sends at most is 1,000,000 bytes.
    expect((learning().changelog as Topic<unknown>).codec.encode(state).length).toBeLessThan(900_000);
  });

  it('refuses a label that the model does not have', () => {
    const { driver, say } = started();
    say(mail('Hello'), 'sentiment', 'blue');
    say(mail('Hello'), 'weather', 'yes');
    expect(driver.rejected.map(({ cause }) => cause)).toEqual(['schema', 'schema']);
    expect(driver.read(topics.learnt)).toEqual([]);
  });
});
