/** Exports: whole lists as files, streamed through from the engine as fast as the client reads. */
import { pipeline, type Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { z } from 'zod';
import type { BusinessClocks } from '../../lib/business-time.ts';
import { type HttpRequest, Problem, type Reply } from '../../lib/http.ts';
import type { Caller } from '../auth/access.ts';
import type { Role } from '../auth/roles.ts';
import { type Asked, type DescribedRoute, describe } from '../contract.ts';
import { instant_ms, name, namesOf } from '../parameters.ts';
import {
  conversations,
  countOf,
  customers,
  deadLetters,
  type Exported,
  emails,
  exportOf,
  type Format,
  formats,
  interactions,
  leads,
} from '../queries/exports.ts';
import { conversationFilters } from './conversations.ts';
import { customerFilters } from './customers.ts';
import { deadLetterFilters } from './dead-letters.ts';
import { emailFilters, emailQuery } from './emails.ts';

/** Of one export, by what somebody may do: the more, the more of it may leave at once. */
export const rows_max: Readonly<Record<Role, number>> = {
  viewer: 100_000,
  user: 1_000_000,
  manager: 10_000_000,
  admin: 100_000_000,
};
/** Each reads whole tables. */
const exports_max = 8;

const content_types: Readonly<Record<Format, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
};

const ofPersons = {
  organization_id: name.optional(),
  person_id: name.toLowerCase().optional(),
  from: instant_ms.optional(),
  to: instant_ms.optional(),
};
const kind = z.enum(['mail_in', 'mail_out', 'crm', 'event']).optional();
const { q } = emailQuery.shape;

type Frame = { readonly from?: number | undefined; readonly to?: number | undefined };
const framed = <F extends Frame>({ from, to, ...filter }: F) => ({ ...filter, from_ms: from, to_ms: to });

/** `clocks` as for conversations. */
export function exportRoutes(clocks: BusinessClocks): DescribedRoute[] {
  let running = 0;

  function routeOf<F, S extends z.ZodRawShape>(
    list: string,
    summary: string,
    what: Exported<F>,
    filters: S,
    filterOf: (given: z.output<z.ZodObject<S>>) => F,
  ): DescribedRoute {
    const query = z.strictObject({ ...filters, ...parametersOf(what) });
    return describe({
      method: 'GET',
      path: `/api/export/${list}`,
      access: 'read',
      tag: 'Exports',
      summary,
      query,
      headers: {
        Accept: 'A content type, where `format` does not say which',
        'Accept-Encoding': '`gzip`, which a Parquet file has no need of',
      },
      answers: {
        200: {
          description: 'A file that ends where the rows do; where they break off, the connection does',
          headers: { 'Content-Disposition': 'Its name' },
          content_type: Object.values(content_types),
        },
      },
      problems: [406],
      audited: 'export',
      async handle(asked) {
        if (running >= exports_max)
          throw new Problem(503, 'too many exports at once', { headers: { 'retry-after': '10' } });
        running++;
        try {
          // The cast: the parameters are the filters and those of every export.
          const given = asked.query as z.output<z.ZodObject<S>> & ExportQuery;
          const { stream, ...reply } = await open(list, what, filterOf(given), given, asked);
          stream.once('close', () => running--);
          return { ...reply, body: stream };
        } catch (error) {
          running--;
          throw error;
        }
      },
    });
  }

  return [
    routeOf('emails', 'Mails', emails, { ...emailFilters, q }, ({ q, ...filter }) => ({ ...framed(filter), words: q })),
    routeOf('customers', 'Customers', customers, customerFilters, ({ q, ...filter }) => ({ ...filter, words: q })),
    routeOf('interactions', 'What happened with whom', interactions, { ...ofPersons, kind }, framed),
    routeOf('conversations', 'Threads as they stand', conversations, conversationFilters, ({ q, ...filter }) => ({
      ...filter,
      words: q,
      now: { clocks, now_ms: Date.now() },
    })),
    routeOf('leads', 'Every score that a lead had', leads, { ...ofPersons, grade: customerFilters.grade }, framed),
    routeOf('dead-letters', 'What could not be processed', deadLetters, deadLetterFilters, filter => filter),
  ];
}

const parametersOf = ({ row }: Pick<Exported<never>, 'row'>) => ({
  format: z.enum(formats).optional().describe('csv unless given, or as `Accept` says'),
  fields: namesOf(Object.keys(row.shape)).optional().describe('Fields by name, separated by commas'),
  limit: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'must be a whole number, 1 or more')
    .transform(Number)
    .optional()
    .describe('So many rows at most, whichever they are'),
});
type ExportQuery = z.output<z.ZodObject<ReturnType<typeof parametersOf>>>;

async function open<F>(
  list: string,
  what: Exported<F>,
  filter: F,
  { fields = [...what.usual], ...asked }: ExportQuery,
  { request, caller, tables }: Pick<Asked<unknown, unknown>, 'request' | 'caller' | 'tables'>,
): Promise<Omit<Reply, 'body'> & { readonly stream: Readable }> {
  const format = asked.format ?? formatOf(request.headers.get('accept'));
  const gzip = format !== 'parquet' && acceptsGzip(request);
  const clickhouse = await tables();
  const counted = countOf(what, filter);
  // Nobody must take a part for the whole: what is too much is refused, unless a part was asked for.
  const [{ rows } = { rows: 0 }] =
    asked.limit === undefined
      ? await clickhouse.rows<{ rows: number }>(counted.sql, { ...counted.params })
      : [{ rows: asked.limit }];
  requireAllowed(caller, rows);
  const { sql, params } = exportOf(what, filter, fields, format, asked.limit ?? rows_max[caller.role]);
  const stream = await clickhouse.stream(sql, { ...params }, request.signal);
  return {
    status: 200,
    headers: {
      'content-type': content_types[format],
      'content-disposition': `attachment; filename="${list}.${format}"`,
      ...(gzip ? { 'content-encoding': 'gzip' } : {}),
      'cache-control': 'no-store',
      vary: 'accept, accept-encoding',
    },
    stream: gzip ? zipped(stream) : stream,
  };
}

/** Throws Problem 403. */
function requireAllowed({ role }: Pick<Caller, 'role'>, rows: number): void {
  if (rows <= rows_max[role]) return;
  throw new Problem(
    403,
    `${rows} rows are more than the ${rows_max[role]} that the role ${role} may export at once: narrow it, or say limit`,
  );
}

/** Throws Problem 406. */
export function formatOf(accept: string | undefined): Format {
  if (accept === undefined) return 'csv';
  // Many clients add that they take anything to what they are told to ask for.
  const format = formats.find(one => accept.includes(content_types[one].split(';')[0] as string));
  if (format) return format;
  if (/\*\/\*|text\/\*/.test(accept)) return 'csv';
  throw new Problem(406, `this is told as ${Object.values(content_types).join(', ')}`);
}

const acceptsGzip = ({ headers }: HttpRequest): boolean =>
  /(^|,)\s*(gzip|\*)\s*(;\s*q=(?!0(\.0*)?\s*(,|$))[\d.]+\s*)?(,|$)/.test(headers.get('accept-encoding') ?? '');

/** A fault of the one is a fault of the other, and whoever stops reading the one stops the other. */
function zipped(rows: Readable): Readable {
  // Most of what can be saved, for a third of the time that it takes by default.
  const zip = createGzip({ level: 2 });
  pipeline(rows, zip, () => undefined);
  return zip;
}
