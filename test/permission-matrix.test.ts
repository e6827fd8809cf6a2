/**
 * Every operation of the contract by every kind of caller: who is asked for a token, who is refused, and who is let in. What is
 * expected is the table of README.md, and nothing of the code's own.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Instance, startInstance } from './instance.ts';
import { type Answer, grant, type People, peopleOf } from './people.ts';

const permitted = {
  admin: ['read', 'write', 'write_own', 'delete', 'manage_users', 'admin'],
  manager: ['read', 'write', 'write_own', 'manage_team'],
  user: ['read', 'write_own'],
  viewer: ['read'],
} as const;
type Role = keyof typeof permitted;
const roles = Object.keys(permitted) as Role[];
const password = 'a long enough password';

interface Caller {
  readonly name: string;
  readonly credential: string | null;
  /** What he may do; null for whom nothing is answered that asks for a token. */
  readonly may: readonly string[] | null;
}

let instance: Instance;
let people: People;
let callers: Caller[];
const made: Record<string, { key_id: string; key: string }> = {};

async function keyFor(user_id: string, scopes: readonly string[]): Promise<string> {
  const label = `${user_id} ${scopes}`;
  made[label] = await people.json(people.admin, 'POST', '/api/keys', { user_id, scopes, label });
  return made[label]?.key ?? '';
}

beforeAll(async () => {
  instance = await startInstance();
  people = await peopleOf(instance);
  const teams = [grant('blue', false)];
  for (const role of roles) {
    const mailboxes = [grant('desk@acme.example', false)];
    await people.add({ user_id: `one-${role}`, role, password, ...(role === 'user' ? { mailboxes, teams } : {}) });
  }
  await people.add({ user_id: 'boss', role: 'manager', teams });
  await people.add({ user_id: 'disabled', role: 'admin', password });
  await people.add({ user_id: 'other', role: 'user' });
  callers = [{ name: 'nobody', credential: null, may: null }];
  for (const role of roles) {
    const { access_token } = await people.signIn(`one-${role}`, password);
    callers.push({ name: role, credential: access_token, may: permitted[role] });
    const operator = await people.operatorToken('an-operator', role);
    callers.push({ name: `an operator’s ${role}`, credential: operator, may: permitted[role] });
  }
  const scoped = (name: string, credential: string, scopes: readonly string[]): void => {
    // What is the administrator's alone is as much as to manage users; who writes anything writes his own.
    const more = [
      ...(scopes.includes('manage_users') ? ['admin'] : []),
      ...(scopes.includes('write') ? ['write_own'] : []),
    ];
    callers.push({ name, credential, may: [...scopes, ...more] });
  };
  scoped('a key to read', await keyFor('one-admin', ['read']), ['read']);
  scoped('a key to write', await keyFor('one-admin', ['write']), ['write']);
  scoped('a key to delete', await keyFor('one-admin', ['delete']), ['delete']);
  scoped('a key to manage', await keyFor('one-admin', ['manage_users']), ['manage_users']);
  scoped('a viewer’s key', await keyFor('one-viewer', ['read']), ['read']);
  scoped('a user’s key for his own', await keyFor('one-user', ['write_own']), ['write_own']);
  const gone = await people.signIn('disabled', password);
  const key = await keyFor('disabled', ['read', 'write', 'manage_users']);
  await people.json(people.admin, 'PATCH', '/api/users/disabled', { state: 'disabled' });
  const revoked = await keyFor('one-admin', ['read', 'manage_users']);
  await people.ask(people.admin, 'DELETE', `/api/keys/${made['one-admin read,manage_users']?.key_id}`);
  for (const [name, credential] of [
    ['who was disabled', gone.access_token],
    ['a key of who was disabled', key],
    ['a revoked key', revoked],
    ['an operator’s for who was disabled', await people.operatorToken('disabled', 'admin')],
    ['an expired token', await people.operatorToken('an-operator', 'admin', -60)],
    ['nonsense', 'nonsense'],
  ] as const)
    callers.push({ name, credential, may: null });
});
afterAll(async () => {
  expect(await instance?.stop()).toBe(0);
});

/** By the gate, and not by what a route refuses of its own. */
function verdictOf({ status, text }: Answer): string {
  const { detail = '' } = (status >= 400 ? JSON.parse(text || '{}') : {}) as { detail?: string };
  if (status === 401) return '401';
  if (status === 403 && /^the (role|key) .*may not do this/.test(detail)) return '403';
  return status >= 500 ? `${status} ${detail}` : 'let in';
}

