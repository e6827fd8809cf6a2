/** The token by which the roles of one installation know each other, derived from the secret they share. */
import { createHmac, timingSafeEqual } from 'node:crypto';

export function internalToken(secret: string): string {
  // A label of its own: who learns this token can sign nothing with it.
  return createHmac('sha256', secret).update('millrace internal').digest('base64url');
}

export function isInternalToken(secret: string, authorization: string | undefined): boolean {
  const expected = Buffer.from(`Bearer ${internalToken(secret)}`);
  const given = Buffer.from(authorization ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
