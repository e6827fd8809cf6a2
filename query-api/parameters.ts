/** Query parameters and bodies as typed values; one problem names every fault. */
import { z } from 'zod';
import { isTimeZone } from '../lib/calendar.ts';
import { type HttpRequest, Problem } from '../lib/http.ts';

export interface Fault {
  readonly field: string;
  readonly message: string;
}

/** Throws Problem 400 with `faults`. An unknown or repeated parameter is a fault: a typo must not widen an answer. */
export function parseQuery<T>(schema: z.ZodType<T>, request: HttpRequest): T {
  const given: Record<string, string> = {};
  const repeated: Fault[] = [];
  for (const [name, value] of request.query) {
    if (Object.hasOwn(given, name)) repeated.push({ field: name, message: 'is given more than once' });
    else define(given, name, value);
  }
  return parse(schema, given, 'the query parameters do not fit', repeated);
}

/** Parameters that were put together already. Throws Problem 400 with `faults`. */
export function parseGiven<T>(schema: z.ZodType<T>, given: unknown): T {
  return parse(schema, given, 'the query parameters do not fit', []);
}

/** Throws Problem 400 with `faults`. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  return parse(schema, body, 'the body does not fit', []);
}

function parse<T>(schema: z.ZodType<T>, value: unknown, what: string, found: readonly Fault[]): T {
  const parsed = schema.safeParse(value);
  const faults = [...found, ...(parsed.success ? [] : parsed.error.issues.flatMap(faultsOf))];
  if (parsed.success && faults.length === 0) return parsed.data;
  const named = faults.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)).join('; ');
  throw new Problem(400, `${what}: ${named}`, { members: { faults } });
}

function faultsOf(issue: z.core.$ZodIssue): Fault[] {
  const field = issue.path.map(String).join('.');
  if (issue.code !== 'unrecognized_keys') return [{ field, message: issue.message }];
  return issue.keys.map(key => ({ field: field === '' ? key : `${field}.${key}`, message: 'is not known here' }));
}

// Plain assignment would let a parameter called __proto__ replace the prototype instead.
function define(into: Record<string, string>, name: string, value: string): void {
  Object.defineProperty(into, name, { value, enumerable: true, configurable: true, writable: true });
}

// ── Shared parameters ────────────────────────────────────────────────────────────────────────────────────────────────

const text_chars_max = 512;
export const name = z.string().min(1).max(text_chars_max);

/** Page size: 1 to 500, 50 unless given. */
export const limit = z
  .string()
  .regex(/^\d{1,9}$/, 'must be a whole number')
  .describe('Page size: 1 to 500, 50 unless given')
  .transform(Number)
  .pipe(z.number().min(1).max(500))
  .default(50);

/** An instant (ISO 8601 with its zone, or a date alone, which begins in UTC), in milliseconds since 1970. */
export const instant_ms = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], 'must be an ISO 8601 date, or date and time with a zone')
  .transform(value => Date.parse(value))
  // The engine's DateTime64 covers these years; beyond them it would wrap around silently.
  .pipe(
    z
      .number()
      .min(Date.UTC(1900, 0, 1), 'must be 1900 or later')
      .max(Date.UTC(2299, 11, 31), 'must be before 2300'),
  );

/** A date alone stays one, for whoever knows in which zone it begins. */
export const day_or_instant = z.union([
  z.iso.date().regex(/^(19|2[012])/, 'must be 1900 or later, and before 2300'),
  instant_ms,
]);

/** One of an answer's zones: `Europe/Berlin`. */
export const time_zone = z
  .string()
  .max(64)
  .refine(isTimeZone, 'must be the IANA name of a time zone, such as Europe/Berlin');

/** Some of the names, separated by commas. */
export function namesOf<N extends string>(names: readonly N[]) {
  const one = `(?:${names.join('|')})`;
  return z
    .string()
    .regex(new RegExp(`^${one}(?:,${one})*$`), `must be some of these, separated by commas: ${names.join(', ')}`)
    .transform(text => [...new Set(text.split(','))] as N[]);
}

const words_max = 8;

/** The words of a text, as `split` finds them: one at least, and not too many. */
export const wordsBy = (split: (text: string) => string[]) =>
  z
    .string()
    .max(text_chars_max)
    .transform(split)
    .pipe(z.array(z.string()).min(1, 'must hold a word').max(words_max, `must hold at most ${words_max} words`));

/** Full text: every word must appear. */
export const words = wordsBy(text => text.split(/\s+/).filter(word => word !== ''));
