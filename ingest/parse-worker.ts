/** The thread's side of parse-pool.ts. */
import { Tinypool, type Transferable } from 'tinypool';
import { type EncodedMail, parseAndEncode } from './parse/encoded.ts';
import type { MailContext, Reject } from './parse/mail.ts';

export interface ParseTask {
  /** The mails, one behind the other. */
  readonly bytes: ArrayBuffer;
  readonly ends: readonly number[];
  readonly contexts: readonly MailContext[];
}

export interface ParseReply {
  /** Of each mail that was parsed its record, then its attachments. */
  readonly bytes: ArrayBuffer;
  readonly mails: readonly MailReply[];
}

export type MailReply =
  | {
      readonly key: string;
      readonly size_bytes: number;
      readonly original_sha256: string;
      readonly attachments: readonly { readonly sha256: string; readonly size_bytes: number }[];
      readonly reject?: undefined;
    }
  | { readonly reject: Reject };

/** A mail is parsed in several turns of the event loop; as many share each. */
const parsed_at_once = 8;

export default async function parse({ bytes, ends, contexts }: ParseTask): Promise<unknown> {
  const parsed: EncodedMail[] = [];
  for (let first = 0; first < ends.length; first += parsed_at_once) {
    const some = ends.slice(first, first + parsed_at_once).map((end, i) => {
      const start = ends[first + i - 1] ?? 0;
      return parseAndEncode(Buffer.from(bytes, start, end - start), contexts[first + i] as MailContext);
    });
    parsed.push(...(await Promise.all(some)));
  }
  const reply = replyOf(parsed);
  return Tinypool.move({
    [Tinypool.transferableSymbol]: reply.bytes,
    [Tinypool.valueSymbol]: reply,
    // The cast: the package does not export the types of its own symbols.
  } as unknown as Transferable);
}

/** In one buffer of its own: a small one is a view of a large one that it shares with others, and cannot be handed over. */
function replyOf(parsed: readonly EncodedMail[]): ParseReply {
  const parts: Buffer[] = [];
  const mails = parsed.map((mail): MailReply => {
    if (mail.reject) return mail;
    const { draft, original_sha256, attachments } = mail;
    parts.push(draft.body, ...attachments.map(one => one.bytes));
    return {
      key: draft.key,
      size_bytes: draft.body.length,
      original_sha256,
      attachments: attachments.map(({ sha256, bytes }) => ({ sha256, size_bytes: bytes.length })),
    };
  });
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { bytes: bytes.buffer, mails };
}
