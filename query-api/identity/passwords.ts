/** Passwords: argon2id (RFC 9106), with OWASP's least memory for it, so that a few sign-ins at once fit any machine. */
import { hash, verify } from '@node-rs/argon2';
import { z } from 'zod';
import { createMutex } from '../../lib/mutex.ts';
import type { RateLimit } from '../../lib/rate-limit.ts';

const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** NIST SP 800-63B 5.1.1.2: length is what counts, and nothing is asked of the characters. */
export const password = z.string().min(12, 'must have at least 12 characters').max(256);

/** From one address, and at one user's; a person who mistypes is not among those. */
export const guesses: RateLimit = { requests_per_second: 1 / 6, burst: 10 };

/** One at a time: each takes a thread and 19 MiB, and whoever guesses must not take all of them. */
const exclusive = createMutex();

export const hashPassword = (text: string): Promise<string> => exclusive(() => hash(text, cost));

/** Takes as long where there is no such user: a name must not be found by the clock. */
export function matchesPassword(text: string, password_hash: string | null | undefined): Promise<boolean> {
  return exclusive(async () => {
    const matches = await verify(password_hash ?? (await nobodys()), text);
    return matches && password_hash != null;
  });
}

let of_nobody: Promise<string> | null = null;
function nobodys(): Promise<string> {
  of_nobody ??= hash('nobody has this password', cost);
  return of_nobody;
}
