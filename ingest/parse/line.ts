/** One NDJSON line: a CRM change, a CloudEvents event, or a raw mail. Bad data is an answer, never an exception. */
import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { messageOf } from '../../lib/errors.ts';
import type { CrmChanged, EventReceived, Owner } from '../../schemas/generated.ts';
import { CrmLine, crmChange } from './crm.ts';
import { EventLine, eventReceived } from './event.ts';
import { faultOf, isDeeperThan, json_depth_max, object_bytes_max } from './schema.ts';

export interface LineReject {
  /** A stable code. */
  cause: 'csv' | 'encoding' | 'json' | 'schema' | 'too-large';
  /** For people: the path and what was expected there. */
  message: string;
}

export type ParsedLine =
  | { kind: 'crm'; change: Omit<CrmChanged, 'lineage'> }
  | { kind: 'event'; event: Omit<EventReceived, 'lineage'> }
  /** A raw mail, for `parseMail`. */
  | { kind: 'mail'; bytes: Buffer }
  | { kind?: undefined; reject: LineReject };

const MailLine = z.strictObject({ mail: z.string().min(1) });
const MailBase64Line = z.strictObject({ mail_base64: z.base64().min(1) });

/** `owner` is the source's; a line may name another owner or team in it. `now_ms` is milliseconds since 1970. */
export function parseLine(bytes: Uint8Array, owner: Owner, now_ms: number): ParsedLine {
  // Decoding would put replacement characters into names and keep them for good; a converted file can be replayed.
  if (!isUtf8(bytes)) return rejected('encoding', 'the line is not UTF-8');
  let line: unknown;
  try {
    line = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch (error) {
    return rejected('json', `the line is not JSON: ${withoutWords(messageOf(error))}`);
  }
  return parseObject(line, owner, now_ms);
}

/** Node quotes the text around what it did not expect. It may be of a mail, whose words a dead letter does not tell. */
const withoutWords = (message: string): string => message.replace(/, (?:\.\.\.)?".*/s, '');

/** The same of a value that is parsed already. */
export function parseObject(line: unknown, owner: Owner, now_ms: number): ParsedLine {
  if (typeof line !== 'object' || line === null || Array.isArray(line))
    return rejected('schema', 'the line: expected a JSON object');
  if (isDeeperThan(line, json_depth_max))
    return rejected('too-large', `the line: expected JSON at most ${json_depth_max} levels deep`);
  if ('crm' in line) return parseCrm(line, owner, now_ms);
  if ('specversion' in line) return parseEvent(line, owner, now_ms);
  if ('mail' in line)
    return parseRawMail(
      MailLine.transform(({ mail }) => Buffer.from(mail, 'utf8')),
      line,
    );
  if ('mail_base64' in line)
    return parseRawMail(
      MailBase64Line.transform(({ mail_base64 }) => Buffer.from(mail_base64, 'base64')),
      line,
    );
  return rejected(
    'schema',
    'the line: expected "crm" (a CRM change), "specversion" (a CloudEvents event), "mail" or "mail_base64"',
  );
}

function parseCrm(line: object, owner: Owner, now_ms: number): ParsedLine {
  const parsed = CrmLine.safeParse(line);
  if (!parsed.success) return rejected('schema', faultOf(parsed.error));
  const change = crmChange(parsed.data, line, owner, now_ms);
  return isTooLarge(change.fields) ? tooLarge('fields') : { kind: 'crm', change };
}

function parseEvent(line: object, owner: Owner, now_ms: number): ParsedLine {
  const parsed = EventLine.safeParse(line);
  if (!parsed.success) return rejected('schema', faultOf(parsed.error));
  const event = eventReceived(parsed.data, owner, now_ms);
  return isTooLarge(event.data) ? tooLarge('data') : { kind: 'event', event };
}

function parseRawMail(schema: z.ZodType<Buffer>, line: object): ParsedLine {
  const parsed = schema.safeParse(line);
  return parsed.success ? { kind: 'mail', bytes: parsed.data } : rejected('schema', faultOf(parsed.error));
}

function isTooLarge(json: string): boolean {
  return Buffer.byteLength(json) > object_bytes_max;
}

function tooLarge(path: string): ParsedLine {
  return rejected('too-large', `${path}: expected at most ${object_bytes_max} bytes of JSON`);
}

function rejected(cause: LineReject['cause'], message: string): ParsedLine {
  return { reject: { cause, message: message.slice(0, 500) } };
}
