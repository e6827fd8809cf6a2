/** API keys: `mrk_<id>_<secret>`. The secret is 32 random bytes, so that its plain hash is as good as a slow one. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '../../schemas/generated.ts';

const form = /^mrk_([0-9a-f]{16})_([\w-]{43})$/;

/** Null where it is no key. */
export const keyIdIn = (credential: string): string | null => form.exec(credential)?.[1] ?? null;

export function makeKey(): { readonly key_id: string; readonly key: string; readonly secret_sha256: string } {
  const key_id = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  return { key_id, key: `mrk_${key_id}_${secret}`, secret_sha256: sha256(secret) };
}

export function matchesKey({ secret_sha256 }: Pick<ApiKey, 'secret_sha256'>, credential: string): boolean {
  const secret = form.exec(credential)?.[2] ?? '';
  return timingSafeEqual(Buffer.from(sha256(secret), 'hex'), Buffer.from(secret_sha256, 'hex'));
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
