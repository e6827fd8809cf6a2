/** Whether a mail is spam. */
import type { Email } from '../../schemas/generated.ts';
import { modelOnDemand } from '../models.ts';
import type { MailReading } from './reading.ts';
import { SpamModel } from './spam-model.ts';

export const spamModel = modelOnDemand('spam', file => new SpamModel(file));

/** The probability, 0 to 1, in a mailbox where one mail of a hundred is spam. */
export function spamOf(email: Email, reading: MailReading): number {
  return spamModel.loaded().probability(email, reading);
}
