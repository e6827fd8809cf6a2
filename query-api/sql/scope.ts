/** What a caller reads by SQL: his own database, and where it is the tables themselves, also how views are defined. */
import type { Identity } from '../auth/identity.ts';
import type { Databases } from '../permission/databases.ts';
import { everything } from '../permission/sight.ts';
import { type Allowed, administration_tables } from './catalog.ts';

export interface Scope extends Allowed {
  /** Which an unqualified name is of. */
  readonly database: string;
}

export async function scopeOf({ sight }: Pick<Identity, 'sight'>, databases: Pick<Databases, 'of'>): Promise<Scope> {
  const { database } = (await databases.of(sight)).config;
  const definitions = sight.key === everything.key;
  return {
    database,
    databases: new Set([database]),
    definitions,
    ...(definitions ? { system_tables: administration_tables } : {}),
  };
}
