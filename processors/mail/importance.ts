import type { Email } from '../../schemas/generated.ts';
import type { Category } from '../../schemas/labels.ts';
import type { Contribution } from '../explain.ts';
import { HashIndex } from '../text/hash-index.ts';
import { hashOf, kind, type Tokens } from '../text/tokens.ts';
import type { Asking } from './asks-model.ts';
import type { Automatic } from './automatic.ts';
import type { MailModel } from './model.ts';
import type { MailReading } from './reading.ts';
import { isAutoSubmitted, isBulk, isNoReply } from './sender.ts';

/**
 * How much a mail deserves to be read soon: a logistic model over social, content, thread and label features, after
 * Priority Inbox (Aberdeen, Pacovsky & Slater 2010), with stated weights for everybody and a difference from these that is learnt of
 * each mailbox (`processors/learning.ts`).
 */
export const importanceModel: MailModel = { name: 'importance', version: 'prior-3' };

/** Log-odds of a mail of which nothing is known: 27 of 100. */
export const importance_bias = -1;

const recipients_many_min = 10;
const thread_deep_min = 3;
const sentiment_notable_min = 0.3;
const asks_min = 0.5;

/** How the category moves importance, times its probability. A user's own categories have none but what he teaches. */
const category_weights: Readonly<Record<string, number>> = {
  sales: 1.2,
  support: 1.0,
  billing: 0.8,
  scheduling: 0.7,
  recruiting: 0.4,
  legal: 1.2,
  newsletter: -1.5,
  notification: -1.0,
  personal: 0.3,
  spam: -4.0,
  other: 0,
} satisfies Record<Category, number>;

/** A bounce says that one's own mail did not arrive; the header that every automatic mail has weighs against it already. */
const automatic_weights: Readonly<Record<Automatic, number>> = {
  '': 0,
  bounce: 0.5,
  auto_reply: -1.0,
  newsletter: -0.5,
  notification: -0.3,
};

const urgent_words =
  'urgent urgently asap immediately deadline overdue critical emergency escalate escalation outage eod'.split(' ');
const urgent = new HashIndex(urgent_words.map(hashOf));

/** What else the enrichment has found out about the mail. */
export interface Understood {
  readonly reading: MailReading;
  readonly asks: Asking;
  readonly automatic: Automatic;
  /** −1 to 1. */
  readonly sentiment_score: number;
  readonly category: string;
  /** Of that category, 0 to 1. */
  readonly category_probability: number;
}

/** Something seen in a mail that bears on its importance. */
export interface ImportanceFeature {
  readonly feature: string;
  /** What was seen, for a reader; at most `value_chars_max`. */
  readonly value: string;
  /** How strongly it is there, mostly 1. */
  readonly strength: number;
  /** Log-odds that it adds for everybody, at strength 1. */
  readonly prior: number;
  /** The mail where the feature is of its words, else empty. */
  readonly evidence_id: string;
}

/** What one user's ways add to the weight of a feature: log-odds at strength 1. */
export type WeightDelta = (feature: string) => number;

/** Each feature's share of the log-odds: everybody's weight and the mailbox's in one. */
export function contributions(features: readonly ImportanceFeature[], delta?: WeightDelta): Contribution[] {
  return features.map(({ feature, value, strength, prior, evidence_id }) => ({
    feature,
    value,
    evidence_id,
    log_odds: (prior + (delta?.(feature) ?? 0)) * strength,
  }));
}

/** Before they are rounded for a reader. */
export function logOddsOf(all: readonly Contribution[]): number {
  return all.reduce((sum, { log_odds }) => sum + log_odds, importance_bias);
}

/** Every feature of the mail, those for which everybody's weight is 0 left to the learning. */
export function importanceFeatures(email: Email, understood: Understood): ImportanceFeature[] {
  const features: ImportanceFeature[] = [];
  const add: Add = (feature, value, prior, strength = 1, evidence_id = '') =>
    void features.push({ feature, value: value.slice(0, value_chars_max), prior, strength, evidence_id });
  addSocial(email, add);
  addContent(email, understood, add);
  addThread(email, add);
  addLabels(email, understood, add);
  addCorrespondence(email, add);
  return features;
}

