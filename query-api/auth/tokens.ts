/** Sign-in tokens: JWT (RFC 7519) with HS256 and nothing else. */
import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { MillraceError } from '../../lib/errors.ts';
import { type Role, roles } from './roles.ts';

export interface Identity {
  readonly subject: string;
  readonly role: Role;
  /** When the token ends, in milliseconds since 1970. */
  readonly expires_ms: number;
}

export type Verdict = { readonly identity: Identity } | { readonly refusal: string };

export interface Tokens {
  /** `lifetime_s` in seconds, 30 minutes unless given. */
  sign(subject: string, role: Role, lifetime_s?: number): Promise<string>;
  /** Who the token speaks for, or why it is refused; never throws. */
  verify(token: string): Promise<Verdict>;
}

export const token_lifetime_s = 30 * 60;
const issuer = 'millrace';
const algorithm = 'HS256';
const secret_bytes_min = 32;
const clock_tolerance_s = 5;
const verified_max = 1_000;
// A token is signed by us and small; whatever is longer is not worth hashing.
const token_chars_max = 4_096;

// A signature has more than one spelling for a lenient decoder: padded, with spaces, with other bits in the last letter.
const form = /^[\w-]+\.[\w-]+\.[\w-]{42}[AEIMQUYcgkosw048]$/;
/** The last second that is a date. */
const end_s_max = 8.64e12;

const claims = z.object({
  sub: z.string().min(1),
  role: z.enum(roles),
  exp: z.number().max(end_s_max),
  // RFC 7519 4.1.3: what names an audience is for that one alone, and tokens for this one name none.
  aud: z.never().optional(),
});

/** Throws MillraceError `auth.secret` for a secret under 32 bytes: HS256 is no stronger than its key (RFC 7518 3.2). */
export function createTokens(secret: string): Tokens {
  const key = new TextEncoder().encode(secret);
  if (key.length < secret_bytes_min) {
    throw new MillraceError('auth.secret', `the token secret has ${key.length} bytes; it needs ${secret_bytes_min}`, {
      remedy: 'set JWT_SECRET to at least 32 random bytes, for example the output of: openssl rand -base64 48',
    });
  }
  /** A token is sent with every request: its signature is checked once. */
  const verified = new Map<string, Identity>();
  return {
    sign: (subject, role, lifetime_s = token_lifetime_s) =>
      new SignJWT({ role })
        .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
        .setSubject(subject)
        .setIssuer(issuer)
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1_000) + lifetime_s)
        .sign(key),
    async verify(token) {
      const known = verified.get(token);
      if (known && known.expires_ms + clock_tolerance_s * 1_000 > Date.now()) return { identity: known };
      const verdict = await verify(token, key);
      if ('identity' in verdict) keep(token, verdict.identity);
      return verdict;
    },
  };

  function keep(token: string, identity: Identity): void {
    if (verified.size >= verified_max) verified.delete(verified.keys().next().value as string);
    verified.set(token, identity);
  }
}

async function verify(token: string, key: Uint8Array): Promise<Verdict> {
  if (token.length > token_chars_max) return { refusal: 'the token is too long' };
  if (!form.test(token)) return { refusal: 'the token is not valid' };
  try {
    // The algorithm is pinned here: a token must not choose how it is checked.
    const { payload } = await jwtVerify(token, key, {
      algorithms: [algorithm],
      issuer,
      requiredClaims: ['sub', 'exp', 'role'],
      clockTolerance: clock_tolerance_s,
    });
    const parsed = claims.safeParse(payload);
    if (!parsed.success) return { refusal: 'the claims of the token do not fit' };
    const { sub, role, exp } = parsed.data;
    return { identity: { subject: sub, role, expires_ms: exp * 1_000 } };
  } catch (error) {
    return { refusal: error instanceof errors.JWTExpired ? 'the token has expired' : 'the token is not valid' };
  }
}
