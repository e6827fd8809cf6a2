/** Who calls, and what of him the directory says now. */
import type { Sight } from '../permission/sight.ts';
import type { Permission, Role } from './roles.ts';

export interface Identity {
  /** A user's id, or the name in an operator's token. */
  readonly subject: string;
  readonly role: Role;
  /** What a key is limited to, of what the role may do; null for no limit. */
  readonly scopes: readonly Permission[] | null;
  /** The sign-in; null where he came with a key or an operator's token. */
  readonly session_id: string | null;
  /** What he sees. */
  readonly sight: Sight;
  /** When he must sign in again, in milliseconds since 1970. */
  readonly expires_ms: number;
  /** Whether nothing of this has changed: he is still let in, and sees the same. */
  isCurrent(): boolean;
}

export type Verdict = { readonly identity: Identity } | { readonly refusal: string };

export interface Verifier {
  /** Who comes with this token or key, or why he is refused. Throws MillraceError `control.unavailable`. */
  verify(credential: string): Promise<Verdict>;
}

export interface RememberingVerifier extends Verifier {
  /** Who comes with it, where that was verified before and nothing of him has changed; null says nothing of it. */
  known(credential: string): Identity | null;
}
