/** What mail headers say: ids, dates, addresses, and the few that later stages read. */
import type { Address } from '../../schemas/generated.ts';
import { capBytes, cleanIdentifier, cleanLine, decodeHeaderBytes } from './text.ts';

export type Headers = readonly { name: string; value: string }[];

/** An id that long is nobody's; RFC 5322 limits a line to 998. */
export const message_id_bytes_max = 512;
export const references_max = 100;
export const header_value_bytes_max = 1024;
const name_bytes_max = 128;
/** RFC 5321: 64 before the `@`, 255 behind it. */
const address_bytes_max = 320;
/** A mail makes a few dozen hops; each header is a date to read. */
const received_headers_max = 100;
/** No mail is older. */
const earliest_ms = Date.UTC(1990, 0, 1);

export function firstHeader(headers: Headers, name: string): string | null {
  return headers.find(header => header.name === name)?.value ?? null;
}

/** `<…>` as sent. A header without brackets is taken whole: some mailers forget them. */
export function messageIdOf(headers: Headers): string | null {
  const value = firstHeader(headers, 'message-id');
  if (value === null) return null;
  const bracketed = idsIn(value)[0];
  return bracketed ?? (capBytes(cleanLine(decodeHeaderBytes(value)), message_id_bytes_max) || null);
}

export function inReplyToOf(headers: Headers): string | null {
  return idsIn(firstHeader(headers, 'in-reply-to') ?? '')[0] ?? null;
}

/** The thread's first mail and the latest ones, where there are more than `references_max`. */
export function referencesOf(headers: Headers): string[] {
  const ids = headers.filter(header => header.name === 'references').flatMap(header => idsIn(header.value));
  const distinct = [...new Set(ids)];
  return distinct.length <= references_max ? distinct : [distinct[0]!, ...distinct.slice(1 - references_max)];
}

/** As sent but for the folding: spaces inside an identifier are odd, and part of it. */
function idsIn(value: string): string[] {
  return Array.from(value.matchAll(/<[^<>]{1,2000}>/g), ([id]) =>
    capBytes(cleanIdentifier(decodeHeaderBytes(id)), message_id_bytes_max),
  );
}

/** The Date header, whatever time the sender chose; null where it is none. */
export function sentAt(headers: Headers): number | null {
  const value = firstHeader(headers, 'date');
  return value === null ? null : parseDate(value);
}

/**
 * When the mail arrived: the newest Received header that is plausible (from 1990 on, not after now), for those are
 * written by the servers on the way; else a plausible Date; else now.
 */
