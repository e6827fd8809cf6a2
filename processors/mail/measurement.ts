import type { Draft } from '../../lib/lineage.ts';
import type { EmailEnriched, EventReceived, Measurement } from '../../schemas/generated.ts';

const measures = { inbound: 'mail_in', outbound: 'mail_out', internal: 'mail_internal' } as const;

/** None for history: it is aggregated where it is stored, and has no place in the windows of now. */
export function measurementOfMail(mail: EmailEnriched): Draft<Measurement>[] {
  const { email, direction, category, sentiment_score, lineage } = mail;
  if (lineage.origin === 'backfill') return [];
  const { owner, received_at_ms: at_ms, email_id: record_id } = email;
  return [{ owner, category, measure: measures[direction], value: sentiment_score, at_ms, record_id }];
}

/** `at_ms` is when the event occurred, never later than its arrival. */
export function measurementOfEvent(event: EventReceived, at_ms: number): Draft<Measurement>[] {
  const { owner, event_id: record_id, lineage } = event;
  if (lineage.origin === 'backfill') return [];
  return [{ owner, category: '', measure: 'event', value: 1, at_ms, record_id }];
}
