import type { Email } from '../../schemas/generated.ts';

/** A mailing list's own headers, or the sender saying that many got this. */
export function isBulk(headers: Email['headers']): boolean {
  if (headers['list-id'] !== undefined || headers['list-unsubscribe'] !== undefined) return true;
  return bulk_precedences.has((headers.precedence ?? '').trim().toLowerCase());
}

/** RFC 3834: written by a program, not answered by one either. */
export function isAutoSubmitted(headers: Email['headers']): boolean {
  const value = headers['auto-submitted'];
  return value !== undefined && value.trim().toLowerCase() !== 'no';
}

/** No person wrote it: a program, a list, or a mail server about a mail that did not arrive (RFC 5321's null return path). */
export function isAutomatic(headers: Email['headers']): boolean {
  return isAutoSubmitted(headers) || isBulk(headers) || headers['return-path']?.trim() === '<>';
}

/** The sender asks not to be answered. */
export function isNoReply(address: string): boolean {
  const name = address.slice(0, address.indexOf('@')).replaceAll(/[-_.+]/g, '');
  return no_reply_names.some(each => name.includes(each));
}

const bulk_precedences: ReadonlySet<string> = new Set(['bulk', 'list', 'junk']);
const no_reply_names: readonly string[] = ['noreply', 'donotreply', 'mailerdaemon', 'bounce'];
