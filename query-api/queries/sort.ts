/** In which order a list comes: `sort=importance` rises, `sort=-importance` falls. The rows' ids break ties. */
import { z } from 'zod';
import { type Clause, instant } from './select.ts';

/** What a list can be sorted by. Columns and ids are called in SQL what they are called in a row. */
export interface Sortable<N extends string> {
  readonly columns: Readonly<Record<N, 'instant' | 'number'>>;
  /** Together they are one row's alone. */
  readonly ids: readonly string[];
}
export type Sort<N extends string> = N | `-${N}`;

/** The sort it came from, the last row's value in it, and its ids. */
export type SortKey = readonly [string, number, ...string[]];

/** What a query of one page needs of it. */
export interface Order<N extends string> {
  readonly sort: Sort<N>;
  /** Where the page before ended; null for the first. */
  readonly after: SortKey | null;
}

const id_chars_max = 1_024;

/** The parameter of a request. */
export function sortOf<N extends string>({ columns }: Sortable<N>, usual: Sort<N>) {
  const names = Object.keys(columns) as N[];
  const values = names.flatMap((name): Sort<N>[] => [name, `-${name}`]);
  return z
    .enum(values)
    .default(usual as never)
    .describe(`A leading - falls; ${usual} unless given`);
}

/** A cursor of this order and no other. */
export function sortKey<N extends string>({ columns, ids }: Sortable<N>, sort: Sort<N>): z.ZodType<SortKey> {
  const value = columns[partsOf(sort)[0]] === 'instant' ? z.int() : z.number();
  return z
    .tuple([z.literal(sort as string), value], z.string().max(id_chars_max))
    .refine(key => key.length === ids.length + 2);
}

/** Where a page that ends with the row goes on. */
export function keyOf<N extends string>({ columns, ids }: Sortable<N>, sort: Sort<N>, row: object): SortKey {
  const [name] = partsOf(sort);
  const of = row as Readonly<Record<string, string | number>>;
  const value = columns[name] === 'instant' ? Date.parse(String(of[name])) : Number(of[name]);
  return [sort, value, ...ids.map(id => String(of[id]))];
}

export function orderBy<N extends string>({ ids }: Sortable<N>, { sort }: Order<N>): string {
  const [name, direction] = partsOf(sort);
  return `ORDER BY ${[name, ...ids].map(column => `${column} ${direction}`).join(', ')}`;
}

/** The rows after those of the page before. */
export function beyond<N extends string>({ columns, ids }: Sortable<N>, { sort, after }: Order<N>): Clause | null {
  if (after === null) return null;
  const [, after_value, ...after_ids] = after;
  const [name, direction] = partsOf(sort);
  const value = columns[name] === 'instant' ? instant('after_value') : '{after_value:Float64}';
  const given = [value, ...ids.map((_, i) => `{after_id_${i}:String}`)];
  return {
    sql: `(${[name, ...ids].join(', ')}) ${direction === 'ASC' ? '>' : '<'} (${given.join(', ')})`,
    params: { after_value, ...Object.fromEntries(after_ids.map((id, i) => [`after_id_${i}`, id])) },
  };
}

function partsOf<N extends string>(sort: Sort<N>): [N, 'ASC' | 'DESC'] {
  return sort.startsWith('-') ? [sort.slice(1) as N, 'DESC'] : [sort as N, 'ASC'];
}
