/** Whether a mail asks its reader for something, by the model that ships. */
import { shippedModel } from '../models.ts';
import { type Asking, AsksModel } from './asks-model.ts';
import type { MailModel } from './model.ts';
import type { MailReading } from './reading.ts';

const shipped = shippedModel('asks');
const model = new AsksModel(shipped);

export const asksModel: MailModel = { name: 'asks', version: shipped.version };

export function asksOf(reading: MailReading): Asking {
  return model.ofMail(reading);
}
