/** Whether a mail is spam, by the model that ships. */
import type { Email } from '../../schemas/generated.ts';
import { shippedModel } from '../models.ts';
import type { MailModel } from './model.ts';
import type { MailReading } from './reading.ts';
import { SpamModel } from './spam-model.ts';

const shipped = shippedModel('spam');
const model = new SpamModel(shipped);

export const spamModel: MailModel = { name: 'spam', version: shipped.version };

/** The probability, 0 to 1, in a mailbox where one mail of a hundred is spam. */
export function spamOf(email: Email, reading: MailReading): number {
  return model.probability(email, reading);
}
