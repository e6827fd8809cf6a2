/**
 * A fixture: an input as it arrives, and the records that it must become. Run through the very code that takes it in
 * production, without a server; the time is the fixture's own, so that the outcome is always the same.
 */
import { z } from 'zod';
import { MillraceError } from '../lib/errors.ts';
import { faultsOf, readYaml } from '../lib/yaml.ts';
import type { Owner } from '../schemas/generated.ts';
import { csvHead } from './csv/header.ts';
import { recognise } from './csv/known-headers.ts';
import { mappingSchema } from './csv/mapping.ts';
import { parseRow, rowReader } from './csv/reader.ts';
import { recordEnds } from './csv/record-end.ts';
import { hookSettings } from './hooks/settings.ts';
import { verificationFault } from './hooks/verify.ts';
import { cloudEventsOf } from './parse/cloudevents.ts';
import { type ParsedLine, parseLine } from './parse/line.ts';
import { readLines } from './parse/lines.ts';
import { parseMail } from './parse/mail.ts';
import { eventOf, parseDelivery } from './receive.ts';

const headers = z.record(z.string().toLowerCase(), z.string()).default({});
const body = z.union([z.string(), z.record(z.string(), z.unknown()), z.array(z.unknown())]);

const fixture = z
  .strictObject({
    /** The time of its arrival; signatures that carry a time are held against it. */
    now: z.iso.datetime().default('2025-01-01T00:00:00Z'),
    hook: z.strictObject({ name: z.string().default('test'), settings: hookSettings, headers, body }).optional(),
    events: z.strictObject({ headers, body }).optional(),
    csv: z.strictObject({ mapping: mappingSchema.optional(), text: z.string() }).optional(),
    ndjson: z.string().optional(),
    mail: z.string().optional(),
    expect: z.array(z.record(z.string(), z.unknown())).default([]),
  })
  .refine(
    ({ hook, events, csv, ndjson, mail }) =>
      [hook, events, csv, ndjson, mail].filter(one => one !== undefined).length === 1,
    'expected one of hook, events, csv, ndjson and mail',
  );

export type Fixture = z.infer<typeof fixture>;

/** A record as it would go into its topic, or `{reject}`, or `{refused}` for a request that is answered with an error. */
export type Outcome = Readonly<Record<string, unknown>>;

/** Throws MillraceError `config` with every fault, each as `file:line:col path: message`. */
export function readFixture(text: string, file: string): Fixture {
  const yaml = readYaml(text, file);
  const result = fixture.safeParse(yaml.values);
  if (result.success) return result.data;
  const faults = faultsOf(fixture, result.error);
  throw new MillraceError(
    'config',
    faults.map(({ path, message }) => `${yaml.placeOf(path)}${path.join('.')}: ${message}`).join('\n'),
  );
}

const owner: Owner = { organization_id: 'test', mailbox: '', owner_id: '', team_id: '' };

export async function runFixture({ now, hook, events, csv, ndjson, mail }: Fixture): Promise<Outcome[]> {
  const now_ms = Date.parse(now);
  if (hook) return runHook(hook, now_ms);
  if (events) {
    const found = cloudEventsOf(new Map(Object.entries(events.headers)), bytesOf(events.body));
    if ('fault' in found) return [{ refused: found.status, message: found.fault }];
    return found.events.map(event => outcomeOf(eventOf(event, owner, now_ms)));
  }
  if (csv) return runCsv(csv, now_ms);
  if (mail !== undefined) return [await mailOutcome(Buffer.from(mail), now_ms)];
  const lines = await linesOf(Buffer.from(ndjson ?? ''));
  return Promise.all(
    lines.map(async line => {
      const parsed = parseLine(line, owner, now_ms);
      return parsed.kind === 'mail' ? mailOutcome(parsed.bytes, now_ms) : outcomeOf(parsed);
    }),
  );
}

function runHook(
  { name, settings, headers: given, body: text }: NonNullable<Fixture['hook']>,
  now_ms: number,
): Outcome[] {
  const delivery = { headers: new Map(Object.entries(given)), body: bytesOf(text), now_ms };
  const fault = verificationFault(settings.verify, settings.verify.secret ?? '', delivery);
  if (fault !== null) return [{ refused: 401, message: fault }];
  return parseDelivery(name, settings, delivery, owner).map(outcomeOf);
}

async function runCsv({ mapping, text }: NonNullable<Fixture['csv']>, now_ms: number): Promise<Outcome[]> {
  const head = Buffer.from(text);
  const found = await csvHead(head, true, mapping?.delimiter);
  const used = mapping ?? recognise(found?.header ?? [])?.mapping;
  if (!used) throw new MillraceError('config', 'csv.mapping: missing, and the columns are of no export that is known');
  const reader = await rowReader(head, used, now_ms);
  const [, ...rows] = await linesOf(head, recordEnds(reader.delimiter));
  return Promise.all(
    rows.map(async row => {
      const parsed = parseRow(row, reader, owner, now_ms);
      return parsed.kind === 'mail' ? mailOutcome(parsed.bytes, now_ms) : outcomeOf(parsed);
    }),
  );
}

async function linesOf(bytes: Buffer, endIn?: (chunk: Buffer, from: number) => number): Promise<Buffer[]> {
  const lines: Buffer[] = [];
  const oversize = (): never => {
    throw new MillraceError('config', 'a line of more than 1 MiB');
  };
  const whole = (async function* () {
    yield bytes;
  })();
  for await (const line of readLines(whole, { oversize, ...(endIn ? { endIn } : {}) })) {
    if (!line.oversize) lines.push(line.bytes);
  }
  return lines;
}

async function mailOutcome(bytes: Buffer, now_ms: number): Promise<Outcome> {
  const parsed = await parseMail(bytes, { ...owner, now_ms });
  return parsed.reject ? { reject: parsed.reject.cause, message: parsed.reject.message } : { email: parsed.email };
}

function outcomeOf(line: ParsedLine): Outcome {
  if ('reject' in line) return { reject: line.reject.cause, message: line.reject.message };
  return line.kind === 'crm' ? { crm: line.change } : { event: (line as { event: unknown }).event };
}

const bytesOf = (value: z.infer<typeof body>): Buffer =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

/** Where the outcome differs from what is expected, in words; what is expected names the fields it cares for. */
export function differences(expected: unknown, actual: unknown, path = 'expect'): string[] {
  if (typeof expected !== 'object' || expected === null) {
    return Object.is(expected, actual) ? [] : [`${path}: expected ${show(expected)}, got ${show(actual)}`];
  }
  if (typeof actual !== 'object' || actual === null)
    return [`${path}: expected ${show(expected)}, got ${show(actual)}`];
  const counts = Array.isArray(expected) && (actual as unknown[]).length !== expected.length;
  const more = counts
    ? [`${path}: expected ${expected.length}, got ${(actual as unknown[]).length}: ${show(actual)}`]
    : [];
  const inner = Object.entries(expected).flatMap(([name, value]) =>
    counts ? [] : differences(value, (actual as Record<string, unknown>)[name], `${path}.${name}`),
  );
  return [...more, ...inner];
}

const show = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 300);
