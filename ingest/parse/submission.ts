/** A mail handed in by HTTP as JSON, rather than as it travelled. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Address, Email, Owner } from '../../schemas/generated.ts';
import { unsaid } from '../../schemas/signals.ts';
import { textsOf } from './mail.ts';
import { recordId } from './record-id.ts';
import { canonicalJson, emailAddress, faultOf, id_bytes_max, time } from './schema.ts';
import { cleanLine } from './text.ts';

const subject_characters_max = 200;
const recipients_max = 200;

const schema = z.strictObject({
  sender: emailAddress,
  subject: z.string().max(subject_characters_max),
  content: z.string(),
  recipients: z.array(emailAddress).max(recipients_max).default([]),
  date: time.optional(),
  message_id: z.string().min(1).max(id_bytes_max).optional(),
  idempotency_key: z.string().min(1).max(id_bytes_max).optional(),
});

export type Submission = { email: Email; original: Buffer } | { fault: string };

/**
 * The same submission twice is one mail: by its Message-ID, where it has none by the sender's idempotency key, or by all
 * it says. The time of receipt is now; a `date` is data.
 */
export function parseSubmission(value: unknown, owner: Owner, now_ms: number): Submission {
  const parsed = schema.safeParse(value);
  if (!parsed.success) return { fault: faultOf(parsed.error) };
  const { sender, subject, content, recipients, date, message_id, idempotency_key } = parsed.data;
  const original = Buffer.from(canonicalJson(parsed.data));
  const original_sha256 = createHash('sha256').update(original).digest('hex');
  const key = idempotency_key === undefined ? `original:${original_sha256}` : `key:${idempotency_key}`;
  const email_id = recordId(owner.organization_id, message_id ?? key);
  const email: Email = {
    email_id,
    owner,
    message_id: message_id ?? null,
    thread_id: message_id ?? email_id,
    in_reply_to: null,
    references: [],
    from: addressOf(sender),
    reply_to: [],
    to: recipients.map(addressOf),
    cc: [],
    sent_at_ms: date ?? null,
    received_at_ms: now_ms,
    subject: cleanLine(subject),
    ...textsOf(content),
    headers: {},
    attachments: [],
    original_sha256,
    original_size_bytes: original.length,
    signals: { ...unsaid },
  };
  return { email, original };
}

const addressOf = (address: string): Address => ({ name: '', address });
