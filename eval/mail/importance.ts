/**
 * Whether what somebody answered foretells what he will answer: of each of those who answered most on some mailing lists, what came on
 * his lists, in the order of receipt, each mail scored as it comes, and taught by his answer when that comes, or by its absence. And
 * the same of all as if they were one.
 *
 * A stand-in for mailboxes: nobody answers a list as he does his own mail, and what he answered in another part of the archive
 * counts as left. Nothing here was fitted to it.
 */
import { Corrector } from '../../lib/correction.ts';
import { drive } from '../../lib/test-driver.ts';
import { acts } from '../../processors/acts.ts';
import { actsOf } from '../../processors/learning/teaching.ts';
import { learning } from '../../processors/learning.ts';
import { enrichMail } from '../../processors/mail/index.ts';
import type { Email, Learnt, Lineage, MailAct, Measurement, TeachingMail } from '../../schemas/generated.ts';
import { topics } from '../../schemas/topics.ts';
import type { Figure } from '../figure.ts';
import { auc } from '../measures.ts';

const ours = { domains: [], addresses: [] };
const day_ms = 24 * 60 * 60 * 1000;
/** Of an owner with fewer the area says little. */
const answers_min = 15;

interface ListMail {
  readonly email: Email;
  readonly list: string;
  readonly teaching: TeachingMail;
}

export function* importanceFigures(mails: readonly Email[], data: string): Generator<Figure> {
  const listed = mails.flatMap(listMailOf).sort((a, b) => a.email.received_at_ms - b.email.received_at_ms);
  const answers = answersIn(listed);
  const owners = [...answers].filter(([, ids]) => ids.size >= answers_min);
  yield* figuresOf(
    `of ${owners.length} people each`,
    owners.map(([owner, ids]) => areasOf(owner, listed, ids)),
    data,
  );
  const all = new Set([...answers.values()].flatMap(ids => [...ids]));
  if (all.size >= answers_min) yield* figuresOf('of anybody', [areasOf(null, listed, all)], data);
}

interface Areas {
  readonly shipped: number;
  readonly learnt: number;
  readonly examples: number;
}

function* figuresOf(whose: string, areas: readonly Areas[], data: string): Generator<Figure> {
  if (areas.length === 0) return;
  const mean = (read: (of: Areas) => number): number => areas.reduce((sum, each) => sum + read(each), 0) / areas.length;
  const about = { data, measure: 'AUC' as const, examples: areas.reduce((sum, { examples }) => sum + examples, 0) };
  const what = `importance foretells answers ${whose}`;
  yield { ...about, what: `${what}, as shipped`, value: mean(({ shipped }) => shipped) };
  yield { ...about, what: `${what}, learning`, value: mean(({ learnt }) => learnt) };
}

function listMailOf(email: Email): ListMail[] {
  const list = email.headers['list-id'] ?? '';
  if (list === '') return [];
  const [act] = actsOf({ email, lineage, ...enrichMail(email, ours) });
  return act?.mail ? [{ email, list, teaching: act.mail }] : [];
}

/** By who answered, the Message-IDs of others' mails. */
function answersIn(mails: readonly ListMail[]): ReadonlyMap<string, ReadonlySet<string>> {
  const writers = new Map(mails.map(({ email }) => [email.message_id, email.from.address]));
  const answers = new Map<string, Set<string>>();
  for (const { email } of mails) {
    const { in_reply_to, from } = email;
    const writer = in_reply_to === null ? undefined : writers.get(in_reply_to);
    if (in_reply_to === null || writer === undefined || writer === from.address) continue;
    answers.set(from.address, (answers.get(from.address) ?? new Set()).add(in_reply_to));
  }
  return answers;
}

/** Null is anybody. */
function areasOf(owner: string | null, mails: readonly ListMail[], answered: ReadonlySet<string>): Areas {
  const lists = new Set(
    mails.filter(({ email }) => email.from.address === (owner ?? email.from.address)).map(({ list }) => list),
  );
  const read = mails.filter(({ list }) => lists.has(list));
  const theirs = read.filter(({ email }) => email.from.address !== owner);
  const learnt = scoresOf(owner, read, answered);
  const area = (scores: readonly number[]): number => {
    const of = (actual: boolean): number[] =>
      scores.filter((_, i) => answered.has(theirs[i]?.email.message_id ?? '') === actual);
    return auc(of(true), of(false));
  };
  const shipped = theirs.map(({ teaching }) => teaching.said);
  return { shipped: area(shipped), learnt: area(learnt), examples: theirs.length };
}

/** The log-odds of each mail of others as it comes, by what was learnt until then. */
function scoresOf(owner: string | null, mails: readonly ListMail[], answered: ReadonlySet<string>): number[] {
  const driver = drive([acts, learning()]);
  const scores: number[] = [];
  const writers = new Map<string, string>();
  let told_ms = 0;
  let known: Learnt | undefined;
  let corrector: Corrector | null = null;
  for (const { email, teaching } of mails) {
    const { message_id, in_reply_to, received_at_ms: at_ms } = email;
    if (message_id !== null) writers.set(message_id, email.from.address);
    const whose = { ...email.owner, mailbox: owner ?? '' };
    if (at_ms - told_ms >= day_ms) {
      const tick: Measurement = {
        owner: whose,
        category: '',
        measure: 'tick',
        value: 1,
        at_ms,
        record_id: '',
        lineage,
      };
      driver.feed(topics.measurement, tick, at_ms);
      told_ms = at_ms;
    }
    const newest = driver.read(topics.learnt).at(-1);
    if (newest && newest !== known) corrector = new Corrector(newest.correction);
    known = newest;
    const { said, features, values } = teaching;
    if (email.from.address !== owner) {
      scores.push(corrector?.scores([said], features, values)[0] ?? said);
      const act = { owner: whose, message_id: message_id ?? email.email_id, lineage };
      // A person's, though a list brought it: that it was left says something here.
      driver.feed<MailAct>(topics.mailAct, { ...act, mail: { ...teaching, owner: whose, awaits: true } }, at_ms);
    }
    const isOwners = owner === null || email.from.address === owner;
    const writer = writers.get(in_reply_to ?? '');
    if (isOwners && in_reply_to !== null && answered.has(in_reply_to) && writer !== email.from.address) {
      driver.feed<MailAct>(topics.mailAct, { owner: whose, message_id: in_reply_to, mail: null, lineage }, at_ms);
    }
  }
  return scores;
}

const lineage: Lineage = {
  ...{ source: 'eval', sequence: 0, origin: 'live' as const, ingested_at_ms: 0 },
  ...{ hops: [], traceparent: null },
};
