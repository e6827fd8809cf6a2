/** How a conversation stands after its mails. They are taken in the order they were received, whenever they arrived. */
import type { ThreadMail, ThreadProgress } from '../../schemas/generated.ts';
import type { ConversationRules } from './rules.ts';

const writers_max = 50;

/** The order of a conversation's mails. */
export const byTime = (a: ThreadMail, b: ThreadMail): number =>
  a.received_at_ms - b.received_at_ms || (a.email_id < b.email_id ? -1 : Number(a.email_id > b.email_id));

type Rules = Pick<ConversationRules, 'clock' | 'resolved_after_ms'>;

/**
 * How it stands after the mails, which come in their order and after all that `base` is made of; null where there is neither.
 *
 * A customer's mail that asks begins a wait for us, unless one is on; our next mail ends it, and begins a wait for the customer, which
 * ends with the next mail from there or, after the working days of `rules`, by itself: then the conversation counts as resolved.
 * Thanks after an answer resolve it at once. What no person wrote, and what we write among ourselves, is counted and changes nothing.
 */
export function progressOf(
  base: ThreadProgress | null,
  mails: readonly ThreadMail[],
  rules: Rules,
): ThreadProgress | null {
  const [first] = mails;
  if (first === undefined) return base;
  // One copy for all: a record is folded with everything that is kept of its thread.
  const progress = base === null ? blankFor(first) : { ...base };
  for (const mail of mails) {
    count(progress, mail);
    if (mail.automatic || mail.direction === 'internal') continue;
    if (mail.direction === 'inbound') takeTheirs(progress, mail);
    else takeOurs(progress, mail, rules);
  }
  return progress;
}

/** With a mail that is only counted. */
export function countedWith(base: ThreadProgress, mail: ThreadMail): ThreadProgress {
  const progress = { ...base };
  count(progress, mail);
  return progress;
}

function count(progress: ThreadProgress, mail: ThreadMail): void {
  const { direction, writer, received_at_ms: at_ms } = mail;
  if (progress.customer === '') progress.customer = mail.customer;
  if (writer !== '' && progress.writers.length < writers_max && !progress.writers.includes(writer))
    progress.writers = [...progress.writers, writer];
  if (direction === 'inbound') {
    if (progress.mails_in === 0) progress.first_owner = mail.owner;
    progress.mails_in++;
    progress.last_in_at_ms = Math.max(progress.last_in_at_ms ?? at_ms, at_ms);
    progress.importance = Math.max(progress.importance, mail.importance);
  } else if (direction === 'outbound') {
    progress.mails_out++;
    progress.last_out_at_ms = Math.max(progress.last_out_at_ms ?? at_ms, at_ms);
  } else progress.mails_internal++;
  progress.first_owner ??= mail.owner;
  if (mail.automatic) progress.mails_automatic++;
  progress.first_at_ms = Math.min(progress.first_at_ms, at_ms);
  progress.last_at_ms = Math.max(progress.last_at_ms, at_ms);
}

function takeTheirs(progress: ThreadProgress, mail: ThreadMail): void {
  const at_ms = mail.received_at_ms;
  const isResolved = progress.resolves_at_ms !== null && progress.resolves_at_ms <= at_ms;
  if (progress.asks === 0) progress.category = mail.category;
  progress.asks++;
  progress.sentiment_score = mail.sentiment_score;
  if (progress.waiting === 'us') return;
  if (mail.closing && progress.answered_at_ms !== null) {
    wait(progress, 'nobody', null);
    if (!isResolved) progress.resolves_at_ms = at_ms;
    return;
  }
  wait(progress, 'us', mail);
  if (progress.answered_at_ms === null) progress.asked_at_ms ??= at_ms;
  progress.resolves_at_ms = null;
  if (isResolved) progress.reopened++;
}

function takeOurs(progress: ThreadProgress, mail: ThreadMail, { clock, resolved_after_ms }: Rules): void {
  const at_ms = mail.received_at_ms;
  if (progress.waiting !== 'them') wait(progress, 'them', mail);
  if (progress.asked_at_ms !== null) progress.first_response_at_ms ??= at_ms;
  progress.answer_owner ??= mail.owner;
  progress.answered_at_ms = at_ms;
  progress.resolves_at_ms = clock.after(at_ms, resolved_after_ms);
}

function wait(progress: ThreadProgress, on: ThreadProgress['waiting'], since: ThreadMail | null): void {
  progress.waiting = on;
  progress.waiting_since_ms = since?.received_at_ms ?? null;
  progress.waiting_email_id = since?.email_id ?? '';
}

export function blankFor({ subject, category, received_at_ms }: ThreadMail): ThreadProgress {
  return {
    subject,
    customer: '',
    category,
    writers: [],
    mails_in: 0,
    mails_out: 0,
    mails_internal: 0,
    mails_automatic: 0,
    asks: 0,
    first_at_ms: received_at_ms,
    last_at_ms: received_at_ms,
    last_in_at_ms: null,
    last_out_at_ms: null,
    first_owner: null,
    answer_owner: null,
    waiting: 'nobody',
    waiting_since_ms: null,
    waiting_email_id: '',
    asked_at_ms: null,
    first_response_at_ms: null,
    answered_at_ms: null,
    resolves_at_ms: null,
    reopened: 0,
    sentiment_score: null,
    importance: 0,
  };
}
