/** How a conversation stands after one mail more. Mails are taken in the order they were received, whenever they arrived. */
import type { ThreadMail, ThreadProgress } from '../../schemas/generated.ts';
import type { ConversationRules } from './rules.ts';

const writers_max = 50;

/** The order of a conversation's mails. */
export const byTime = (a: ThreadMail, b: ThreadMail): number =>
  a.received_at_ms - b.received_at_ms || (a.email_id < b.email_id ? -1 : Number(a.email_id > b.email_id));

/**
 * A customer's mail that asks begins a wait for us, unless one is on; our next mail ends it, and begins a wait for the customer, which
 * ends with the next mail from there or, after the working days of `rules`, by itself: then the conversation counts as resolved.
 * Thanks after an answer resolve it at once. What no person wrote, and what we write among ourselves, is counted and changes nothing.
 */
export function progressAfter(
  before: ThreadProgress | null,
  mail: ThreadMail,
  rules: Pick<ConversationRules, 'clock' | 'resolved_after_ms'>,
): ThreadProgress {
  const counted = countedAfter(before ?? blankFor(mail), mail);
  if (mail.automatic || mail.direction === 'internal') return counted;
  return mail.direction === 'inbound' ? afterTheirs(counted, mail) : afterOurs(counted, mail, rules);
}

/** What is counted of any mail, in whichever order. */
export function countedAfter(before: ThreadProgress, mail: ThreadMail): ThreadProgress {
  const { direction, writer, received_at_ms: at_ms } = mail;
  const [isIn, isOut] = [direction === 'inbound', direction === 'outbound'];
  const isKnown = writer === '' || before.writers.includes(writer) || before.writers.length === writers_max;
  return {
    ...before,
    customer: before.customer || mail.customer,
    writers: isKnown ? before.writers : [...before.writers, writer],
    mails_in: before.mails_in + Number(isIn),
    mails_out: before.mails_out + Number(isOut),
    mails_internal: before.mails_internal + Number(direction === 'internal'),
    mails_automatic: before.mails_automatic + Number(mail.automatic),
    first_at_ms: Math.min(before.first_at_ms, at_ms),
    last_at_ms: Math.max(before.last_at_ms, at_ms),
    last_in_at_ms: isIn ? Math.max(before.last_in_at_ms ?? at_ms, at_ms) : before.last_in_at_ms,
    last_out_at_ms: isOut ? Math.max(before.last_out_at_ms ?? at_ms, at_ms) : before.last_out_at_ms,
    first_owner: isIn && before.mails_in === 0 ? mail.owner : (before.first_owner ?? mail.owner),
    importance: isIn ? Math.max(before.importance, mail.importance) : before.importance,
  };
}

function afterTheirs(before: ThreadProgress, mail: ThreadMail): ThreadProgress {
  const at_ms = mail.received_at_ms;
  const isResolved = before.resolves_at_ms !== null && before.resolves_at_ms <= at_ms;
  const counted = {
    ...before,
    asks: before.asks + 1,
    category: before.asks === 0 ? mail.category : before.category,
    sentiment_score: mail.sentiment_score,
  };
  if (before.waiting === 'us') return counted;
  if (mail.closing && before.answered_at_ms !== null) {
    const resolves_at_ms = isResolved ? before.resolves_at_ms : at_ms;
    return { ...counted, waiting: 'nobody', waiting_since_ms: null, waiting_email_id: '', resolves_at_ms };
  }
  return {
    ...counted,
    waiting: 'us',
    waiting_since_ms: at_ms,
    waiting_email_id: mail.email_id,
    asked_at_ms: before.asked_at_ms ?? (before.answered_at_ms === null ? at_ms : null),
    resolves_at_ms: null,
    reopened: before.reopened + Number(isResolved),
  };
}

function afterOurs(
  before: ThreadProgress,
  mail: ThreadMail,
  { clock, resolved_after_ms }: Pick<ConversationRules, 'clock' | 'resolved_after_ms'>,
): ThreadProgress {
  const at_ms = mail.received_at_ms;
  const isOn = before.waiting === 'them';
  return {
    ...before,
    waiting: 'them',
    waiting_since_ms: isOn ? before.waiting_since_ms : at_ms,
    waiting_email_id: isOn ? before.waiting_email_id : mail.email_id,
    first_response_at_ms: before.first_response_at_ms ?? (before.asked_at_ms === null ? null : at_ms),
    answer_owner: before.answer_owner ?? mail.owner,
    answered_at_ms: at_ms,
    resolves_at_ms: clock.after(at_ms, resolved_after_ms),
  };
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
