/** Keyset pages: a cursor holds the sort key of the last row shown, so a page stays right while rows arrive. */
import { z } from 'zod';
import { type HttpRequest, json, Problem, type Reply } from '../lib/http.ts';
import { decodeOpaque, encodeOpaque } from './opaque.ts';

export interface Page<T> {
  readonly items: readonly T[];
  /** The cursor of the next page; null on the last. */
  readonly next: string | null;
}

/** Of one row more than asked for: the surplus row only says that there is a next page. */
export function pageOf<T>(rows: readonly T[], limit: number, key: (row: T) => readonly (string | number)[]): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? encodeOpaque(key(last)) : null };
}

/** With the address of the next page (RFC 8288), for those who follow links. */
export function pageReply<T>({ path, query }: Pick<HttpRequest, 'path' | 'query'>, page: Page<T>): Reply {
  if (page.next === null) return json(200, page);
  const next = new URLSearchParams(query);
  next.set('cursor', page.next);
  return json(200, page, { link: `<${path}?${next}>; rel="next"` });
}

/** A sort key of a time in milliseconds and then ids. */
export const timeKey = (ids: number): z.ZodType<readonly [number, ...string[]]> =>
  z.tuple([z.int()], z.string().max(1_024)).refine(key => key.length === ids + 1);

/** Throws Problem 400 for a cursor that this list did not hand out. */
export function readCursor<T>(schema: z.ZodType<T>, cursor: string | undefined): T | null {
  if (cursor === undefined) return null;
  const key = decodeOpaque(schema, cursor);
  if (key !== null) return key;
  const message = 'is not a cursor of this list';
  throw new Problem(400, `the query parameters do not fit: cursor: ${message}`, {
    members: { faults: [{ field: 'cursor', message }] },
  });
}
