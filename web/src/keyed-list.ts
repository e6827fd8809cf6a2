/**
 * A sorted, bounded list that pages by cursor grow at the end while live records grow anywhere. It is always a prefix of
 * what the server has: an item that belongs behind the loaded part is left to the next page, or it would show up twice
 * in one place and leave a hole in another.
 */
import type { Page } from './model.ts';

export interface KeyedList<T> {
  items: readonly T[];
  /** Where the next page begins; null at the end. */
  next: string | null;
  /** Items were dropped at the end to stay within the bound, so `next` leads nowhere any more. */
  capped: boolean;
}

export interface Order<T> {
  key(item: T): string;
  /** Below 0 where `a` comes before `b`. */
  compare(a: T, b: T): number;
  items_max: number;
}

export function fromPage<T>(page: Page<T>, order: Order<T>): KeyedList<T> {
  return bound({ items: unique(page.items, order), next: page.next, capped: false }, order);
}

/** Adds the page that `list.next` led to. */
export function append<T>(list: KeyedList<T>, page: Page<T>, order: Order<T>): KeyedList<T> {
  return bound({ items: unique([...list.items, ...page.items], order), next: page.next, capped: list.capped }, order);
}

/** Puts live records in their place; a known key is replaced and may move. */
export function insert<T>(list: KeyedList<T>, records: readonly T[], order: Order<T>): KeyedList<T> {
  const changed = new Map(records.map(record => [order.key(record), record]));
  const kept = list.items.filter(item => !changed.has(order.key(item)));
  const last = kept.at(-1);
  const isPrefix = list.next === null && !list.capped;
  const added = [...changed.values()].filter(
    record => isPrefix || last === undefined || order.compare(record, last) < 0,
  );
  return bound({ ...list, items: [...kept, ...added].sort(order.compare) }, order);
}

/**
 * Brings in a freshly read first page after a gap. Where it overlaps what is loaded, the two are joined; where it does
 * not, what lies between is unknown and the page replaces everything. Items that only the list has stay: a live record
 * is here before the page can read it from the table.
 */
export function resync<T>(list: KeyedList<T>, page: Page<T>, order: Order<T>): KeyedList<T> {
  const read = new Set(page.items.map(order.key));
  const overlaps = list.items.some(item => read.has(order.key(item)));
  if (overlaps && list.items.length > page.items.length) return insert(list, page.items, order);
  const unread = list.items.filter(item => !read.has(order.key(item)));
  return insert(fromPage(page, order), unread, order);
}

function unique<T>(items: readonly T[], order: Order<T>): T[] {
  return [...new Map(items.map(item => [order.key(item), item])).values()].sort(order.compare);
}

function bound<T>(list: KeyedList<T>, order: Order<T>): KeyedList<T> {
  if (list.items.length <= order.items_max) return list;
  return { items: list.items.slice(0, order.items_max), next: null, capped: true };
}