type Add = (feature: string, value: string, prior: number, strength?: number, evidence_id?: string) => void;

function addSocial({ to, cc, from }: Email, add: Add): void {
  const recipients = to.length + cc.length;
  if (recipients === 1) add('single_recipient', to[0]?.address ?? '', 0.5);
  if (recipients >= recipients_many_min) add('many_recipients', `${recipients} recipients`, -0.7);
  if (isNoReply(from.address)) add('no_reply_sender', from.address, -0.8);
}

function addContent(email: Email, understood: Understood, add: Add): void {
  const { sentiment_score } = understood;
  const id = email.email_id;
  // "In urgent cases please call": an automatic reply asks nothing of whom it answers.
  if (understood.automatic !== 'auto_reply') addWants(id, understood, add);
  if (sentiment_score <= -sentiment_notable_min) {
    add('negative_tone', sentiment_score.toFixed(2), 1, -sentiment_score, id);
  }
  if (email.attachments.length > 0) add('attachments', `${email.attachments.length}`, 0.2, 1, id);
}

function addWants(id: string, { reading, asks }: Understood, add: Add): void {
  const { subject, body, subject_form } = reading;
  if (asks.probability >= asks_min) add('asks', placeOf(asks), 0.9, asks.probability, id);
  else if (subject_form.questions > 0) add('asks', 'a question in the subject', 0.9, asks_min, id);
  const word = urgencyIn(subject) ?? urgencyIn(body);
  if (word !== undefined) add('urgent', word, 0.9, 1, id);
}

function addThread({ in_reply_to, references }: Email, add: Add): void {
  if (in_reply_to === null) return;
  add('reply', in_reply_to, 0.6);
  if (references.length >= thread_deep_min) add('long_thread', `${references.length} mails before`, 0.2);
}

function addLabels({ headers }: Email, understood: Understood, add: Add): void {
  const { category, category_probability, automatic } = understood;
  add(`category_${category}`, percent(category_probability), category_weights[category] ?? 0, category_probability);
  if (isBulk(headers)) add('bulk', headers['list-id'] ?? headers.precedence ?? 'List-Unsubscribe', -1.0);
  if (isAutoSubmitted(headers)) add('auto_submitted', headers['auto-submitted'] ?? '', -1.0);
  if (automatic !== '') add(`automatic_${automatic}`, 'no person wrote it', automatic_weights[automatic]);
  if (isMarked(headers, 'high', '1')) add('marked_high', 'by the sender', 0.6);
  if (isMarked(headers, 'low', '5')) add('marked_low', 'by the sender', -0.6);
}

/** What is of this one correspondence has no weight for everybody, only what a mailbox teaches. */
function addCorrespondence({ from, headers, thread_id }: Email, add: Add): void {
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
  const named = { from: from.address, domain, list: headers['list-id'] ?? '', thread: thread_id };
  for (const [what, name] of Object.entries(named)) {
    const value = name.slice(0, value_chars_max);
    if (value !== '') add(`${what}:${value}`, value, 0);
  }
}

/** Importance (RFC 2156) in words, X-Priority in digits from 1, the highest, to 5. */
function isMarked(headers: Email['headers'], word: string, digit: string): boolean {
  return (
    (headers.importance ?? '').trim().toLowerCase() === word || (headers['x-priority'] ?? '').trim().startsWith(digit)
  );
}

/** Where the sentence is, not what it says: reasons are shown to people who may not read the mail's words. */
function placeOf({ probability, start, end }: Asking): string {
  return `${percent(probability)}, most in characters ${start} to ${end} of the writer’s own words`;
}

function urgencyIn(tokens: Tokens): string | undefined {
  for (let at = 0; at < tokens.count; at++) {
    if (tokens.kind[at] !== kind.word) continue;
    const word = urgent.get(tokens.hash[at]!);
    if (word >= 0) return urgent_words[word];
  }
  return undefined;
}

/** A reason quotes headers, and a header can be any length. */
const value_chars_max = 120;

function percent(probability: number): string {
  return `${Math.round(100 * probability)} % sure`;
}
