/**
 * What somebody sees: of which rows anything, and of which mails the body too.
 *
 * Whoever signs in sees what is nobody's in particular (an event, a mail that was handed in for no mailbox), the sample company,
 * and what is his own. A mailbox or a team is seen by whom it was granted to, and its mails' bodies where that was granted
 * as well. An administrator sees everything: he could grant it to himself.
 */
import { createHash } from 'node:crypto';
import { sample_organization_id } from '../../schemas/sample.ts';
import type { Role } from '../auth/roles.ts';
import { all, any, every, isIn, type Matcher, matcherOf, type Predicate, sqlOf } from './predicate.ts';

export interface Grant {
  /** An address in lower case, or a team's id. */
  readonly name: string;
  /** Whether the mails may be read, and not only what was found in them. */
  readonly bodies: boolean;
}

export interface Grants {
  readonly mailboxes: readonly Grant[];
  readonly teams: readonly Grant[];
}

export interface Sight {
  readonly rows: Predicate;
  readonly bodies: Predicate;
  /** Equal for those who see the same. */
  readonly key: string;
  /** Whether a record of this owner is seen, and whether its body is. */
  readonly seesRow: Matcher;
  readonly seesBody: Matcher;
}

/** Whatever tells somebody's words, of tables and of feeds. */
export const body_columns: readonly string[] = [
  'content',
  'quoted',
  'excerpt',
  'summary',
  'entities',
  'signature',
  'title',
  'phone',
  'signed_name',
  'signed_company',
];

const nothing: Grants = { mailboxes: [], teams: [] };

export function sightOf(subject: string, role: Role, grants: Grants = nothing): Sight {
  if (role === 'admin') return everything;
  return sightBy(
    seen(subject, grants),
    seen(subject, { mailboxes: readable(grants.mailboxes), teams: readable(grants.teams) }),
  );
}

const readable = (grants: readonly Grant[]): Grant[] => grants.filter(({ bodies }) => bodies);
const names = (grants: readonly Grant[]): string[] => grants.map(({ name }) => name).sort();

function seen(subject: string, { mailboxes, teams }: Grants): Predicate {
  return any(
    isIn('organization_id', [sample_organization_id]),
    every(isIn('mailbox', ['']), isIn('owner_id', ['']), isIn('team_id', [''])),
    isIn('owner_id', [subject]),
    isIn('mailbox', names(mailboxes)),
    isIn('team_id', names(teams)),
  );
}

function sightBy(rows: Predicate, bodies: Predicate): Sight {
  const key = createHash('sha256')
    .update(JSON.stringify([sqlOf(rows), sqlOf(bodies)]))
    .digest('hex')
    .slice(0, 16);
  return { rows, bodies, key, seesRow: matcherOf(rows), seesBody: matcherOf(bodies) };
}

export const everything: Sight = { ...sightBy(all, all), key: 'all' };
