/** Which record a CSV file's rows become, and which column feeds which field: what a mapping file says. */
import { z } from 'zod';
import { MillraceError } from '../../lib/errors.ts';
import { nearest } from '../../lib/nearest.ts';
import { faultsOf, readYaml } from '../../lib/yaml.ts';

const column = z.string().min(1);
const place = z.union(
  [
    column,
    z.array(column).min(1),
    z.strictObject({ column, values: z.record(z.string(), z.union([z.string(), z.null()])) }),
    z.strictObject({ value: z.union([z.string(), z.number()]) }),
  ],
  {
    error: ({ input }) =>
      input === undefined ? 'missing' : 'expected a column, [columns], {column, values} or {value}',
  },
);

/** A column, several (joined by a blank), a column whose values are translated, or what is always the same. */
export type Place = z.infer<typeof place>;

const crm_fields = [
  ...['id', 'change_id', 'changed_at', 'email', 'name', 'account', 'stage', 'amount', 'outcome', 'owner', 'team'],
] as const;
const event_fields = ['id', 'type', 'time', 'email'] as const;
const mail_fields = ['from', 'to', 'cc', 'subject', 'date', 'body', 'message_id'] as const;

const columns = <const F extends readonly string[]>(fields: F, required: readonly F[number][]) =>
  z.strictObject(
    Object.fromEntries(fields.map(field => [field, required.includes(field) ? place : place.optional()])) as {
      [K in F[number]]: z.ZodOptional<typeof place>;
    },
  );

const reading = {
  delimiter: z.string().length(1).optional(),
  dates: z.enum(['day-first', 'month-first']).optional(),
  timezone: z.string().refine(isTimeZone, 'expected a time zone such as Europe/Berlin').default('UTC'),
  decimal: z.enum(['.', ',']).default('.'),
};

export const mappingSchema = z.discriminatedUnion('record', [
  z.strictObject({
    record: z.enum(['contact', 'account', 'lead', 'deal']),
    columns: columns(crm_fields, ['id']),
    ...reading,
  }),
  z.strictObject({ record: z.literal('event'), columns: columns(event_fields, ['type']), ...reading }),
  z.strictObject({ record: z.literal('mail'), columns: columns(mail_fields, ['from']), ...reading }),
]);

export type Mapping = z.infer<typeof mappingSchema>;

/** Throws MillraceError `config` with every fault, each as `file:line:col path: message`. */
export function parseMapping(text: string, file: string): Mapping {
  const yaml = readYaml(text, file);
  const result = mappingSchema.safeParse(yaml.values);
  if (result.success) return result.data;
  const faults = faultsOf(mappingSchema, result.error).map(({ path, message }) => {
    const record = path[0] === 'columns' ? (yaml.values as { record?: unknown }).record : null;
    const known = record === 'event' ? event_fields : record === 'mail' ? mail_fields : crm_fields;
    const guess = message === 'unknown key' && path.length === 2 ? nearest(String(path[1]), known) : null;
    return `${yaml.placeOf(path)}${path.join('.')}: ${message}${guess ? `; did you mean "${guess}"?` : ''}`;
  });
  throw new MillraceError('config', faults.join('\n'), { remedy: 'see docs/imports.md' });
}

/** The columns that a field stands on. */
export function columnsOf(place: Place): readonly string[] {
  if (typeof place === 'string') return [place];
  if (Array.isArray(place)) return place;
  return 'column' in place ? [place.column] : [];
}

/** What the mapping asks for and the file lacks, in words; null where nothing. */
export function missingColumns(mapping: Mapping, header: readonly string[]): string | null {
  const wanted = Object.values(mapping.columns).flatMap(place => (place === undefined ? [] : columnsOf(place)));
  const missing = [...new Set(wanted)].filter(name => !header.includes(name));
  if (missing.length === 0) return null;
  const told = missing.map(name => {
    const guess = nearest(name, header);
    return `"${name}"${guess ? ` (did you mean "${guess}"?)` : ''}`;
  });
  return `the file has no column ${told.join(', ')}; it has ${header.map(name => `"${name}"`).join(', ')}`;
}

/** A mapping to begin with, as YAML: likely columns for the fields, the others left to whoever knows. */
export function startingMapping(header: readonly string[]): string {
  const guessed = crm_fields.flatMap(field => {
    const name = header.find(one =>
      one
        .toLowerCase()
        .replace(/[^a-z]/g, '')
        .includes(field.replace('_', '')),
    );
    const whose = field === 'name' || field === 'email' ? ' # of the person' : '';
    return name === undefined ? [] : [`  ${field}: ${JSON.stringify(name)}${whose}`];
  });
  const id = guessed.some(line => line.startsWith('  id:')) ? [] : [`  id: ${JSON.stringify(header[0] ?? '')}`];
  return ['record: deal  # or contact, account, lead, event, mail', 'columns:', ...id, ...guessed].join('\n');
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
