/** Which user somebody is whom a provider has named: by his mail address. */
import { createHash } from 'node:crypto';
import type { User } from '../../schemas/generated.ts';
import type { Directory } from './directory.ts';
import { type Person, Refusal } from './oidc.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { byEmail, created, newUser } from './users.ts';

export interface Found {
  readonly user: User;
  readonly is_new: boolean;
}

type Adding = Pick<OidcSettings, 'create_users' | 'default_role' | 'domains'>;

/** Throws Refusal. */
export async function userOf(person: Person, directory: Directory, adding: Adding): Promise<Found> {
  await directory.loaded();
  // He may have been added, or disabled, at another instance a moment ago.
  await directory.caughtUp();
  const known = byEmail(directory.users(), person.email);
  const found = known === undefined ? await added(person, directory, adding) : { user: known, is_new: false };
  if (found.user.state !== 'active') throw new Refusal('disabled', 'the user is disabled', person.email);
  return found;
}

async function added(person: Person, directory: Directory, adding: Adding): Promise<Found> {
  const { email } = person;
  const domain = email.slice(email.lastIndexOf('@') + 1);
  if (!adding.create_users || !adding.domains.includes(domain)) {
    throw new Refusal('unknown', 'no user has this address', email);
  }
  const name = person.name.slice(0, 200);
  const asked = newUser.safeParse({ user_id: userIdOf(email), name, email, role: adding.default_role });
  if (!asked.success) throw new Refusal('unknown', 'the address cannot be a user’s', email);
  let is_new = true;
  await directory.change(() => {
    is_new = byEmail(directory.users(), email) === undefined;
    if (!is_new) return {};
    // Whoever was removed comes back by an administrator's doing alone.
    if (directory.user(asked.data.user_id) !== undefined) {
      throw new Refusal('unknown', 'there is, or was, another user of this name', email);
    }
    return { users: [created(asked.data, null, undefined, directory.users())] };
  });
  const user = byEmail(directory.users(), email);
  if (user === undefined) throw new Refusal('unknown', 'the user was removed at once', email);
  return { user, is_new };
}

/** The address itself, where it may be a user's name. */
const userIdOf = (email: string): string =>
  newUser.shape.user_id.safeParse(email).success
    ? email
    : `oidc-${createHash('sha256').update(email).digest('hex').slice(0, 16)}`;
