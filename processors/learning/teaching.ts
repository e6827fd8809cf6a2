/** What a mail teaches of importance, or says was done with another. */
import type { Draft } from '../../lib/lineage.ts';
import type { EmailEnriched, MailAct, TeachingMail } from '../../schemas/generated.ts';
import type { Automatic } from '../mail/automatic.ts';
import { contributions, type ImportanceFeature, importanceFeatures, logOddsOf } from '../mail/importance.ts';
import { readMail } from '../mail/reading.ts';
import { isByProgram } from '../mail/sender.ts';
import { segmentsOf, wordsOf } from '../text/segments.ts';
import { actOf } from './acts.ts';
import { hashedFeatures, senderOf } from './features.ts';

/** None of a mail that teaches nothing and answers none. */
export function actsOf(mail: EmailEnriched): Draft<MailAct>[] {
  const { email } = mail;
  const found: Draft<MailAct>[] = [];
  if (reachedItsOwner(mail)) {
    found.push({ owner: email.owner, message_id: email.message_id ?? email.email_id, mail: teachingMailOf(mail) });
  }
  if (email.in_reply_to !== null && isByItsOwner(mail)) {
    found.push({ owner: email.owner, message_id: email.in_reply_to, mail: null });
  }
  return found;
}

/** What he wrote himself is not for him to read. Where the mailbox is no address, a colleague's mail cannot be told from his own. */
function reachedItsOwner({ direction, email: { from, owner } }: EmailEnriched): boolean {
  if (direction === 'outbound') return false;
  const mailbox = addressOf(owner.mailbox);
  return mailbox === null ? direction === 'inbound' : from.address !== mailbox;
}

/** A colleague's answer may lie in the mailbox too: it counts for his own, and where that is another one for none. */
function isByItsOwner(mail: EmailEnriched): boolean {
  if (isByProgram(mail)) return false;
  const { from, owner } = mail.email;
  const mailbox = addressOf(owner.mailbox);
  return mailbox === null ? mail.direction !== 'inbound' : from.address === mailbox;
}

const addressOf = (mailbox: string): string | null => (mailbox.includes('@') ? mailbox.toLowerCase() : null);

function teachingMailOf(mail: EmailEnriched): TeachingMail {
  const { email, direction, lineage } = mail;
  const features = importanceFeaturesOf(mail);
  const isPersons = direction === 'inbound' && !isByProgram(mail) && mail.category !== 'spam';
  return {
    owner: email.owner,
    email_id: email.email_id,
    sender: senderOf(email),
    ...hashedFeatures(features),
    said: logOddsOf(contributions(features)),
    received_at_ms: email.received_at_ms,
    act: actOf(mail),
    // What an import brings was answered or not long ago, and its answers may be in another file.
    awaits: isPersons && lineage.origin === 'live',
  };
}

/** As the enrichment had them, from what it said of the mail. */
export function importanceFeaturesOf(mail: Omit<EmailEnriched, 'lineage'>): ImportanceFeature[] {
  const { email, asks, automatic, sentiment_score, category, category_scores } = mail;
  const own = { ...email, text: wordsOf(email.text, segmentsOf(email.text, email.from.name)) || email.text };
  return importanceFeatures(own, {
    reading: readMail(own),
    asks: { probability: asks, start: 0, end: 0 },
    // The cast: the record has the name as text.
    automatic: automatic as Automatic,
    sentiment_score,
    category,
    category_probability: category_scores[category] ?? 0,
  });
}
