/** Users: who signs in, as what, and whose mail he may see. */
import { z } from 'zod';
import { json, Problem } from '../../lib/http.ts';
import { createRateLimiter } from '../../lib/rate-limit.ts';
import type { User } from '../../schemas/generated.ts';
import { spend } from '../auth/access.ts';
import { type DescribedRoute, describe } from '../contract.ts';
import type { Directory } from '../identity/directory.ts';
import { guesses, hashPassword, matchesPassword, password } from '../identity/passwords.ts';
import { endedSessionsOf } from '../identity/sessions.ts';
import {
  changed,
  created,
  isThere,
  maySee,
  newUser,
  removed,
  requireMayChange,
  userChange,
  userRow,
  userSchema,
} from '../identity/users.ts';

const secret = z.strictObject({ present: z.string().max(256).optional(), password });

export function userRoutes(directory: Directory): DescribedRoute[] {
  const byUser = createRateLimiter(guesses);
  const path = '/api/users';
  const tag = 'Users';

  /** Throws Problem 404: also where the caller may not know that there is one. */
  function one(user_id: string): User {
    const user = directory.user(user_id);
    if (!isThere(user)) throw new Problem(404, 'there is no such user');
    return user;
  }

  return [
    describe({
      method: 'GET',
      path,
      access: 'read',
      tag,
      summary: 'Users: all of them for who manages users, those of his teams for who manages these, and oneself',
      answers: { 200: { description: 'By their ids', schema: z.object({ items: z.array(userSchema) }) } },
      async handle({ caller }) {
        await directory.loaded();
        const own = directory.user(caller.subject);
        const users = [...directory.users()].filter(user => isThere(user) && maySee(caller, user, own));
        return json(200, { items: users.sort((a, b) => (a.user_id < b.user_id ? -1 : 1)).map(userRow) });
      },
    }),
    describe({
      method: 'POST',
      path,
      access: 'manage_users',
      tag,
      summary: 'Add a user',
      body: newUser,
      answers: { 201: { description: 'Added', schema: userSchema } },
      problems: [409],
      audited: 'user.create',
      async handle({ body }) {
        const password_hash = body.password === undefined ? null : await hashPassword(body.password);
        await directory.change(() => ({
          users: [created(body, password_hash, directory.user(body.user_id), directory.users())],
        }));
        const location = `${path}/${encodeURIComponent(body.user_id)}`;
        return json(201, userRow(one(body.user_id)), { location });
      },
    }),
    describe({
      method: 'GET',
      path: `${path}/:id`,
      access: 'read',
      tag,
      summary: 'A user',
      answers: { 200: { description: 'The user', schema: userSchema } },
      async handle({ request, caller }) {
        await directory.loaded();
        const user = one(request.parameters.id ?? '');
        if (!maySee(caller, user, directory.user(caller.subject))) throw new Problem(404, 'there is no such user');
        return json(200, userRow(user));
      },
    }),
    describe({
      method: 'PATCH',
      path: `${path}/:id`,
      access: 'read',
      tag,
      summary: 'Change a user; who manages a team may change its members, by `teams` alone',
      body: userChange,
      answers: { 200: { description: 'As he is now', schema: userSchema } },
      problems: [409],
      audited: 'user.change',
      async handle({ request, body, caller }) {
        const user_id = request.parameters.id ?? '';
        const password_hash = body.password === undefined ? null : await hashPassword(body.password);
        await directory.change(() => {
          const user = one(user_id);
          requireMayChange(caller, user, body, directory.user(caller.subject));
          const next = changed(user, body, password_hash, directory.users());
          const ends = body.password !== undefined || body.state === 'disabled';
          return { users: [next], sessions: ends ? endedSessionsOf(directory, user_id) : [] };
        });
        return json(200, userRow(one(user_id)));
      },
    }),
    describe({
      method: 'DELETE',
      path: `${path}/:id`,
      access: 'manage_users',
      tag,
      summary: 'Remove a user, his keys and his sessions; what is his stays',
      answers: { 204: { description: 'Removed', empty: true } },
      audited: 'user.remove',
      async handle({ request }) {
        const user_id = request.parameters.id ?? '';
        await directory.change(() => ({
          users: [removed(one(user_id))],
          keys: [...directory.keys()]
            .filter(key => key.user_id === user_id && key.revoked_at_ms === null)
            .map(key => ({ ...key, revoked_at_ms: Date.now(), version: key.version + 1 })),
          sessions: endedSessionsOf(directory, user_id),
        }));
        return { status: 204 };
      },
    }),
    describe({
      method: 'PUT',
      path: `${path}/:id/password`,
      access: 'read',
      tag,
      summary: 'Change one’s own password, with the present one; every session ends',
      body: secret,
      answers: { 204: { description: 'Changed', empty: true } },
      audited: 'user.password',
      async handle({ request, body, caller }) {
        const user_id = request.parameters.id ?? '';
        if (caller.subject !== user_id || caller.scopes !== null) {
          throw new Problem(403, 'only one’s own password, and with no key');
        }
        await directory.loaded();
        // Whoever got hold of a token must not try passwords with it.
        spend(byUser, user_id);
        const { password_hash } = one(user_id);
        const isWrong = new Problem(403, 'the present password is wrong');
        if (!(await matchesPassword(body.present ?? '', password_hash))) throw isWrong;
        const next_hash = await hashPassword(body.password);
        await directory.change(() => {
          const user = one(user_id);
          // Somebody else may have set another one while this was worked out.
          if (user.password_hash !== password_hash) throw isWrong;
          return {
            users: [changed(user, { password: body.password }, next_hash, directory.users())],
            sessions: endedSessionsOf(directory, user_id),
          };
        });
        return { status: 204 };
      },
    }),
  ];
}
