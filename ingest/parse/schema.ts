/** Shared by the schemas of NDJSON lines: fields that bad data must not get past, and faults in words. */
import { z } from 'zod';
import { capBytes, cleanLine } from './text.ts';

export const id_bytes_max = 512;
const line_text_bytes_max = 1024;
/** What one record may carry of a line's own object; the broker refuses records of 1 MiB. */
export const object_bytes_max = 512 * 1024;

/** An identifier, kept as it is: a clean or cut one could be another object's. */
export const identifier = z
  .string()
  .min(1)
  .max(id_bytes_max)
  .refine(isPlain, 'expected text without control characters');

/** One line of text for people, cleaned and cut. */
export const lineText = z.string().transform(text => capBytes(cleanLine(text), line_text_bytes_max));

export const emailAddress = z
  .string()
  .transform(text => text.trim().toLowerCase())
  .refine(isEmailAddress, 'expected an e-mail address');

export function isEmailAddress(text: string): boolean {
  return /^[^\s<>@]{1,64}@[^\s<>@]{1,255}$/.test(text);
}

/** ISO 8601 as milliseconds since 1970; a time without a zone is UTC, a date alone its beginning. */
export const time = z
  .string()
  .refine(text => !Number.isNaN(parseTime(text)), 'expected an ISO 8601 time such as 2025-03-14T09:30:00Z')
  .transform(parseTime);

function parseTime(text: string): number {
  const match = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(text);
  if (match === null) return Number.NaN;
  const iso = text.replace(' ', 'T');
  return Date.parse(iso.includes('T') && match[1] === undefined ? `${iso}Z` : iso);
}

export const jsonObject = z.record(z.string(), z.unknown());

/** The first fault, as `path: expected …, got …`, and how many more there are. */
export function faultOf(error: z.ZodError): string {
  const [first, ...more] = error.issues;
  const path = first === undefined || first.path.length === 0 ? 'the line' : first.path.join('.');
  const message = (first?.message ?? 'invalid').replace(/^Invalid input: /, '');
  return `${path}: ${message}${more.length > 0 ? ` (and ${more.length} more)` : ''}`.slice(0, 500);
}

/** Deeper JSON is an attack on whoever walks it next. */
export const json_depth_max = 64;

export function isDeeperThan(value: unknown, depth_max: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= depth_max; depth++) {
    level = level.flatMap(inner => (typeof inner === 'object' && inner !== null ? Object.values(inner) : []));
    if (level.length === 0) return false;
  }
  return true;
}

/** JSON to store: without NUL and lone surrogates, which JSON may name (`\\u0000`, `\\ud800`) and engines refuse. */
export function storedJson(value: unknown): string {
  return JSON.stringify(value).replace(/\\(?:u(?:0000|d[89a-f][0-9a-f]{2})|.)/g, escaped =>
    escaped.length === 6 && /0000|ud/.test(escaped) ? '\ufffd' : escaped,
  );
}

/** JSON with sorted keys, so that an export with other key order has the same text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function isPlain(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  return !/[\u0000-\u001f\u007f\ufffd]/.test(text) && !/[\ud800-\udfff]/u.test(text);
}