export function receivedAt(headers: Headers, now_ms: number): number {
  const isPlausible = (at_ms: number | null): at_ms is number =>
    at_ms !== null && at_ms >= earliest_ms && at_ms <= now_ms;
  const received = headers.filter(header => header.name === 'received').slice(0, received_headers_max);
  for (const { value } of received) {
    const at_ms = parseDate(value.slice(value.lastIndexOf(';') + 1));
    if (isPlausible(at_ms)) return at_ms;
  }
  const sent_at_ms = sentAt(headers);
  return isPlausible(sent_at_ms) ? sent_at_ms : now_ms;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const zone_hours: Record<string, number> = { edt: -4, est: -5, cdt: -5, cst: -6, mdt: -6, mst: -7, pdt: -7, pst: -8 };
const rfc5322_date =
  /^\D{0,40}?(\d{1,2})[ \t-]{1,4}([A-Za-z]{3})[a-z]{0,6}[ \t.,-]{1,4}(\d{2,4})[ \t,]{1,4}(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\.\d{1,6})?[ \t]{0,4}(?:([+-])(\d{2}):?(\d{2})|\(?([A-Za-z]{1,5})\b)?/;
const asctime_date =
  /^[ \t]{0,4}[A-Za-z]{3},?[ \t]{1,4}([A-Za-z]{3})[ \t]{1,4}(\d{1,2})[ \t]{1,4}(\d{1,2}):(\d{2}):(\d{2})[ \t]{1,4}(?:([A-Z]{3,4})[ \t]{1,4})?(\d{4})/;

/**
 * Milliseconds since 1970, or null. RFC 5322 with its obsolete forms (section 4.3): a year of two digits is 1950 to
 * 2049, one of three counts from 1900 (mailers with the year-2000 fault wrote 102 for 2002), an unknown zone is UTC.
 */
export function parseDate(value: string): number | null {
  const text = value.slice(0, 200).replace(/\s+/g, ' ').trim();
  const rfc5322 = rfc5322_date.exec(text);
  if (rfc5322 !== null) {
    const [, day, month, year = '', hour, minute, second = '0', sign, zoneHour, zoneMinute, zone = ''] = rfc5322;
    const offset_minutes =
      sign === undefined
        ? (zone_hours[zone.toLowerCase()] ?? 0) * 60
        : (sign === '-' ? -1 : 1) * (Number(zoneHour) * 60 + Number(zoneMinute));
    return utc(fullYear(year), month, Number(day), Number(hour), Number(minute), Number(second), offset_minutes);
  }
  const asctime = asctime_date.exec(text);
  if (asctime !== null) {
    const [, month, day, hour, minute, second, zone = '', year] = asctime;
    const offset_minutes = (zone_hours[zone.toLowerCase()] ?? 0) * 60;
    return utc(Number(year), month, Number(day), Number(hour), Number(minute), Number(second), offset_minutes);
  }
  const iso = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(iso) ? null : iso;
}

function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length === 2) return year < 50 ? 2000 + year : 1900 + year;
  return digits.length === 3 ? 1900 + year : year;
}

function utc(
  year: number,
  monthName: string | undefined,
  day: number,
  hour: number,
  minute: number,
  second: number,
  offset_minutes: number,
): number | null {
  const month = months.indexOf((monthName ?? '').toLowerCase());
  // A leap second is read as the next second; a zone a day or more away is no zone.
  if (month < 0 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return null;
  const date = new Date(0);
  // Date.UTC would take years below 100 for those of the last century.
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(hour, minute, second);
  const zone_minutes = Math.abs(offset_minutes) < 24 * 60 ? offset_minutes : 0;
  return date.getTime() - zone_minutes * 60_000;
}

/** Lower case. What has no `@` is a name, not an address. */
export function cleanAddress({ name, address }: { name: string; address: string }): Address {
  const cleaned = cleanLine(address).replace(/\s+/g, '').toLowerCase();
  const isAddress = cleaned.includes('@') && Buffer.byteLength(cleaned) <= address_bytes_max;
  return {
    name: capBytes(cleanLine(name || (isAddress ? '' : address)), name_bytes_max),
    address: isAddress ? cleaned : '',
  };
}

/** What tells lists, robots, bounces and priorities apart. Content and routes stay in the original. */
const kept_headers = new Set([
  'auto-submitted',
  'content-language',
  'content-type',
  'errors-to',
  'feedback-id',
  'importance',
  'list-id',
  'list-post',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'precedence',
  'priority',
  'return-path',
  'sender',
  'user-agent',
  'x-auto-response-suppress',
  'x-autoreply',
  'x-autorespond',
  'x-failed-recipients',
  'x-loop',
  'x-mailer',
  'x-msmail-priority',
  'x-priority',
]);

export function keptHeaders(headers: Headers): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const { name, value } of headers) {
    if (!kept_headers.has(name) || kept[name] !== undefined) continue;
    kept[name] = capBytes(cleanLine(decodeHeaderBytes(value)), header_value_bytes_max);
  }
  return kept;
}

const mail_headers = new Set(
  'from to cc bcc subject date message-id received return-path reply-to sender mime-version content-type delivered-to in-reply-to references'.split(
    ' ',
  ),
);

export function looksLikeMail(headers: Headers): boolean {
  return headers.some(({ name }) => mail_headers.has(name));
}
