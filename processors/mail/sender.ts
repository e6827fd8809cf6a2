import type { Email, EmailEnriched } from '../../schemas/generated.ts';

/** A mailing list's own headers, or the sender saying that many got this. */
export function isBulk(headers: Email['headers']): boolean {
  if (headers['list-id'] !== undefined || headers['list-unsubscribe'] !== undefined) return true;
  return bulk_precedences.has(wordOf(headers.precedence));
}

/** RFC 3834: written by a program, not answered by one either. */
export function isAutoSubmitted(headers: Email['headers']): boolean {
  const value = headers['auto-submitted'];
  return value !== undefined && value.trim().toLowerCase() !== 'no';
}

/** RFC 3834's word, and those that programs had before it. */
export function isAutoReply(headers: Email['headers']): boolean {
  if (wordOf(headers['auto-submitted']).startsWith('auto-replied')) return true;
  if (headers['x-autoreply'] !== undefined || headers['x-autorespond'] !== undefined) return true;
  return wordOf(headers.precedence) === 'auto_reply';
}

/** A report on a mail that did not arrive (RFC 3464), or what mail servers said before there were reports. */
export function isBounce({ headers, from }: Pick<Email, 'headers' | 'from'>): boolean {
  const type = wordOf(headers['content-type']);
  if (type.startsWith('multipart/report') && type.includes('delivery-status')) return true;
  if (headers['x-failed-recipients'] !== undefined) return true;
  return isFromNowhere(headers) && server_names.has(nameOf(from.address));
}

/** RFC 5321's null return path: nobody who could be told of a failure. */
export function isFromNowhere(headers: Email['headers']): boolean {
  return headers['return-path']?.trim() === '<>';
}

/** No person wrote it, as far as its headers say: a program, a list, or a mail server about a mail that did not arrive. */
export function isAutomatic(headers: Email['headers']): boolean {
  return isAutoSubmitted(headers) || isBulk(headers) || isAutoReply(headers) || isFromNowhere(headers);
}

/** The same of a mail that was enriched: its words can say it too. */
export function isByProgram({ automatic, email }: Pick<EmailEnriched, 'automatic' | 'email'>): boolean {
  return automatic !== '' || isAutomatic(email.headers);
}

/** The sender asks not to be answered. */
export function isNoReply(address: string): boolean {
  const name = nameOf(address).replaceAll(/[-_.+]/g, '');
  return no_reply_names.some(each => name.includes(each));
}

/** A part of a server, or an address that programs write from. */
export function isMachineName(address: string): boolean {
  return server_names.has(nameOf(address)) || machine_names.has(nameOf(address)) || isNoReply(address);
}

export function isNewsletterName(address: string): boolean {
  return newsletter_names.has(nameOf(address));
}

function nameOf(address: string): string {
  return address.slice(0, Math.min(name_chars_max, Math.max(0, address.indexOf('@'))));
}

function wordOf(header: string | undefined): string {
  return (header ?? '').trim().toLowerCase();
}

/** RFC 5321, 4.5.3.1.1. */
const name_chars_max = 64;

const bulk_precedences: ReadonlySet<string> = new Set(['bulk', 'list', 'junk']);
const no_reply_names: readonly string[] = ['noreply', 'donotreply', 'mailerdaemon', 'bounce'];
const server_names: ReadonlySet<string> = new Set(['mailer-daemon', 'postmaster', 'mailerdaemon', 'mail-daemon']);
const machine_names: ReadonlySet<string> = new Set(
  'alert alerts notification notifications notify notifier automailer autoresponder cron root daemon monitoring nagios jenkins'.split(
    ' ',
  ),
);
const newsletter_names: ReadonlySet<string> = new Set(
  'newsletter newsletters news digest marketing updates editor promo offers'.split(' '),
);
