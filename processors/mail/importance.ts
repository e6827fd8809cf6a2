import type { Email } from '../../schemas/generated.ts';
import { type Contribution, type Explained, explain } from '../explain.ts';
import type { Category } from './category-weights.ts';
import type { MailModel } from './model.ts';
import { isAutoSubmitted, isBulk, isNoReply } from './sender.ts';
import type { MailSignals, TextSignals } from './words.ts';

/**
 * How much a mail deserves to be read soon: a logistic model over social, content, thread and label features, after
 * Priority Inbox (Aberdeen, Pacovsky & Slater 2010), with stated weights instead of learned ones.
 */
export const importanceModel: MailModel = { name: 'importance', version: 'prior-1' };

/** Log-odds of a mail of which nothing is known: 27 of 100. */
export const importance_bias = -1;

const recipients_many_min = 10;
const thread_deep_min = 3;
const sentiment_notable_min = 0.3;

/** How the category moves importance, times its probability. */
const category_weights: Readonly<Record<Category, number>> = {
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
};

const request_heads: ReadonlySet<string> = new Set(
  'please pls could can would kindly need want let send tell confirm advise call reply respond'.split(' '),
);
const request_phrases: ReadonlySet<string> = new Set([
  'could you',
  'can you',
  'would you',
  'can we',
  'could we',
  'please let',
  'please send',
  'please call',
  'please confirm',
  'please advise',
  'please review',
  'please provide',
  'please forward',
  'kindly send',
  'let me',
  'send me',
  'tell me',
  'call me',
  'need you',
  'need your',
  'want you',
  'would like',
  'confirm that',
  'advise if',
  'reply by',
  'respond by',
]);
const urgent_words: ReadonlySet<string> = new Set(
  'urgent urgently asap immediately deadline overdue critical emergency escalate escalation outage eod'.split(' '),
);

/** What else the enrichment has found out about the mail. */
export interface Understood {
  readonly signals: MailSignals;
  /** −1 to 1. */
  readonly sentiment_score: number;
  readonly category: Category;
  /** Of that category, 0 to 1. */
  readonly category_probability: number;
}

/** The importance, 0 to 100, and the reasons whose log-odds and `importance_bias` add up to it. */
export function importanceOf(email: Email, understood: Understood): Explained {
  return explain(importance_bias, [
    ...socialFeatures(email),
    ...contentFeatures(email, understood),
    ...threadFeatures(email),
    ...labelFeatures(email, understood),
  ]);
}

function* socialFeatures(email: Email): Generator<Contribution> {
  const recipients = email.to.length + email.cc.length;
  if (recipients === 1) yield because('single_recipient', email.to[0]?.address ?? '', 0.5);
  if (recipients >= recipients_many_min) yield because('many_recipients', `${recipients} recipients`, -0.7);
  if (isNoReply(email.from.address)) yield because('no_reply_sender', email.from.address, -0.8);
}

function* contentFeatures(email: Email, { signals, sentiment_score }: Understood): Generator<Contribution> {
  const id = email.email_id;
  const { subject, body } = signals;
  const request = requestIn(subject) ?? requestIn(body);
  if (request !== undefined) yield because('asks', request, 0.8, id);
  else if (subject.questions + body.questions > 0) yield because('asks', 'a question', 0.6, id);
  const urgent = urgencyIn(subject) ?? urgencyIn(body);
  if (urgent !== undefined) yield because('urgent', urgent, 0.9, id);
  if (sentiment_score <= -sentiment_notable_min) {
    yield because('negative_tone', sentiment_score.toFixed(2), -sentiment_score, id);
  }
  if (email.attachments.length > 0) yield because('attachments', `${email.attachments.length}`, 0.2, id);
}

function* threadFeatures(email: Email): Generator<Contribution> {
  if (email.in_reply_to === null) return;
  yield because('reply', email.in_reply_to, 0.6);
  const depth = email.references.length;
  if (depth >= thread_deep_min) yield because('long_thread', `${depth} mails before`, 0.2);
}

function* labelFeatures(email: Email, { category, category_probability }: Understood): Generator<Contribution> {
  const { headers } = email;
  yield because(
    `category_${category}`,
    percent(category_probability),
    category_weights[category] * category_probability,
  );
  if (isBulk(headers)) yield because('bulk', headers['list-id'] ?? headers.precedence ?? 'List-Unsubscribe', -1.0);
  if (isAutoSubmitted(headers)) yield because('auto_submitted', headers['auto-submitted'] ?? '', -1.0);
  if (isMarked(headers, 'high', '1')) yield because('marked_high', 'by the sender', 0.6);
  if (isMarked(headers, 'low', '5')) yield because('marked_low', 'by the sender', -0.6);
}

/** Importance (RFC 2156) in words, X-Priority in digits from 1, the highest, to 5. */
function isMarked(headers: Email['headers'], word: string, digit: string): boolean {
  return (
    (headers.importance ?? '').trim().toLowerCase() === word || (headers['x-priority'] ?? '').trim().startsWith(digit)
  );
}

/** The first words that ask the reader for something. */
function requestIn({ words }: TextSignals): string | undefined {
  for (let at = 0; at + 1 < words.length; at++) {
    const word = words[at] ?? '';
    if (!request_heads.has(word)) continue;
    const phrase = `${word} ${words[at + 1]}`;
    if (request_phrases.has(phrase)) return phrase;
  }
  return undefined;
}

function urgencyIn({ words }: TextSignals): string | undefined {
  return words.find(word => urgent_words.has(word));
}

function because(feature: string, value: string, log_odds: number, evidence_id = ''): Contribution {
  return { feature, value: value.slice(0, value_chars_max), log_odds, evidence_id };
}

/** A reason quotes headers, and a header can be any length. */
const value_chars_max = 120;

function percent(probability: number): string {
  return `${Math.round(100 * probability)} % sure`;
}
