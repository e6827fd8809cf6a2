/** What a conversation needs of a mail. */
import type { Draft } from '../../lib/lineage.ts';
import type { Email, EmailEnriched, ThreadLink, ThreadMail } from '../../schemas/generated.ts';
import { unanswered } from '../customer/waiting.ts';
import { isOurs, type OwnAddresses } from '../mail/direction.ts';
import { isByProgram } from '../mail/sender.ts';
import { isClosing } from './closing.ts';

/** From this probability on a mail asks for something, whatever thanks are in it. */
const asks_min = 0.5;

export function threadMailOf(mail: Omit<EmailEnriched, 'lineage'>, ours: OwnAddresses): ThreadMail {
  const { email, direction, category } = mail;
  return {
    email_id: email.email_id,
    owner: email.owner,
    message_id: email.message_id,
    anchor: anchorOf(email),
    direction,
    automatic: isMachine(mail) || (direction === 'inbound' && unanswered.has(category)),
    closing: direction === 'inbound' && mail.asks < asks_min && isClosing(email.text),
    writer: email.from.address,
    customer: direction === 'inbound' ? email.from.address : firstOutside(email, ours),
    subject: email.subject,
    category,
    sentiment_score: mail.sentiment === 'unscored' ? null : mail.sentiment_score,
    importance: mail.importance,
    received_at_ms: email.received_at_ms,
  };
}

/** Sent to whoever knows its thread: its anchor, or itself where it begins one. */
export const linkOf = (mail: ThreadMail): Draft<ThreadLink> => ({
  owner: mail.owner,
  message_id: mail.anchor || (mail.message_id ?? mail.email_id),
  mail,
  thread_id: null,
  links: 0,
});

/** The first reference is the thread's first mail wherever the writers' programs keep to RFC 5322 (3.6.4). */
function anchorOf({ references, in_reply_to, message_id }: Email): string {
  const anchor = references[0] ?? in_reply_to ?? '';
  return anchor === message_id ? '' : anchor;
}

/** As the view `mail_writers` has it: whoever is not a person there neither asks nor answers. */
function isMachine(mail: Omit<EmailEnriched, 'lineage'>): boolean {
  const { headers, from, subject } = mail.email;
  return (
    isByProgram(mail) ||
    mail.unsubscribes ||
    ['x-failed-recipients', 'x-autoreply', 'x-autorespond'].some(name => (headers[name] ?? '') !== '') ||
    /^multipart\/report\b/i.test(headers['content-type'] ?? '') ||
    /^mailer-daemon@/.test(from.address) ||
    /^\s*(re:\s*)*unsubscribe\b/i.test(subject)
  );
}

function firstOutside({ to, cc }: Email, ours: OwnAddresses): string {
  return [...to, ...cc].find(one => one.address !== '' && !isOurs(one, ours))?.address ?? '';
}
