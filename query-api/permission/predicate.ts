/**
 * Which rows somebody may see, said once: a predicate over whose a row is. It is compiled to SQL, for the tables, and to a
 * function, for the records of a feed; a test holds the two against each other.
 */
import type { Owner } from '../../schemas/generated.ts';

export type Predicate =
  | { readonly kind: 'all' }
  /** The column has one of these values; none of them where there are none. */
  | { readonly kind: 'in'; readonly column: keyof Owner; readonly values: readonly string[] }
  | { readonly kind: 'any'; readonly of: readonly Predicate[] }
  | { readonly kind: 'every'; readonly of: readonly Predicate[] };

export const all: Predicate = { kind: 'all' };
export const isIn = (column: keyof Owner, values: readonly string[]): Predicate => ({ kind: 'in', column, values });
export const any = (...of: readonly Predicate[]): Predicate => ({ kind: 'any', of });
export const every = (...of: readonly Predicate[]): Predicate => ({ kind: 'every', of });

/** A condition over the owner's columns. */
export function sqlOf(predicate: Predicate): string {
  switch (predicate.kind) {
    case 'all':
      return 'true';
    case 'in':
      return predicate.values.length === 0
        ? 'false'
        : `${predicate.column} IN (${predicate.values.map(quoted).join(', ')})`;
    case 'any':
      return predicate.of.length === 0 ? 'false' : `(${predicate.of.map(sqlOf).join(' OR ')})`;
    case 'every':
      return predicate.of.length === 0 ? 'true' : `(${predicate.of.map(sqlOf).join(' AND ')})`;
  }
}

/** Nothing but letters, digits and a few signs stands as it is: a value must not end its quotes. */
const quoted = (value: string): string =>
  `'${Array.from(Buffer.from(value))
    .map(byte => (isPlain(byte) ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`))
    .join('')}'`;
const isPlain = (byte: number): boolean => /[A-Za-z0-9@._ -]/.test(String.fromCharCode(byte));

export type Matcher = (owner: Owner) => boolean;

export function matcherOf(predicate: Predicate): Matcher {
  switch (predicate.kind) {
    case 'all':
      return () => true;
    case 'in': {
      const { column } = predicate;
      const values = new Set(predicate.values);
      return owner => values.has(owner[column]);
    }
    case 'any': {
      const matchers = predicate.of.map(matcherOf);
      return owner => matchers.some(matches => matches(owner));
    }
    case 'every': {
      const matchers = predicate.of.map(matcherOf);
      return owner => matchers.every(matches => matches(owner));
    }
  }
}
