/** One raw mail as the record that later stages read. Bad data is an answer, never an exception. */
import { createHash } from 'node:crypto';
import type { Attachment, Email, Owner } from '../../schemas/generated.ts';
import { unsaid } from '../../schemas/signals.ts';
import {
  cleanAddress,
  firstHeader,
  inReplyToOf,
  keptHeaders,
  looksLikeMail,
  messageIdOf,
  receivedAt,
  referencesOf,
  sentAt,
} from './headers.ts';
import { MimeError, type MimeMail, parseMime } from './mime.ts';
import { splitQuotes } from './quotes.ts';
import { recordId } from './record-id.ts';
import { type KeptIn, signalsOf } from './signals.ts';
import { capBytes, cleanLine, cleanText, decodeHeaderBytes, decodeUtf7 } from './text.ts';

/** Whose mail it is, and when it is read (milliseconds since 1970): no clock is read here. */
export interface MailContext extends Owner {
  now_ms: number;
  /** A mailbox of its owner, whose word on it counts; absent for a mail that was handed in. */
  kept_in?: KeptIn;
}

export interface Reject {
  /** A stable code. */
  cause: 'empty' | 'not-a-mail' | 'mime';
  /** For people. */
  message: string;
}

export type ParsedMail =
  | { email: Email; attachments: { sha256: string; bytes: Buffer }[]; reject?: undefined }
  | { reject: Reject };

/**
 * What one record may carry. Together they stay below the broker's limit of 1 MiB even after enrichment adds to it;
 * the original in the store is whole.
 */
export const mail_limits = {
  text_bytes_max: 256 * 1024,
  quoted_text_bytes_max: 128 * 1024,
  subject_bytes_max: 16 * 1024,
  parts_max: 500,
  header_bytes_max: 1024 * 1024,
  attachments_max: 100,
  /** Of each of from, reply-to, to and cc. */
  addresses_max: 200,
  filename_bytes_max: 255,
  content_type_bytes_max: 127,
} as const;

export async function parseMail(bytes: Uint8Array, context: MailContext): Promise<ParsedMail> {
  const original = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const body = withoutEnvelope(original);
  if (body.length === 0) return { reject: { cause: 'empty', message: 'there is nothing in it' } };
  let mime: MimeMail;
  try {
    mime = await parseMime(body, {
      ...mail_limits,
      text_characters_max: mail_limits.text_bytes_max + mail_limits.quoted_text_bytes_max,
    });
  } catch (error) {
    if (!(error instanceof MimeError)) throw error;
    return { reject: { cause: 'mime', message: error.message } };
  }
  if (!looksLikeMail(mime.headers))
    return {
      reject: { cause: 'not-a-mail', message: 'it begins with no header that a mail has (From, To, Subject, Date, …)' },
    };
  return {
    email: emailOf(mime, original, context),
    attachments: mime.attachments.map(({ sha256, bytes: content }) => ({ sha256, bytes: content })),
  };
}

function emailOf(mime: MimeMail, original: Buffer, context: MailContext): Email {
  const { organization_id, mailbox, owner_id, team_id, now_ms, kept_in } = context;
  const original_sha256 = createHash('sha256').update(original).digest('hex');
  const message_id = messageIdOf(mime.headers);
  const email_id = recordId(organization_id, message_id ?? `original:${original_sha256}`);
  const references = referencesOf(mime.headers);
  const in_reply_to = inReplyToOf(mime.headers);
  return {
    email_id,
    owner: { organization_id, mailbox, owner_id, team_id },
    message_id,
    thread_id: references[0] ?? in_reply_to ?? message_id ?? email_id,
    in_reply_to,
    references,
    from: cleanAddress(senderOf(mime)),
    reply_to: mime.addresses['reply-to'].map(cleanAddress),
    to: mime.addresses.to.map(cleanAddress),
    cc: mime.addresses.cc.map(cleanAddress),
    sent_at_ms: sentAt(mime.headers),
    received_at_ms: receivedAt(mime.headers, now_ms),
    subject: capBytes(subjectOf(mime), mail_limits.subject_bytes_max),
    ...textsOf(mime.text),
    headers: keptHeaders(mime.headers),
    attachments: mime.attachments.map(attachmentOf),
    original_sha256,
    original_size_bytes: original.length,
    signals: kept_in ? signalsOf(mime.headers, kept_in) : { ...unsaid },
  };
}

export function textsOf(text: string): Pick<Email, 'text' | 'quoted_text' | 'text_truncated'> {
  const clean = cleanText(text);
  const { own, quoted } = splitQuotes(clean);
  const result = {
    text: capBytes(own, mail_limits.text_bytes_max),
    quoted_text: capBytes(quoted, mail_limits.quoted_text_bytes_max),
  };
  const reachedLimit = text.length >= mail_limits.text_bytes_max + mail_limits.quoted_text_bytes_max;
  return { ...result, text_truncated: reachedLimit || result.text !== own || result.quoted_text !== quoted };
}

function senderOf(mime: MimeMail): { name: string; address: string } {
  const first = mime.addresses.from[0] ?? { name: '', address: '' };
  if (first.address.includes('@')) return first;
  // Not an address by the grammar (an encoded word in it, a stray comma); what looks like one names the sender still.
  const header = capBytes(decodeHeaderBytes(firstHeader(mime.headers, 'from') ?? ''), 1_000);
  return { name: first.name || first.address, address: /[^\s<>()"',;:]+@[^\s<>()"',;:]+/.exec(header)?.[0] ?? '' };
}

function subjectOf(mime: MimeMail): string {
  const isUtf7 = /=\?utf-?7\?/i.test(firstHeader(mime.headers, 'subject') ?? '');
  return cleanLine(isUtf7 ? decodeUtf7(mime.subject) : mime.subject);
}

function attachmentOf({ filename, content_type, sha256, bytes }: MimeMail['attachments'][number]): Attachment {
  return {
    filename: capBytes(cleanLine(filename), mail_limits.filename_bytes_max),
    content_type: capBytes(cleanLine(content_type), mail_limits.content_type_bytes_max),
    size_bytes: bytes.length,
    sha256,
  };
}

/** Exports put an mbox From_ line or empty lines before the headers, where they would pass for the body. */
function withoutEnvelope(bytes: Buffer): Buffer {
  let at = 0;
  while (bytes[at] === 0x0a || bytes[at] === 0x0d) at++;
  if (/^>?From [^:]/.test(bytes.toString('latin1', at, at + 7))) {
    const lineEnd = bytes.indexOf(0x0a, at);
    at = lineEnd < 0 ? bytes.length : lineEnd + 1;
  }
  return bytes.subarray(at);
}
