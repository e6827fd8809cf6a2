/** An event as one NDJSON line: CloudEvents 1.0 in JSON (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md). */
import { z } from 'zod';
import type { EventReceived, Owner } from '../../schemas/generated.ts';
import { recordId } from './record-id.ts';
import { identifier, isEmailAddress, jsonObject, storedJson, time } from './schema.ts';

/** Extension attributes are allowed, as CloudEvents asks, and not kept. */
export const EventLine = z.looseObject({
  specversion: z.literal('1.0'),
  id: identifier,
  source: identifier,
  type: identifier,
  time: time.nullish(),
  /** The person's e-mail address; `data.email` where the subject is another thing. */
  subject: z.string().max(1024).nullish(),
  data: jsonObject.nullish(),
  data_base64: z.undefined({ error: 'expected data to be a JSON object; binary data is not read' }).optional(),
});

export function eventReceived(
  line: z.infer<typeof EventLine>,
  owner: Owner,
  now_ms: number,
): Omit<EventReceived, 'lineage'> {
  return {
    // CloudEvents: source and id together are unique.
    event_id: recordId(owner.organization_id, 'event', line.source, line.id),
    owner,
    name: line.type,
    person_email: personOf(line),
    occurred_at_ms: Math.min(line.time ?? now_ms, now_ms),
    received_at_ms: now_ms,
    data: storedJson(line.data ?? {}),
  };
}

function personOf({ subject, data }: z.infer<typeof EventLine>): string {
  for (const candidate of [subject, data?.email]) {
    if (typeof candidate !== 'string') continue;
    const address = candidate.trim().toLowerCase();
    if (isEmailAddress(address)) return address;
  }
  return '';
}
