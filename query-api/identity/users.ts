/** Users: what may be said of them, and who may say it. */
import { z } from 'zod';
import { Problem } from '../../lib/problem.ts';
import type { Grant, User } from '../../schemas/generated.ts';
import { may } from '../auth/access.ts';
import type { Identity } from '../auth/identity.ts';
import { roles } from '../auth/roles.ts';
import { instant, iso } from '../rows.ts';
import { password } from './passwords.ts';

const user_id = z
  .string()
  .regex(/^[A-Za-z0-9][\w.@-]{0,63}$/, 'must be 1 to 64 letters, digits, ".", "_", "@" or "-"')
  .describe('The owner_id of what is his');
const grants_max = 500;
const mailboxes = z.array(grantOf(z.email().toLowerCase())).max(grants_max);
const teams = z.array(grantOf(z.string().min(1).max(64))).max(grants_max);

function grantOf(name: z.ZodType<string>) {
  return z.strictObject({
    name,
    bodies: z
      .boolean()
      .default(false)
      .describe('Whether the mails themselves may be read, and not only what was found in them'),
  });
}

const said = {
  name: z.string().max(200),
  email: z.union([z.email().toLowerCase(), z.literal('')]).describe('By which an identity provider names him'),
  role: z.enum(roles),
  mailboxes,
  teams,
};

export const newUser = z
  .strictObject({
    user_id,
    ...said,
    name: said.name.default(''),
    email: said.email.default(''),
    role: said.role.default('viewer'),
    mailboxes: mailboxes.default([]),
    teams: teams.default([]),
    password: password.optional().describe('Without one he signs in by an identity provider, or with keys'),
  })
  .meta({ id: 'NewUser' });

export const userChange = z
  .strictObject({ ...said, state: z.enum(['active', 'disabled']), password })
  .partial()
  .refine(change => Object.keys(change).length > 0, 'names nothing to change')
  .meta({ id: 'UserChange' });

const grant = z.object({ name: z.string(), bodies: z.boolean() });
/** Whatever may be told of a user: never his password's hash. */
export const userSchema = z
  .object({
    user_id: z.string(),
    name: z.string(),
    email: z.string(),
    role: z.enum(roles),
    mailboxes: z.array(grant),
    teams: z.array(grant),
    has_password: z.boolean(),
    state: z.enum(['active', 'disabled']),
    created_at: instant,
    updated_at: instant,
  })
  .meta({ id: 'User' });

export const userRow = ({
  password_hash,
  tokens_from_ms: _,
  created_at_ms,
  updated_at_ms,
  version: __,
  ...user
}: User) => ({
  ...user,
  has_password: password_hash !== null,
  created_at: iso(created_at_ms),
  updated_at: iso(updated_at_ms),
});

type NewUser = z.output<typeof newUser>;
type UserChange = z.output<typeof userChange>;

export const isThere = (user: User | undefined): user is User => user !== undefined && user.state !== 'removed';

/** `email` in lower case. */
export function byEmail(users: Iterable<User>, email: string): User | undefined {
  for (const user of users) if (user.email === email && isThere(user)) return user;
  return undefined;
}

/** Throws Problem 409. `before` is one of the same id, who was removed. */
export function created(
  asked: NewUser,
  password_hash: string | null,
  before: User | undefined,
  others: Iterable<User>,
): User {
  if (before !== undefined && before.state !== 'removed')
    throw new Problem(409, `there is a user ${asked.user_id} already`);
  const now_ms = Date.now();
  const { password: _, ...user } = asked;
  requireOwnEmail(user, others);
  return {
    ...user,
    password_hash,
    state: 'active',
    tokens_from_ms: now_ms,
    created_at_ms: now_ms,
    updated_at_ms: now_ms,
    version: (before?.version ?? 0) + 1,
  };
}

/** Tokens of before hold on unless what they were given for has ended: a password, or being let in. Throws Problem 409. */
export function changed(user: User, asked: UserChange, password_hash: string | null, others: Iterable<User>): User {
  const { password, ...change } = asked;
  const now_ms = Date.now();
  const next: User = {
    ...user,
    ...defined(change),
    ...(password === undefined ? {} : { password_hash }),
    tokens_from_ms: password === undefined && asked.state !== 'disabled' ? user.tokens_from_ms : now_ms,
    updated_at_ms: now_ms,
    version: user.version + 1,
  };
  requireOwnEmail(next, others);
  return next;
}

export const removed = (user: User): User => ({
  ...user,
  ...{ name: '', email: '', mailboxes: [], teams: [], password_hash: null },
  state: 'removed',
  tokens_from_ms: Date.now(),
  updated_at_ms: Date.now(),
  version: user.version + 1,
});

const defined = <T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;

function requireOwnEmail({ user_id, email }: Pick<User, 'user_id' | 'email'>, others: Iterable<User>): void {
  if (email === '') return;
  for (const other of others) {
    if (other.user_id !== user_id && other.email === email && isThere(other)) {
      throw new Problem(409, 'another user has this address already');
    }
  }
}

/** Whether he may be told of the user: himself, all of them, or those of a team of his. */
export function maySee(caller: Identity, user: User, callers_own: User | undefined): boolean {
  if (caller.subject === user.user_id || may(caller, 'manage_users')) return true;
  return may(caller, 'manage_team') && sharesTeam(user, callers_own);
}

/**
 * Who manages a team says who is in it, and no more: not whose mailboxes are read, not what somebody may do, and nothing of an
 * administrator. Throws Problem 403, or 404 where the caller may not know that there is such a user.
 */
export function requireMayChange(caller: Identity, user: User, asked: UserChange, callers_own: User | undefined): void {
  if (may(caller, 'manage_users')) return;
  const mine = callers_own?.teams ?? [];
  const others = Object.keys(asked).filter(name => name !== 'teams');
  const managed = may(caller, 'manage_team') && (sharesTeam(user, callers_own) || joins(asked, mine));
  if (!managed && !maySee(caller, user, callers_own)) throw new Problem(404, 'there is no such user');
  if (!managed || others.length > 0 || user.role === 'admin' || asked.teams === undefined) {
    throw new Problem(403, 'this takes manage_users; who manages a team may change its members, by `teams` alone');
  }
  const touched = differing(user.teams, asked.teams);
  const beyond = touched.filter(({ name, bodies }) => !mine.some(one => one.name === name && (one.bodies || !bodies)));
  // Never by the names of other teams that he is in: the caller may not know of them.
  if (beyond.length > 0) throw new Problem(403, 'only your own teams, as far as you read them; his others must stay');
}

const sharesTeam = (user: User, other: User | undefined): boolean =>
  user.teams.some(({ name }) => other?.teams.some(team => team.name === name));
const joins = ({ teams = [] }: UserChange, mine: readonly Grant[]): boolean =>
  teams.some(({ name }) => mine.some(team => team.name === name));

/** What was there and is not, or is and was not. */
function differing(before: readonly Grant[], after: readonly Grant[]): Grant[] {
  const has = (grants: readonly Grant[], { name, bodies }: Grant): boolean =>
    grants.some(one => one.name === name && one.bodies === bodies);
  return [...before.filter(grant => !has(after, grant)), ...after.filter(grant => !has(before, grant))];
}
