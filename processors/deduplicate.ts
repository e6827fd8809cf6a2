/**
 * The first stage: keyed by record id, it remembers every record it has seen. The first arrival goes on; a later one
 * becomes a duplicate, and for a mail that reached a further mailbox a delivery.
 *
 * A delivery opens the mail to whose it is, and whoever hands a mail in says himself which one it is and whose: he proves that
 * he has it by handing in the very same. A Message-ID alone stands in every answer to it.
 */
import { defineProcessor, type StepContext } from '../lib/processor.ts';
import { type EmailReceived, type Lineage, type Owner, type Seen, seenSchema } from '../schemas/generated.ts';
import { submission_source } from '../schemas/submission.ts';
import { topics } from '../schemas/topics.ts';

const outputs = {
  email: topics.emailAccepted,
  crm: topics.crmAccepted,
  event: topics.eventAccepted,
  delivery: topics.delivery,
  duplicate: topics.duplicate,
};

const mailboxes_max = 1_000;

interface Arrival {
  record_id: string;
  kind: 'email' | 'crm' | 'event';
  owner: Owner;
  lineage: Lineage;
}

const firstSeen = ({ owner, lineage }: Arrival, original = ''): Seen => ({
  source: lineage.source,
  sequence: lineage.sequence,
  mailboxes: [owner.mailbox],
  original,
});

const original_chars = 16;
const originalOf = ({ email }: EmailReceived): string => email.original_sha256.slice(0, original_chars);

const isClaimed = (record: EmailReceived, seen: Seen): boolean =>
  record.lineage.source === submission_source && originalOf(record) !== seen.original;

const duplicateOf = (arrival: Arrival, seen: Seen, { at_ms }: StepContext) => ({
  record_id: arrival.record_id,
  owner: arrival.owner,
  kind: arrival.kind,
  first_source: seen.source,
  first_sequence: seen.sequence,
  seen_at_ms: at_ms,
});

const deliveryOf = ({ email }: EmailReceived) => ({
  email_id: email.email_id,
  owner: email.owner,
  received_at_ms: email.received_at_ms,
});

export const deduplicate = defineProcessor<
  { email: typeof topics.emailReceived; crm: typeof topics.crmChanged; event: typeof topics.eventReceived },
  Seen,
  typeof outputs
>({
  name: 'deduplicate',
  version: 2,
  inputs: { email: topics.emailReceived, crm: topics.crmChanged, event: topics.eventReceived },
  state: seenSchema,
  outputs,
  on: {
    email(record, seen, context) {
      const { email, lineage } = record;
      const arrival: Arrival = { record_id: email.email_id, kind: 'email', owner: email.owner, lineage };
      if (seen === null) {
        const state = firstSeen(arrival, originalOf(record));
        return { state, emit: { email: { email }, delivery: deliveryOf(record) } };
      }
      const duplicate = duplicateOf(arrival, seen, context);
      const isFurther = !seen.mailboxes.includes(email.owner.mailbox) && seen.mailboxes.length < mailboxes_max;
      if (!isFurther || isClaimed(record, seen)) {
        return { emit: { duplicate } };
      }
      const state = { ...seen, mailboxes: [...seen.mailboxes, email.owner.mailbox] };
      return { state, emit: { duplicate, delivery: deliveryOf(record) } };
    },
    crm(change, seen, context) {
      const arrival: Arrival = {
        record_id: change.change_id,
        kind: 'crm',
        owner: change.owner,
        lineage: change.lineage,
      };
      if (seen !== null) return { emit: { duplicate: duplicateOf(arrival, seen, context) } };
      return { state: firstSeen(arrival), emit: { crm: change } };
    },
    event(event, seen, context) {
      const arrival: Arrival = { record_id: event.event_id, kind: 'event', owner: event.owner, lineage: event.lineage };
      if (seen !== null) return { emit: { duplicate: duplicateOf(arrival, seen, context) } };
      return { state: firstSeen(arrival), emit: { event } };
    },
  },
});
