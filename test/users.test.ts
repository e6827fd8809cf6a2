/** `millrace user` and `millrace key` against a running instance. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Instance, startInstance } from './instance.ts';

interface User {
  user_id: string;
  role: string;
  state: string;
  email: string;
  mailboxes: object[];
  teams: object[];
  has_password: boolean;
}

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance();
});
afterAll(async () => {
  await instance?.stop();
});

const signIn = async (user: string, password: string): Promise<number> =>
  (await fetch(`${instance.url}/api/session`, { method: 'POST', body: JSON.stringify({ user, password }) })).status;
const only = async (): Promise<User | undefined> => (await instance.json<User[]>(['user', 'list']))[0];

it('adds a user with what he sees and a password, and shows him', async () => {
  expect((await instance.run(['user', 'list'])).stdout).toBe('no users\n');
  const grants = ['--mailbox', 'Ada@acme.example:bodies', '--mailbox', 'info@acme.example', '--team', 'sales'];
  const said = ['--role', 'user', '--email', 'ada@acme.example', '--name', 'Ada Byron', ...grants];
  const added = await instance.run(['user', 'add', 'ada', ...said, '--password-stdin'], 'a dozen letters\n');
  expect(added).toMatchObject({ code: 0, stdout: 'added ada, role user, active\n' });
  expect(await only()).toMatchObject({
    ...{ user_id: 'ada', role: 'user', email: 'ada@acme.example', has_password: true },
    mailboxes: [
      { name: 'ada@acme.example', bodies: true },
      { name: 'info@acme.example', bodies: false },
    ],
    teams: [{ name: 'sales', bodies: false }],
  });
  expect((await instance.run(['user', 'list'])).stdout).toMatch(/ada +user +active +yes .*ada@acme.example:bodies/);
  expect(await signIn('ada', 'a dozen letters')).toBe(200);
});

it('changes what is named and nothing else', async () => {
  expect((await instance.run(['user', 'change', 'ada', '--role', 'manager', '--no-teams'])).code).toBe(0);
  expect(await only()).toMatchObject({ role: 'manager', teams: [], email: 'ada@acme.example', has_password: true });
  expect((await instance.run(['user', 'passwd', 'ada'], 'another dozen letters\n')).code).toBe(0);
  expect(await signIn('ada', 'another dozen letters')).toBe(200);
  expect((await instance.run(['user', 'change', 'ada', '--disable'])).stdout).toContain('disabled');
  expect(await signIn('ada', 'another dozen letters')).toBe(401);
  expect((await instance.run(['user', 'change', 'ada', '--enable'])).code).toBe(0);
});

it('makes a key that does what its scopes say, until it is revoked', async () => {
  const made = await instance.run(['key', 'create', '--user', 'ada', '--label', 'a report', '--days', '1']);
  expect(made.stdout).toMatch(/^mrk_[0-9a-f]{16}_[\w-]{43}\n$/);
  const headers = { 'x-api-key': made.stdout.trim() };
  const status = async (method: string, path: string): Promise<number> =>
    (await fetch(instance.url + path, { method, headers, ...(method === 'POST' ? { body: '{}' } : {}) })).status;
  expect(await status('GET', '/api/session')).toBe(200);
  expect(await status('POST', '/api/emails')).toBe(403);
  const [{ key_id } = { key_id: '' }] = await instance.json<{ key_id: string }[]>(['key', 'list']);
  expect((await instance.run(['key', 'revoke', key_id])).stdout).toBe(`revoked ${key_id}\n`);
  expect(await status('GET', '/api/session')).toBe(401);
  expect((await instance.run(['key', 'list'])).stdout).toContain('revoked 2');
});

it('says what does not fit, by its exit code too', async () => {
  const faults: [string[], number, RegExp][] = [
    [['user', 'add', 'ada'], 1, /there is a user ada already/],
    [['user', 'add', 'bob', '--mailbox', 'nobody'], 1, /mailboxes/],
    [['user', 'add', 'bob', '--team', 'sales:body'], 2, /:bodies/],
    [['user', 'change', 'ada'], 2, /nothing is named/],
    [['user', 'change', 'eve', '--disable'], 1, /no such user/],
    [['user', 'passwd', 'ada'], 2, /no password came/],
    [['key', 'create', '--user', 'eve', '--label', 'x'], 1, /there is none of this name/],
    [['key', 'create', '--user', 'ada', '--label', 'x', '--scope', 'manage_users'], 1, /may not do this itself/],
    [['key', 'revoke', 'none'], 1, /no such key/],
  ];
  for (const [args, code, said] of faults) {
    const result = await instance.run(args);
    expect([args, result.code, result.stderr]).toEqual([args, code, expect.stringMatching(said)]);
  }
});

it('removes a user', async () => {
  expect((await instance.run(['user', 'remove', 'ada'])).stdout).toBe('removed ada\n');
  expect(await only()).toBeUndefined();
  expect((await instance.run(['user', 'remove', 'ada'])).code).toBe(1);
});
