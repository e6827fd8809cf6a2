/** Whether a mail asks its reader for something. */
import { modelOnDemand } from '../models.ts';
import { type Asking, AsksModel } from './asks-model.ts';
import type { MailReading } from './reading.ts';

export const asksModel = modelOnDemand('asks', file => new AsksModel(file));

export function asksOf(reading: MailReading): Asking {
  return asksModel.loaded().ofMail(reading);
}
