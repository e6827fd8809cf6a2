/** API keys: each speaks for a user, as far as its scopes go, and is shown once. */
import { z } from 'zod';
import { json, Problem } from '../../lib/http.ts';
import type { ApiKey } from '../../schemas/generated.ts';
import { type Caller, may } from '../auth/access.ts';
import { permissions, permits, roleOf } from '../auth/roles.ts';
import { type DescribedRoute, describe } from '../contract.ts';
import type { Directory } from '../identity/directory.ts';
import { makeKey } from '../identity/keys.ts';
import { isThere } from '../identity/users.ts';
import { instant, iso } from '../rows.ts';

const days_max = 3_650;
/** Of one user, those that were revoked not counted. */
const keys_max = 100;

const newKey = z
  .strictObject({
    label: z.string().min(1).max(200),
    scopes: z.array(z.enum(permissions)).min(1).describe('Of what the user’s role may do'),
    expires_in_days: z.int().min(1).max(days_max).optional().describe('Without it, the key ends when it is revoked'),
    user_id: z.string().max(64).optional().describe('Whose; one’s own unless given'),
  })
  .meta({ id: 'NewKey' });

const keySchema = z
  .object({
    key_id: z.string(),
    user_id: z.string(),
    label: z.string(),
    scopes: z.array(z.enum(permissions)),
    created_at: instant,
    expires_at: instant.nullable(),
    revoked_at: instant.nullable(),
  })
  .meta({ id: 'ApiKey' });
const madeKey = keySchema.extend({ key: z.string().describe('The key itself: it is told here and never again') }).meta({
  id: 'MadeKey',
});

export function keyRoutes(directory: Directory): DescribedRoute[] {
  const path = '/api/keys';
  const tag = 'Keys';
  return [
    describe({
      method: 'GET',
      path,
      access: 'read',
      tag,
      summary: 'Keys: one’s own, and everybody’s for who manages users',
      answers: { 200: { description: 'The newest first', schema: z.object({ items: z.array(keySchema) }) } },
      async handle({ caller }) {
        await directory.loaded();
        const keys = [...directory.keys()].filter(key => maySee(caller, key));
        return json(200, { items: keys.sort((a, b) => b.created_at_ms - a.created_at_ms).map(keyRow) });
      },
    }),
    describe({
      method: 'POST',
      path,
      access: 'read',
      tag,
      summary: 'Make a key',
      body: newKey,
      answers: { 201: { description: 'Made', schema: madeKey } },
      problems: [409],
      audited: 'key.create',
      async handle({ body, caller }) {
        requireNoMereKey(caller);
        const user_id = body.user_id ?? caller.subject;
        if (user_id !== caller.subject && !manages(caller))
          throw new Problem(403, 'a key for somebody else takes manage_users');
        const { key, key_id, secret_sha256 } = makeKey();
        const now_ms = Date.now();
        const record: ApiKey = {
          key_id,
          user_id,
          label: body.label,
          scopes: [...new Set(body.scopes)],
          secret_sha256,
          expires_at_ms: body.expires_in_days === undefined ? null : now_ms + body.expires_in_days * day_ms,
          revoked_at_ms: null,
          created_at_ms: now_ms,
          version: 1,
        };
        await directory.change(() => {
          requireMakable(record, caller, directory);
          return { keys: [record] };
        });
        return json(201, { ...keyRow(record), key }, { location: `${path}/${key_id}` });
      },
    }),
    describe({
      method: 'DELETE',
      path: `${path}/:id`,
      access: 'read',
      tag,
      summary: 'Revoke a key',
      answers: { 204: { description: 'Revoked', empty: true } },
      audited: 'key.revoke',
      async handle({ request, caller }) {
        requireNoMereKey(caller);
        await directory.change(() => {
          const key = directory.key(request.parameters.id ?? '');
          if (!key || !maySee(caller, key)) throw new Problem(404, 'there is no such key');
          return key.revoked_at_ms === null
            ? { keys: [{ ...key, revoked_at_ms: Date.now(), version: key.version + 1 }] }
            : {};
        });
        return { status: 204 };
      },
    }),
  ];
}

const day_ms = 24 * 60 * 60 * 1_000;

const manages = (caller: Caller): boolean => may(caller, 'manage_users');
const maySee = (caller: Caller, { user_id }: ApiKey): boolean => user_id === caller.subject || manages(caller);

/** A key that leaked must make none that outlives it, and take none away. Throws Problem 403. */
function requireNoMereKey(caller: Caller): void {
  if (caller.scopes === null || manages(caller)) return;
  throw new Problem(
    403,
    'keys are made and revoked by whoever signs in; with a key, this takes the scope manage_users',
  );
}

/** Throws Problem 403 or 409. */
function requireMakable({ user_id, scopes }: ApiKey, caller: Caller, directory: Directory): void {
  const user = directory.user(user_id);
  if (!isThere(user)) {
    throw new Problem(409, 'a key speaks for a user, and there is none of this name: add one by POST /api/users');
  }
  const beyond = scopes.filter(
    scope => !permits(roleOf(user.role), permissions.find(one => one === scope) ?? 'manage_users'),
  );
  if (beyond.length > 0) throw new Problem(403, `the role ${user.role} may not do this itself: ${beyond.join(', ')}`);
  const own = caller.scopes;
  if (own !== null && scopes.some(scope => !own.some(one => one === scope))) {
    throw new Problem(403, 'a key makes none that may do more than itself');
  }
  const open = [...directory.keys()].filter(key => key.user_id === user_id && key.revoked_at_ms === null);
  if (open.length >= keys_max) throw new Problem(409, `at most ${keys_max} keys of one user: revoke some`);
}

const keyRow = ({ secret_sha256: _, created_at_ms, expires_at_ms, revoked_at_ms, version: __, ...key }: ApiKey) => ({
  ...key,
  created_at: iso(created_at_ms),
  expires_at: expires_at_ms === null ? null : iso(expires_at_ms),
  revoked_at: revoked_at_ms === null ? null : iso(revoked_at_ms),
});
