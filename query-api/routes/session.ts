/** Signing in: with a password, and on with what came of it. */
import { z } from 'zod';
import { type HttpRequest, json, Problem } from '../../lib/http.ts';
import { createRateLimiter } from '../../lib/rate-limit.ts';
import { addressOf, spend } from '../auth/access.ts';
import { permissionsOf, roles } from '../auth/roles.ts';
import { type DescribedRoute, describe } from '../contract.ts';
import type { Audit } from '../identity/audit.ts';
import type { Directory } from '../identity/directory.ts';
import { guesses, matchesPassword } from '../identity/passwords.ts';
import type { Sessions } from '../identity/sessions.ts';
import { byEmail, isThere, userRow, userSchema } from '../identity/users.ts';

export interface SessionRoutes {
  readonly directory: Directory;
  readonly sessions: Sessions;
  readonly audit: Pick<Audit, 'tell'>;
}

const credentials = z.strictObject({
  user: z.string().min(1).max(254).describe('The user id, or the mail address'),
  password: z.string().min(1).max(256),
});
const refreshing = z.strictObject({ refresh_token: z.string().min(1).max(256) });

export const signedIn = z
  .object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int().describe('Of the access token, in seconds'),
    refresh_token: z.string().describe('To be used once: each refresh answers with the next one'),
    user_id: z.string(),
    role: z.enum(roles),
  })
  .meta({ id: 'SignedIn' });

const whoever = z
  .object({
    subject: z.string(),
    role: z.enum(roles),
    permissions: z.array(z.string()),
    expires_at: z.iso.datetime().nullable(),
    user: userSchema.nullable().describe('Null for a token that an operator signed for no user'),
  })
  .meta({ id: 'Whoever' });

export function sessionRoutes({ directory, sessions, audit }: SessionRoutes): DescribedRoute[] {
  const byAddress = createRateLimiter(guesses);
  const byUser = createRateLimiter(guesses);
  const path = '/api/session';
  const tag = 'Signing in';

  function told(request: HttpRequest, actor: string, action: string, outcome: 'done' | 'refused'): Promise<void> {
    return audit.tell({ actor, action, object: actor, outcome, remote_address: request.remote_address });
  }

  return [
    describe({
      method: 'POST',
      path,
      access: 'open',
      tag,
      summary: 'Sign in with a password',
      body: credentials,
      answers: { 200: { description: 'Signed in', schema: signedIn } },
      problems: [401],
      async handle({ request, body }) {
        const address = addressOf(request);
        spend(byAddress, address);
        spend(byUser, body.user.toLowerCase());
        await directory.loaded();
        const user = directory.user(body.user) ?? byEmail(directory.users(), body.user.toLowerCase());
        const matches = await matchesPassword(body.password, isThere(user) ? user.password_hash : null);
        if (!matches || !user || user.state !== 'active') {
          void told(request, body.user, 'session.create', 'refused');
          throw new Problem(401, 'the user or the password is wrong');
        }
        const session = await sessions.open(user);
        await told(request, user.user_id, 'session.create', 'done');
        return json(200, session);
      },
    }),
    describe({
      method: 'POST',
      path: `${path}/refresh`,
      access: 'open',
      tag,
      summary: 'Go on with the refresh token, once; one that was used before ends the session',
      body: refreshing,
      answers: { 200: { description: 'The next tokens', schema: signedIn } },
      problems: [401],
      handle: async ({ body }) => json(200, await sessions.refresh(body.refresh_token)),
    }),
    describe({
      method: 'GET',
      path,
      access: 'read',
      tag,
      summary: 'Who the caller is, and what he may do',
      answers: { 200: { description: 'The caller', schema: whoever } },
      async handle({ caller }) {
        const user = directory.user(caller.subject);
        const permissions = permissionsOf(caller.role).filter(
          one => caller.scopes === null || caller.scopes.includes(one),
        );
        const expires = caller.expires_ms > last_date_ms ? null : new Date(caller.expires_ms).toISOString();
        return json(200, {
          subject: caller.subject,
          role: caller.role,
          permissions,
          expires_at: expires,
          user: isThere(user) ? userRow(user) : null,
        });
      },
    }),
    describe({
      method: 'DELETE',
      path,
      access: 'read',
      tag,
      summary: 'Sign out: no token of the session is taken any more',
      answers: { 204: { description: 'Ended', empty: true } },
      audited: 'session.end',
      async handle({ caller }) {
        if (caller.session_id === null) throw new Problem(404, 'this token is of no session: it ends by itself');
        await sessions.end(caller.session_id);
        return { status: 204 };
      },
    }),
  ];
}

const last_date_ms = 8.64e15;
