/** The thread's side of parse-pool.ts. */
import { type MailContext, type ParsedMail, parseMail } from './parse/mail.ts';

export interface ParseTask {
  /** The mails, one behind the other. */
  readonly bytes: ArrayBuffer;
  readonly ends: readonly number[];
  readonly contexts: readonly MailContext[];
}

export default async function parse({ bytes, ends, contexts }: ParseTask): Promise<ParsedMail[]> {
  const parsed: ParsedMail[] = [];
  for (const [i, context] of contexts.entries()) {
    const start = ends[i - 1] ?? 0;
    parsed.push(compact(await parseMail(Buffer.from(bytes, start, (ends[i] ?? start) - start), context)));
  }
  return parsed;
}

/** A small buffer is a view of a large one that it shares with others, and all of that would be sent. */
function compact(parsed: ParsedMail): ParsedMail {
  if (parsed.reject) return parsed;
  const attachments = parsed.attachments.map(one => ({ ...one, bytes: Buffer.from(new Uint8Array(one.bytes).buffer) }));
  return { ...parsed, attachments };
}