it('each operation lets each caller in whom the table lets in, and no other', async () => {
  const { paths } = await people.json<{ paths: Record<string, Record<string, { 'x-access': string }>> }>(
    null,
    'GET',
    '/openapi.json',
  );
  const wrong: string[] = [];
  const counts: Record<string, number> = {};
  let operations = 0;
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { 'x-access': access }] of Object.entries(methods)) {
      operations++;
      // Of nothing that is there, and with a body that no route takes: nothing is done by it.
      const address = path.replace(/\{\w+\}/g, 'none');
      const body = ['post', 'put', 'patch'].includes(method) ? [] : undefined;
      for (const { name, credential, may } of callers) {
        // It answers whoever calls with 401, for what he did not say.
        if (access === 'open') {
          const { status } = await people.ask(credential, method.toUpperCase(), address, body);
          counts.open = (counts.open ?? 0) + 1;
          if (status === 401 || status === 403 || status >= 500) wrong.push(`${name} ${method} ${path}: ${status}`);
          continue;
        }
        // To sign out is done with the token itself, which the others need yet.
        const isSignOut = method === 'delete' && path === '/api/session';
        const asked = isSignOut && may !== null ? await people.operatorToken('an-operator', 'viewer') : credential;
        const verdict = verdictOf(await people.ask(asked, method.toUpperCase(), address, body));
        const expected = may === null ? '401' : isSignOut || may.includes(access) ? 'let in' : '403';
        counts[expected] = (counts[expected] ?? 0) + 1;
        if (verdict !== expected) wrong.push(`${name} ${method} ${path} (${access}): ${verdict}, not ${expected}`);
      }
    }
  }
  const cells = Object.values(counts).reduce((sum, count) => sum + count, 0);
  console.info(`${operations} operations × ${callers.length} callers: ${cells} cells, ${JSON.stringify(counts)}`);
  expect(wrong).toEqual([]);
  expect(cells).toBe(operations * callers.length);
  expect(operations).toBeGreaterThan(30);
});

const credentialOf = (name: string): string => callers.find(caller => caller.name === name)?.credential ?? '';
const status = async (name: string, method: string, path: string, body?: unknown): Promise<number> =>
  (await people.ask(credentialOf(name), method, path, body)).status;

describe('what is his own', () => {
  const mail = { sender: 'ada@customer.example', subject: 'A mail', content: 'Words' };
  let n = 0;
  const handIn = (name: string, more: object): Promise<number> =>
    status(name, 'POST', '/api/emails', { ...mail, message_id: `own-${++n}@customer.example`, ...more });

  it('is what a user may hand in: as himself, and for a mailbox or team of his', async () => {
    for (const name of ['user', 'a user’s key for his own']) {
      const granted = [{}, { owner_id: 'one-user' }, { mailbox: 'Desk@acme.example' }, { team_id: 'blue' }];
      for (const of of granted) expect([name, of, await handIn(name, of)]).toEqual([name, of, 201]);
      const others = [
        { owner_id: 'other' },
        { owner_id: '' },
        { owner_id: null },
        { owner_id: ['one-user'] },
        { mailbox: 'ceo@acme.example' },
        { mailbox: 'desk@acme.example\0' },
        { mailbox: null },
        { team_id: 'red' },
        { team_id: 'Blue' },
        { organization_id: 'sample' },
        { organization_id: 'default' },
        { organization_id: null },
      ];
      for (const of of others) expect([name, of, await handIn(name, of)]).toEqual([name, of, 403]);
    }
    expect(await handIn('viewer', {})).toBe(403);
    expect(await handIn('a key to read', {})).toBe(403);
    expect(await handIn('manager', { mailbox: 'ceo@acme.example', owner_id: 'other' })).toBe(201);
    const [{ owners } = { owners: [] }] = await instance.sql<{ owners: string[] }>(
      "SELECT groupUniqArray((mailbox, owner_id, team_id)) AS owners FROM messages WHERE message_id LIKE 'own-%'",
    );
    expect(owners.map(one => JSON.stringify(one)).sort()).toEqual(
      [
        ['', 'one-user', ''],
        ['', 'one-user', 'blue'],
        ['ceo@acme.example', 'other', ''],
        ['desk@acme.example', 'one-user', ''],
      ]
        .map(one => JSON.stringify(one))
        .sort(),
    );
  });

  it.each(['viewer', 'user', 'manager', 'a key to read'])('of others a %s neither reads nor changes', async name => {
    const user = '/api/users/other';
    expect([await status(name, 'GET', user), await status(name, 'PATCH', user, { name: 'x' })]).toEqual([404, 404]);
    expect(await status(name, 'PATCH', '/api/users/nobody-of-this-name', { name: 'x' })).toBe(404);
    expect(await status(name, 'PUT', `${user}/password`, { password })).toBe(403);
    expect(await status(name, 'DELETE', user)).toBe(403);
    expect(await status(name, 'POST', '/api/users', { user_id: 'mine', role: 'admin' })).toBe(403);
    expect(await status(name, 'POST', '/api/keys', { user_id: 'other', label: 'x', scopes: ['read'] })).toBe(403);
    const { items } = await people.json<{ items: { user_id: string }[] }>(credentialOf(name), 'GET', '/api/keys');
    expect(new Set(items.map(({ user_id }) => user_id)).size).toBeLessThanOrEqual(1);
    expect(await status(name, 'DELETE', `/api/keys/${made['one-user write_own']?.key_id}`)).toBe(
      name === 'user' ? 204 : name === 'a key to read' ? 403 : 404,
    );
  });

  it('is not made more by who changes himself', async () => {
    for (const role of ['viewer', 'user', 'manager'] as const) {
      for (const change of [
        { role: 'admin' },
        { mailboxes: [grant('ceo@acme.example', true)] },
        { teams: [grant('red', true)] },
      ]) {
        expect([role, change, await status(role, 'PATCH', `/api/users/one-${role}`, change)]).toEqual([
          role,
          change,
          403,
        ]);
      }
      const scopes = [role === 'manager' ? 'delete' : 'write'];
      expect(await status(role, 'POST', '/api/keys', { label: 'x', scopes })).toBe(403);
    }
  });
});
