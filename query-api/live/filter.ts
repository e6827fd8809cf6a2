/** A subscription's filter: every named field must have one of its values. */
import type { Row } from './feeds.ts';

export type FilterValue = string | number | boolean | null;
export type Filter = Readonly<Record<string, FilterValue | readonly FilterValue[]>>;
export type Matcher = (row: Row) => boolean;

/** A list in the row matches where one of its items does. */
export function matcherOf(filter: Filter | undefined): Matcher {
  const wanted = Object.entries(filter ?? {}).map(
    ([field, value]) => [field, new Set<unknown>(Array.isArray(value) ? value : [value])] as const,
  );
  return row =>
    wanted.every(([field, values]) => {
      const value = row[field];
      return Array.isArray(value) ? value.some(item => values.has(item)) : values.has(value);
    });
}

/** The fields that the feed's rows do not have, or that are not offered. */
export function unknownFields(filter: Filter | undefined, fields: readonly string[]): string[] {
  return Object.keys(filter ?? {}).filter(field => !fields.includes(field));
}
