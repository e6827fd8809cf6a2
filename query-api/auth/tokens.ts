/** Sign-in tokens: JWT (RFC 7519) with HS256 and nothing else. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { MillraceError } from '../../lib/errors.ts';
import { type Role, roles } from './roles.ts';

/** What a token says; whether that still holds says the directory (verifier.ts). */
export interface Claims {
  readonly subject: string;
  readonly role: Role;
  /** The sign-in that it came of; null for one that an operator signed. */
  readonly session_id: string | null;
  /** In milliseconds since 1970; 0 where the token does not say. */
  readonly issued_ms: number;
  /** When the token ends, in milliseconds since 1970. */
  readonly expires_ms: number;
}

export interface Signing {
  /** In seconds, 30 minutes unless given. */
  readonly lifetime_s?: number;
  readonly session_id?: string;
}

export interface Tokens {
  sign(subject: string, role: Role, signing?: Signing): Promise<string>;
  /** What the token says, or why it is refused; never throws. */
  verify(token: string): Promise<{ readonly claims: Claims } | { readonly refusal: string }>;
  /** A text that nobody else can make of this one. */
  seal(text: string): string;
  /** Whether the seal is of this text, by whichever secret is taken. */
  isSealed(text: string, seal: string): boolean;
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
  iat: z.number().max(end_s_max).optional(),
  sid: z.string().min(1).optional(),
  // RFC 7519 4.1.3: what names an audience is for that one alone, and tokens for this one name none.
  aud: z.never().optional(),
});

/**
 * The first secret signs. Tokens by the others are taken too: a secret is changed by putting a new one before it, and taking the
 * old one away half an hour later.
 *
 * Throws MillraceError `auth.secret` for a secret under 32 bytes: HS256 is no stronger than its key (RFC 7518 3.2).
 */
export function createTokens(...secrets: readonly [string, ...string[]]): Tokens {
  const keys = secrets.map(keyOf) as [Key, ...Key[]];
  const [signing] = keys;
  /** A token is sent with every request: its signature is checked once. */
  const verified = new Map<string, Claims>();
  return {
    sign: (subject, role, { lifetime_s = token_lifetime_s, session_id } = {}) =>
      new SignJWT({ role, ...(session_id === undefined ? {} : { sid: session_id }) })
        .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid: signing.id })
        .setSubject(subject)
        .setIssuer(issuer)
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1_000) + lifetime_s)
        .sign(signing.bytes),
    async verify(token) {
      const known = verified.get(token);
      if (known && known.expires_ms + clock_tolerance_s * 1_000 > Date.now()) return { claims: known };
      const verdict = await verify(token, keys);
      if ('claims' in verdict) keep(token, verdict.claims);
      return verdict;
    },
    seal: text => sealOf(text, signing),
    isSealed: (text, seal) => keys.some(key => isSame(seal, sealOf(text, key))),
  };

  function keep(token: string, said: Claims): void {
    if (verified.size >= verified_max) verified.delete(verified.keys().next().value as string);
    verified.set(token, said);
  }
}

interface Key {
  readonly id: string;
  readonly bytes: Uint8Array;
}

function keyOf(secret: string): Key {
  const bytes = new TextEncoder().encode(secret);
  if (bytes.length < secret_bytes_min) {
    throw new MillraceError('auth.secret', `the token secret has ${bytes.length} bytes; it needs ${secret_bytes_min}`, {
      remedy: 'set MILLRACE_JWT_SECRET to at least 32 random bytes, for example the output of: openssl rand -base64 48',
    });
  }
  // It says which of the secrets, and nothing about it: by another name it is hashed once more.
  return { id: createHmac('sha256', bytes).update('kid').digest('hex').slice(0, 8), bytes };
}

const sealOf = (text: string, { bytes }: Key): string =>
  createHmac('sha256', bytes).update(`seal ${text}`).digest('base64url');

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

async function verify(
  token: string,
  keys: readonly [Key, ...Key[]],
): Promise<{ readonly claims: Claims } | { readonly refusal: string }> {
  if (token.length > token_chars_max) return { refusal: 'the token is too long' };
  if (!form.test(token)) return { refusal: 'the token is not valid' };
  try {
    // The algorithm is pinned here: a token must not choose how it is checked. It may name one of our keys by its id, which
    // is looked for among them and nowhere else.
    const keyNamed = ({ kid }: { kid?: string }): Uint8Array => {
      const key = kid === undefined ? keys[0] : keys.find(({ id }) => id === kid);
      if (!key) throw new errors.JWSInvalid('no key of this id');
      return key.bytes;
    };
    const { payload } = await jwtVerify(token, keyNamed, {
      algorithms: [algorithm],
      issuer,
      requiredClaims: ['sub', 'exp', 'role'],
      clockTolerance: clock_tolerance_s,
    });
    const parsed = claims.safeParse(payload);
    if (!parsed.success) return { refusal: 'the claims of the token do not fit' };
    const { sub, role, exp, iat = 0, sid = null } = parsed.data;
    return { claims: { subject: sub, role, session_id: sid, issued_ms: iat * 1_000, expires_ms: exp * 1_000 } };
  } catch (error) {
    return { refusal: error instanceof errors.JWTExpired ? 'the token has expired' : 'the token is not valid' };
  }
}
