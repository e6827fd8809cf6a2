import { beforeEach, describe, expect, it } from 'vitest';
import type { HttpRequest, Reply } from '../../lib/http.ts';
import type { Caller } from '../auth/access.ts';
import type { Permission, Role } from '../auth/roles.ts';
import { keyIdIn, makeKey, matchesKey } from '../identity/keys.ts';
import { type TestDirectory, testDirectory, userOf } from '../identity/test-directory.ts';
import { everything } from '../permission/sight.ts';
import { keyRoutes } from './keys.ts';

describe('a key’s text', () => {
  it('is its id and a secret of which the hash alone is kept', () => {
    const { key, key_id, secret_sha256 } = makeKey();
    expect(keyIdIn(key)).toBe(key_id);
    expect(matchesKey({ secret_sha256 }, key)).toBe(true);
    expect(key).not.toContain(secret_sha256);
    expect(new Set(Array.from({ length: 100 }, () => makeKey().key)).size).toBe(100);
  });

  it('that is none is no key, and matches nothing', () => {
    const { key, secret_sha256 } = makeKey();
    for (const text of ['', 'mrk_', `${key}\n`, ` ${key}`, key.replace('mrk', 'mrr'), key.replace(/.$/, ''), 'a.b.c']) {
      expect([text, keyIdIn(text), matchesKey({ secret_sha256 }, text)]).toEqual([text, null, false]);
    }
  });
});

let directory: TestDirectory;
beforeEach(() => {
  directory = testDirectory(
    userOf('root', { role: 'admin' }),
    userOf('boss', { role: 'manager' }),
    userOf('ada'),
    userOf('gone', { state: 'removed' }),
  );
});

const callerOf = (subject: string, role: Role, scopes: readonly Permission[] | null = null): Caller => ({
  ...{ subject, role, scopes, session_id: null, sight: everything, expires_ms: 0 },
  isCurrent: () => true,
  tables: () => Promise.reject(new Error('keys are in no table')),
});
const root = callerOf('root', 'admin');
const ada = callerOf('ada', 'user');

function call(method: string, caller: Caller, body: object = {}, id = ''): Promise<Reply> {
  const route = keyRoutes(directory).find(one => one.method === method);
  const request = {
    method,
    path: '/api/keys',
    query: new URLSearchParams(),
    headers: new Map([['content-type', 'application/json']]),
    parameters: { id },
    body: async () => Buffer.from(JSON.stringify(body)),
  } as unknown as HttpRequest;
  return route?.handler(request, caller) ?? Promise.reject(new Error(`no ${method}`));
}
interface Made {
  readonly key: string;
  readonly key_id: string;
}
const make = async (caller: Caller, more: object = {}): Promise<Made> =>
  JSON.parse(String((await call('POST', caller, { label: 'x', scopes: ['read'], ...more })).body)) as Made;
const listed = async (caller: Caller): Promise<string[]> =>
  (JSON.parse(String((await call('GET', caller)).body)) as { items: Made[] }).items.map(({ key_id }) => key_id);

describe('keys', () => {
  it('are told once, and then without their secret', async () => {
    const { key, key_id } = await make(ada);
    expect(directory.key(key_id)).toMatchObject({ user_id: 'ada', scopes: ['read'], expires_at_ms: null });
    const text = String((await call('GET', ada)).body);
    expect(text).toContain(key_id);
    expect(text).not.toContain(key.slice(-43));
    expect(text).not.toMatch(/secret|sha256/);
  });

  it('are one’s own, and everybody’s for who manages users', async () => {
    const [hers, his] = [await make(ada), await make(callerOf('boss', 'manager'))];
    expect(await listed(ada)).toEqual([hers.key_id]);
    expect(await listed(callerOf('boss', 'manager'))).toEqual([his.key_id]);
    expect((await listed(root)).sort()).toEqual([hers.key_id, his.key_id].sort());
    expect(await listed(callerOf('root', 'admin', ['read']))).toEqual([]);
  });

  it('do no more than their user', async () => {
    for (const scope of ['write', 'delete', 'manage_users', 'manage_team']) {
      await expect(make(ada, { scopes: ['read', scope] }), scope).rejects.toMatchObject({ status: 403 });
    }
    await expect(make(ada, { scopes: ['read', 'write_own'] })).resolves.toBeDefined();
    // Whoever makes it for him lends him nothing.
    await expect(make(root, { user_id: 'ada', scopes: ['manage_users'] })).rejects.toMatchObject({ status: 403 });
  });

  it('are made for others by who manages users alone, and for nobody who is not there', async () => {
    for (const caller of [ada, callerOf('boss', 'manager'), callerOf('root', 'admin', ['read', 'write'])]) {
      await expect(make(caller, { user_id: 'root' })).rejects.toMatchObject({ status: 403 });
    }
    await expect(make(root, { user_id: 'ada' })).resolves.toBeDefined();
    for (const user_id of ['gone', 'nobody', '__proto__', ''])
      await expect(make(root, { user_id }), user_id).rejects.toMatchObject({ status: 409 });
    await expect(make(callerOf('operator', 'admin'))).rejects.toMatchObject({ status: 409 });
  });

  it('are neither made nor revoked by a key, unless it manages users', async () => {
    const { key_id } = await make(ada);
    const key = callerOf('ada', 'user', ['read', 'write_own']);
    await expect(make(key)).rejects.toMatchObject({ status: 403 });
    await expect(call('DELETE', key, {}, key_id)).rejects.toMatchObject({ status: 403 });
    const managing = callerOf('root', 'admin', ['manage_users', 'read']);
    await expect(make(managing, { user_id: 'ada' })).resolves.toBeDefined();
    await expect(make(managing, { scopes: ['delete'] })).rejects.toMatchObject({ status: 403 });
    await expect(call('DELETE', managing, {}, key_id)).resolves.toEqual({ status: 204 });
  });

  it('of others are not there to be revoked', async () => {
    const { key_id } = await make(root);
    await expect(call('DELETE', ada, {}, key_id)).rejects.toMatchObject({ status: 404 });
    await expect(call('DELETE', callerOf('boss', 'manager'), {}, key_id)).rejects.toMatchObject({ status: 404 });
    for (const id of ['', 'f'.repeat(16), '__proto__']) {
      await expect(call('DELETE', root, {}, id)).rejects.toMatchObject({ status: 404 });
    }
    expect(directory.key(key_id)?.revoked_at_ms).toBeNull();
  });

  it('are revoked once and stay so', async () => {
    const { key_id } = await make(ada);
    await call('DELETE', ada, {}, key_id);
    const revoked = directory.key(key_id);
    await call('DELETE', root, {}, key_id);
    expect(directory.key(key_id)).toBe(revoked);
  });

  it('of one user are a hundred, those that were revoked not counted', async () => {
    for (let n = 0; n < 100; n++) await make(ada);
    await expect(make(ada)).rejects.toMatchObject({ status: 409 });
    await call('DELETE', ada, {}, (await listed(ada))[0]);
    await expect(make(ada)).resolves.toBeDefined();
  });

  it('take no scope that is none, nothing unknown, and no end beyond ten years', async () => {
    const odd = [{ scopes: [] }, { scopes: ['admin'] }, { scopes: ['*'] }, { secret_sha256: 'x' }, { version: 9 }];
    for (const more of [...odd, { expires_in_days: 0 }, { expires_in_days: 3_651 }, { expires_in_days: 0.5 }]) {
      await expect(make(ada, more), JSON.stringify(more)).rejects.toMatchObject({ status: 400 });
    }
  });
});
