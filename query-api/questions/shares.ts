/** Share links: what may be said of one, and on whose behalf it is read. */
import { z } from 'zod';
import type { Share, User } from '../../schemas/generated.ts';
import type { Caller } from '../auth/access.ts';
import { roleOf } from '../auth/roles.ts';
import { credentialsBy } from '../identity/keys.ts';
import type { Databases } from '../permission/databases.ts';
import { sightOf } from '../permission/sight.ts';
import { instant, iso } from '../rows.ts';

export const secrets = credentialsBy('mrs');

const days_max = 90;
const day_ms = 24 * 60 * 60 * 1_000;
/** Of one maker, those that ended not counted. */
export const shares_max = 100;

export const newShare = z
  .strictObject({
    question_id: z.string().max(64),
    expires_in_days: z.int().min(1).max(days_max),
    label: z.string().max(200).default('').describe('To know it again among others'),
  })
  .meta({ id: 'NewShare' });

export const shareSchema = z
  .object({
    share_id: z.string(),
    question_id: z.string(),
    maker_id: z.string(),
    label: z.string(),
    created_at: instant,
    expires_at: instant,
    revoked_at: instant.nullable(),
  })
  .meta({ id: 'Share' });
export const madeShare = shareSchema
  .extend({ path: z.string().describe('The address of the answer, with its secret: it is told here and never again') })
  .meta({ id: 'MadeShare' });

export const shareRow = ({ share_id, question_id, maker_id, label, ...times }: Share): z.infer<typeof shareSchema> => ({
  ...{ share_id, question_id, maker_id, label },
  created_at: iso(times.created_at_ms),
  expires_at: iso(times.expires_at_ms),
  revoked_at: times.revoked_at_ms === null ? null : iso(times.revoked_at_ms),
});

export function madeBy(maker_id: string, { question_id, expires_in_days, label }: z.output<typeof newShare>) {
  const { id, credential, secret_sha256 } = secrets.make();
  const now_ms = Date.now();
  const share: Share = {
    ...{ share_id: id, question_id, maker_id, label, secret_sha256 },
    expires_at_ms: now_ms + expires_in_days * day_ms,
    revoked_at_ms: null,
    created_at_ms: now_ms,
    version: 1,
  };
  return { share, secret: credential };
}

export const isOpen = ({ expires_at_ms, revoked_at_ms }: Share): boolean =>
  revoked_at_ms === null && Date.now() < expires_at_ms;

/** The maker as he is now, who reads and does nothing else. */
export function makerOf(user: User, databases: Pick<Databases, 'of'>, isCurrent: () => boolean): Caller {
  const role = roleOf(user.role);
  const sight = sightOf(user.user_id, role, user);
  return {
    ...{ subject: user.user_id, role, scopes: ['read'], session_id: null, sight, isCurrent },
    expires_ms: Number.MAX_SAFE_INTEGER,
    tables: () => databases.of(sight),
  };
}
