/** Keyset pages: a cursor holds the sort key of the last row shown, so a page stays right while rows arrive. */
import { z } from 'zod';
import { type HttpRequest, json, Problem, type Reply } from '../lib/http.ts';
import { decodeOpaque, encodeOpaque } from './opaque.ts';
import { limit } from './parameters.ts';
import { keyOf, type Order, type Sort, type Sortable, sortKey, sortOf } from './queries/sort.ts';

export interface Page<T> {
  readonly items: readonly T[];
  /** The cursor of the next page; null on the last. */
  readonly next: string | null;
}

/** What a page is asked for with, beside its filters. */
export interface PageQuery<N extends string> {
  readonly sort: Sort<N>;
  /** Of each row, nothing but these. */
  readonly fields?: readonly string[] | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** The parameters of a list of such rows. */
export const pageParameters = <N extends string>(sortable: Sortable<N>, usual: Sort<N>, row: z.ZodObject) => ({
  sort: sortOf(sortable, usual),
  fields: fieldsOf(Object.keys(row.shape)),
  limit,
  cursor: z.string().optional(),
});

function fieldsOf(names: readonly string[]) {
  const one = `(?:${names.join('|')})`;
  return z
    .string()
    .regex(new RegExp(`^${one}(?:,${one})*$`), `must be names of fields, separated by commas: ${names.join(', ')}`)
    .describe('Fields by name, separated by commas: nothing else is told of each; all of them unless given')
    .transform(text => text.split(','))
    .optional();
}

/**
 * Answers a page of what `read` finds: it is asked for one row more, which only says that there is a next page. With that
 * page's address (RFC 8288), for those who follow links. Throws Problem 400 for a cursor that this list did not hand out.
 */
export async function pageReply<N extends string, T extends object>(
  { path, query: asked }: Pick<HttpRequest, 'path' | 'query'>,
  sortable: Sortable<N>,
  { sort, fields, limit, cursor }: PageQuery<N>,
  read: (order: Order<N>, rows_max: number) => Promise<readonly T[]>,
): Promise<Reply> {
  const rows = await read({ sort, after: readCursor(sortKey(sortable, sort), cursor) }, limit + 1);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const items = fields === undefined ? shown : shown.map(row => only(row, fields));
  if (rows.length <= limit || last === undefined) return json(200, { items, next: null } satisfies Page<object>);
  const next = encodeOpaque(keyOf(sortable, sort, last));
  const address = new URLSearchParams(asked);
  address.set('cursor', next);
  return json(200, { items, next } satisfies Page<object>, { link: `<${path}?${address}>; rel="next"` });
}

const only = (row: object, fields: readonly string[]): object =>
  Object.fromEntries(Object.entries(row).filter(([name]) => fields.includes(name)));

function readCursor<T>(schema: z.ZodType<T>, cursor: string | undefined): T | null {
  if (cursor === undefined) return null;
  const key = decodeOpaque(schema, cursor);
  if (key !== null) return key;
  const message = 'is not a cursor of this list in this order';
  throw new Problem(400, `the query parameters do not fit: cursor: ${message}`, {
    members: { faults: [{ field: 'cursor', message }] },
  });
}
