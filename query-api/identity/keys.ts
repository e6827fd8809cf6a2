/**
 * Credentials that are shown once: `mrk_<id>_<secret>` is an API key, `mrs_<id>_<secret>` the secret of a shared answer. The secret
 * is 32 random bytes, so that its plain hash is as good as a slow one.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '../../schemas/generated.ts';

export interface Credentials {
  /** Null where it is none of these. */
  idIn(credential: string): string | null;
  make(): { readonly id: string; readonly credential: string; readonly secret_sha256: string };
  matches(secret_sha256: string, credential: string): boolean;
}

export function credentialsBy(prefix: string): Credentials {
  const form = new RegExp(`^${prefix}_([0-9a-f]{16})_([\\w-]{43})$`);
  return {
    idIn: credential => form.exec(credential)?.[1] ?? null,
    make() {
      const id = randomBytes(8).toString('hex');
      const secret = randomBytes(32).toString('base64url');
      return { id, credential: `${prefix}_${id}_${secret}`, secret_sha256: sha256(secret) };
    },
    matches(secret_sha256, credential) {
      const secret = form.exec(credential)?.[2] ?? '';
      return timingSafeEqual(Buffer.from(sha256(secret), 'hex'), Buffer.from(secret_sha256, 'hex'));
    },
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const keys = credentialsBy('mrk');

/** Null where it is no key. */
export const keyIdIn = keys.idIn;

export function makeKey(): { readonly key_id: string; readonly key: string; readonly secret_sha256: string } {
  const { id, credential, secret_sha256 } = keys.make();
  return { key_id: id, key: credential, secret_sha256 };
}

export const matchesKey = ({ secret_sha256 }: Pick<ApiKey, 'secret_sha256'>, credential: string): boolean =>
  keys.matches(secret_sha256, credential);
