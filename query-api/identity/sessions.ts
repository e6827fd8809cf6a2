/**
 * Sessions: a sign-in, and the refresh tokens that carry it on.
 *
 *   open ──refresh with the newest token──▶ open, a generation on
 *     ├──refresh with the one before it, within seconds──▶ open: two tabs asked at once, and both get the newest
 *     ├──refresh with any older one──▶ ended: it was stolen, or its thief was faster (RFC 9700 4.14)
 *     └──signed out, user changed, too old──▶ ended
 *
 * A refresh token is sealed by our secret and says which generation of which session it is; nothing of it is kept.
 */
import { randomBytes } from 'node:crypto';
import { Problem } from '../../lib/problem.ts';
import type { Session, User } from '../../schemas/generated.ts';
import { roleOf } from '../auth/roles.ts';
import { type Tokens, token_lifetime_s } from '../auth/tokens.ts';
import type { Directory } from './directory.ts';

export interface SignedIn {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Of the access token, in seconds. */
  readonly expires_in: number;
  readonly refresh_token: string;
  readonly user_id: string;
  readonly role: string;
}

export interface Sessions {
  /** Of somebody who has shown who he is. Throws Problem 401 where what he showed has been changed meanwhile. */
  open(user: User): Promise<SignedIn>;
  /** Throws Problem 401. */
  refresh(refresh_token: string): Promise<SignedIn>;
  /** Throws Problem 404 where there is none that is open. */
  end(session_id: string): Promise<void>;
}

export interface SessionParts {
  readonly directory: Directory;
  readonly tokens: Tokens;
  /** A token of before was used again. */
  onReuse(session: Session): void;
}

const session_ms_max = 14 * 24 * 60 * 60 * 1_000;
/** As long as a page may take to hear the answer that it asked for twice. */
const repeat_ms = 10_000;
/** Of one user; the longest unused gives way. */
const sessions_max = 50;
/** After its end, so that a token that is used again can still be told from one that never was. */
const kept_ms = 24 * 60 * 60 * 1_000;
/** With each sign-in. */
const forgotten_max = 20;

export function createSessions({ directory, tokens, onReuse }: SessionParts): Sessions {
  const signedIn = async (user: User, { session_id, generation }: Session): Promise<SignedIn> => ({
    access_token: await tokens.sign(user.user_id, roleOf(user.role), { session_id }),
    token_type: 'Bearer',
    expires_in: token_lifetime_s,
    refresh_token: refreshToken(session_id, generation),
    user_id: user.user_id,
    role: user.role,
  });

  const sealed = (session_id: string, generation: number): string => `mrr_${session_id}_${generation}`;
  const refreshToken = (session_id: string, generation: number): string => {
    const text = sealed(session_id, generation);
    return `${text}_${tokens.seal(text)}`;
  };

  /** Throws Problem 401. */
  function read(refresh_token: string): { readonly session_id: string; readonly generation: number } {
    const [, session_id = '', generation = '', seal = ''] = form.exec(refresh_token) ?? [];
    if (!tokens.isSealed(sealed(session_id, Number(generation)), seal)) throw ended();
    return { session_id, generation: Number(generation) };
  }

  return {
    async open(user) {
      const now_ms = Date.now();
      const session: Session = {
        session_id: randomBytes(16).toString('hex'),
        user_id: user.user_id,
        generation: 1,
        rotated_at_ms: now_ms,
        created_at_ms: now_ms,
        expires_at_ms: now_ms + session_ms_max,
        ended_at_ms: null,
        version: 1,
      };
      await directory.change(() => {
        const present = directory.user(user.user_id);
        // A new password ends the sessions that there are; this one would begin by the old password after it.
        if (present?.state !== 'active' || present.password_hash !== user.password_hash) throw ended();
        return {
          sessions: [session, ...tooMany(directory, user.user_id)],
          forgotten_sessions: longGone(directory),
        };
      });
      return signedIn(user, session);
    },

    async refresh(refresh_token) {
      const { session_id, generation } = read(refresh_token);
      let outcome: { readonly session: Session; readonly user: User } | null = null;
      await directory.change(() => {
        outcome = null;
        const session = directory.session(session_id);
        const user = session && directory.user(session.user_id);
        if (!session || !isOpen(session) || user?.state !== 'active') throw ended();
        const now_ms = Date.now();
        if (generation === session.generation) {
          const next = { ...session, generation: generation + 1, rotated_at_ms: now_ms, version: session.version + 1 };
          outcome = { session: next, user };
          return { sessions: [next] };
        }
        if (generation === session.generation - 1 && now_ms - session.rotated_at_ms < repeat_ms) {
          outcome = { session, user };
          return {};
        }
        return { sessions: [closed(session)] };
      });
      // The cast: the compiler does not see that it was set meanwhile.
      const settled = outcome as { readonly session: Session; readonly user: User } | null;
      if (settled) return signedIn(settled.user, settled.session);
      onReuse(directory.session(session_id) as Session);
      throw ended();
    },

    end: session_id =>
      directory.change(() => {
        const session = directory.session(session_id);
        if (!session || !isOpen(session)) throw new Problem(404, 'there is no session to end');
        return { sessions: [closed(session)] };
      }),
  };
}

const form = /^mrr_([0-9a-f]{32})_([1-9]\d{0,8})_([\w-]{43})$/;

const ended = (): Problem =>
  new Problem(401, 'the session has ended: sign in again', {
    headers: { 'www-authenticate': 'Bearer realm="millrace"' },
  });

const isOpen = ({ ended_at_ms, expires_at_ms }: Session): boolean => ended_at_ms === null && expires_at_ms > Date.now();
const closed = (session: Session): Session => ({ ...session, ended_at_ms: Date.now(), version: session.version + 1 });

function tooMany(directory: Directory, user_id: string): Session[] {
  const open = [...directory.sessions()].filter(session => session.user_id === user_id && isOpen(session));
  const oldest = open.sort((a, b) => a.rotated_at_ms - b.rotated_at_ms);
  return oldest.slice(0, Math.max(0, open.length + 1 - sessions_max)).map(closed);
}

/** An access token of it has expired long since: without the session it would be refused all the same. */
function longGone(directory: Directory): Session[] {
  const before_ms = Date.now() - kept_ms;
  const gone: Session[] = [];
  for (const session of directory.sessions()) {
    if (Math.min(session.ended_at_ms ?? Number.POSITIVE_INFINITY, session.expires_at_ms) < before_ms)
      gone.push(session);
    if (gone.length === forgotten_max) break;
  }
  return gone;
}

/** Those of a user that are open, ended. */
export const endedSessionsOf = (directory: Directory, user_id: string): Session[] =>
  [...directory.sessions()].filter(session => session.user_id === user_id && isOpen(session)).map(closed);
