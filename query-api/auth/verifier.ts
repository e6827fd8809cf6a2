/**
 * Credentials become identities: a token is checked by its signature, a key by its hash, and both against the directory, which
 * knows who was disabled a moment ago, and what he may see by now.
 *
 * A token that an operator signed (`millrace token`) needs no user. Where there is one of its name, it speaks for him.
 */
import type { ApiKey, User } from '../../schemas/generated.ts';
import type { Directory } from '../identity/directory.ts';
import { keyIdIn, matchesKey } from '../identity/keys.ts';
import { sightOf } from '../permission/sight.ts';
import type { Identity, RememberingVerifier, Verdict } from './identity.ts';
import { type Permission, type Role, roleOf } from './roles.ts';
import type { Claims, Tokens } from './tokens.ts';

/** What is asked of the directory. */
export type Known = Pick<Directory, 'user' | 'session' | 'key' | 'caughtUp' | 'loaded'>;

export const nobody: Known = {
  user: () => undefined,
  session: () => undefined,
  key: () => undefined,
  caughtUp: async () => undefined,
  loaded: async () => undefined,
};

const identities_max = 1_000;
const unknown_refusal = { refusal: 'the token is not valid' };

/** `onSeen` hears of each subject that is let in. */
export function createVerifier(
  tokens: Pick<Tokens, 'verify'>,
  known: Known = nobody,
  onSeen: (subject: string) => void = () => undefined,
): RememberingVerifier {
  /** By credential: a caller's sight is made once, and again when something of him changes. */
  const identities = new Map<string, Identity>();

  async function identityOf(credential: string): Promise<Verdict> {
    // Whoever was disabled before this process began must not be let in while it reads.
    await known.loaded();
    if (keyIdIn(credential) !== null) return identityOfKey(credential);
    const verdict = await tokens.verify(credential);
    return 'refusal' in verdict ? verdict : identityOfToken(verdict.claims);
  }

  async function identityOfToken(claims: Claims): Promise<Verdict> {
    const { subject, session_id, issued_ms, expires_ms } = claims;
    // It may have signed in at another instance a moment ago.
    if (session_id !== null && !known.session(session_id)) await known.caughtUp();
    const user = known.user(subject);
    const session = session_id === null ? null : known.session(session_id);
    const isCurrent = (): boolean =>
      known.user(subject) === user && (session_id === null || known.session(session_id)?.ended_at_ms === null);
    if (session_id !== null && (!user || session?.user_id !== subject || !isCurrent())) {
      return { refusal: 'the session has ended' };
    }
    if (user && user.state !== 'active') return { refusal: 'the user may not sign in' };
    // The claim has whole seconds.
    if (user && issued_ms + 999 < user.tokens_from_ms) return { refusal: 'the token was revoked' };
    const role = user ? roleOf(user.role) : claims.role;
    return { identity: made({ subject, role, user, scopes: null, session_id, expires_ms, isCurrent }) };
  }

  async function identityOfKey(credential: string): Promise<Verdict> {
    const key_id = keyIdIn(credential) ?? '';
    if (!known.key(key_id)) await known.caughtUp();
    const key = known.key(key_id);
    if (!key || !matchesKey(key, credential)) return unknown_refusal;
    if (key.revoked_at_ms !== null) return { refusal: 'the key was revoked' };
    if (key.expires_at_ms !== null && key.expires_at_ms <= Date.now()) return { refusal: 'the key has expired' };
    const user = known.user(key.user_id);
    if (user?.state !== 'active') return { refusal: 'the user may not sign in' };
    return { identity: ofKey(key, user) };
  }

  function ofKey(key: ApiKey, user: User): Identity {
    return made({
      subject: user.user_id,
      role: roleOf(user.role),
      user,
      // The cast: scopes are held against the permissions when the key is made.
      scopes: key.scopes as Permission[],
      session_id: null,
      expires_ms: key.expires_at_ms ?? Number.MAX_SAFE_INTEGER,
      isCurrent: () => known.key(key.key_id) === key && known.user(user.user_id) === user,
    });
  }

  function remembered(credential: string): Identity | null {
    const kept = identities.get(credential);
    if (!kept || Date.now() >= kept.expires_ms || !kept.isCurrent()) return null;
    onSeen(kept.subject);
    return kept;
  }

  return {
    known: remembered,
    async verify(credential) {
      const kept = remembered(credential);
      if (kept) return { identity: kept };
      const verdict = await identityOf(credential);
      identities.delete(credential);
      if ('identity' in verdict) {
        if (identities.size >= identities_max) identities.delete(identities.keys().next().value as string);
        identities.set(credential, verdict.identity);
        onSeen(verdict.identity.subject);
      }
      return verdict;
    },
  };
}

interface Parts extends Omit<Identity, 'sight'> {
  readonly role: Role;
  readonly user: User | undefined;
}

const made = ({ user, ...identity }: Parts): Identity => ({
  ...identity,
  sight: sightOf(identity.subject, identity.role, user),
});
