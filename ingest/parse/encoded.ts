/** A parsed mail as the bytes of its record: what a thread that parses can hand over without a copy. */
import { draftEncoder, type EncodedDraft } from '../../lib/draft.ts';
import type { EmailReceived } from '../../schemas/generated.ts';
import { topics } from '../../schemas/topics.ts';
import { type MailContext, parseMail, type Reject } from './mail.ts';

export type EncodedMail =
  | {
      draft: EncodedDraft<EmailReceived>;
      original_sha256: string;
      attachments: { sha256: string; bytes: Buffer }[];
      reject?: undefined;
    }
  | { reject: Reject };

const encode = draftEncoder(topics.emailReceived);

export async function parseAndEncode(bytes: Uint8Array, context: MailContext): Promise<EncodedMail> {
  const parsed = await parseMail(bytes, context);
  if (parsed.reject) return parsed;
  const { email, attachments } = parsed;
  return { draft: encode({ email }), original_sha256: email.original_sha256, attachments };
}
