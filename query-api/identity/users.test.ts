import { describe, expect, it } from 'vitest';
import type { Grant, User } from '../../schemas/generated.ts';
import type { Identity } from '../auth/identity.ts';
import type { Permission, Role } from '../auth/roles.ts';
import { everything } from '../permission/sight.ts';
import { userOf } from './test-directory.ts';
import { changed, created, maySee, newUser, removed, requireMayChange, userChange, userRow } from './users.ts';

const team = (name: string, bodies = false): Grant => ({ name, bodies });
const caller = (subject: string, role: Role, scopes: readonly Permission[] | null = null): Identity => ({
  subject,
  role,
  scopes,
  session_id: null,
  sight: everything,
  expires_ms: 0,
  isCurrent: () => true,
});

const boss = userOf('boss', { role: 'manager', teams: [team('blue', true), team('green')] });
const member = userOf('member', { teams: [team('blue')] });
const stranger = userOf('stranger', { teams: [team('red')] });
const root = userOf('root', { role: 'admin', teams: [team('blue')] });
const manager = caller('boss', 'manager');

/** 0 where it is allowed, else the problem's status. */
function statusOf(by: Identity, user: User, asked: object, own: User | undefined = undefined): number {
  try {
    requireMayChange(by, user, userChange.parse(asked), own);
    return 0;
  } catch (problem) {
    return (problem as { status: number }).status;
  }
}
const byManager = (user: User, asked: object): number => statusOf(manager, user, asked, boss);

describe('who may change a user', () => {
  it('is whoever manages users, in everything', () => {
    const everythingOfHim = { role: 'admin', teams: [], mailboxes: [], state: 'disabled', password: 'a long password' };
    for (const user of [boss, member, root]) expect(statusOf(caller('root', 'admin'), user, everythingOfHim)).toBe(0);
    expect(statusOf(caller('root', 'admin', ['manage_users']), member, everythingOfHim)).toBe(0);
  });

  it('is no administrator by a key without that scope', () => {
    expect(statusOf(caller('root', 'admin', ['read', 'write', 'delete']), member, { role: 'admin' }, root)).toBe(404);
    expect(statusOf(caller('root', 'admin', ['read']), root, { name: 'x' }, root)).toBe(403);
  });

  it.each(['user', 'viewer'] as const)('is no %s, not of himself, and he learns of nobody', role => {
    const self = userOf('self', { role, teams: [team('blue')] });
    for (const asked of [
      { role: 'admin' },
      { teams: [team('red')] },
      { teams: [] },
      { mailboxes: [] },
      { name: 'x' },
    ]) {
      expect([asked, statusOf(caller('self', role), self, asked, self)]).toEqual([asked, 403]);
      // As if there were none: he may not know.
      expect([asked, statusOf(caller('self', role), member, asked, self)]).toEqual([asked, 404]);
    }
  });
});

describe('who manages a team', () => {
  it('brings members in and lets them go', () => {
    expect(byManager(userOf('new'), { teams: [team('blue')] })).toBe(0);
    expect(byManager(userOf('new'), { teams: [team('blue', true), team('green')] })).toBe(0);
    expect(byManager(member, { teams: [] })).toBe(0);
    expect(byManager(boss, { teams: [team('green')] })).toBe(0);
  });

  const escalations: [string, User, object][] = [
    ['a further team for himself', boss, { teams: [...boss.teams, team('red')] }],
    ['bodies that he does not read', boss, { teams: [team('blue', true), team('green', true)] }],
    ['bodies for a member that he does not read himself', member, { teams: [team('blue'), team('green', true)] }],
    ['a mailbox for himself', boss, { mailboxes: [team('ceo@acme.example', true)] }],
    ['a mailbox beside a team', member, { teams: [team('blue')], mailboxes: [team('ceo@acme.example', true)] }],
    ['another role', member, { role: 'admin' }],
    ['another role for himself', boss, { role: 'admin' }],
    ['another role beside a team', member, { teams: [team('blue', true)], role: 'manager' }],
    ['a password', member, { password: 'a password of his own' }],
    ['a state', member, { state: 'disabled' }],
    ['an address, by which a provider would name him', member, { email: 'boss@acme.example' }],
    ['a name', member, { name: 'x' }],
    ['an administrator’s team', root, { teams: [] }],
    ['an administrator in his team', { ...root, teams: [] }, { teams: [team('blue')] }],
    ['another team’s member', userOf('new', { teams: [team('red'), team('blue')] }), { teams: [team('blue')] }],
    ['a team of a name that looks alike', member, { teams: [team('blue'), team('Blue')] }],
    ['a stranger’s team, by bringing him in', stranger, { teams: [team('blue')] }],
  ];
  it.each(escalations)('does not give or take %s', (_, user, asked) => {
    expect(byManager(user, asked)).toBe(403);
  });

  it('learns of no stranger by trying, and of no other team by its refusal', () => {
    expect(byManager(stranger, { teams: [] })).toBe(404);
    expect(byManager(stranger, { teams: [team('red')] })).toBe(404);
    expect(() => requireMayChange(manager, stranger, userChange.parse({ teams: [team('blue')] }), boss)).toThrow(
      expect.objectContaining({ status: 403, message: expect.not.stringContaining('red') }),
    );
  });

  it('does none of it with a key for less, or once he is no manager', () => {
    expect(statusOf(caller('boss', 'manager', ['read', 'write']), member, { teams: [] }, boss)).toBe(404);
    expect(statusOf(caller('boss', 'user'), member, { teams: [] }, boss)).toBe(404);
    expect(statusOf(manager, member, { teams: [] }, undefined)).toBe(404);
  });

  it('sees himself and those of his teams', () => {
    expect([boss, member, root, stranger].map(user => maySee(manager, user, boss))).toEqual([true, true, true, false]);
    const key = caller('boss', 'manager', ['read']);
    expect([boss, member, stranger].map(user => maySee(key, user, boss))).toEqual([true, false, false]);
    expect([boss, member, stranger].map(user => maySee(caller('x', 'admin'), user, undefined))).toEqual([
      true,
      true,
      true,
    ]);
  });
});

describe('a user', () => {
  const asked = newUser.parse({ user_id: 'ada', email: 'Ada@Acme.example' });

  it('begins with the least, and with the address in lower case', () => {
    expect(asked).toMatchObject({ role: 'viewer', mailboxes: [], teams: [], email: 'ada@acme.example' });
    expect(newUser.parse({ user_id: 'ada', mailboxes: [{ name: 'X@Y.example' }] }).mailboxes).toEqual([
      { name: 'x@y.example', bodies: false },
    ]);
  });

  it.each(['', ' ', '-a', '.a', 'a b', 'a/b', 'a\0', 'ä', 'a'.repeat(65), '__proto__', 'a\n'])(
    'is not named %j',
    user_id => {
      expect(newUser.safeParse({ user_id }).success).toBe(false);
    },
  );

  it('is asked for nothing that is not his to say', () => {
    for (const more of [
      { version: 9 },
      { tokens_from_ms: 0 },
      { password_hash: 'x' },
      { state: 'removed' },
      { a: 1 },
    ]) {
      expect(newUser.safeParse({ user_id: 'ada', ...more }).success, JSON.stringify(more)).toBe(false);
      expect(userChange.safeParse(more).success, JSON.stringify(more)).toBe(false);
    }
    expect(userChange.safeParse({}).success).toBe(false);
  });

  it('is added once, after one of the same name was removed, and with an address of his own', () => {
    expect(() => created(asked, null, userOf('ada'), [])).toThrow('there is a user ada already');
    expect(() => created(asked, null, undefined, [userOf('eve', { email: 'ada@acme.example' })])).toThrow('address');
    const gone = removed(userOf('ada', { email: 'ada@acme.example', version: 4 }));
    const again = created(asked, null, gone, [gone]);
    expect(again).toMatchObject({ version: gone.version + 1, state: 'active' });
    expect(again.tokens_from_ms).toBeGreaterThanOrEqual(gone.tokens_from_ms);
  });

  it('leaves nothing of himself behind, and no way in', () => {
    const whole = userOf('ada', { name: 'Ada', email: 'a@b.example', teams: [team('blue')], password_hash: 'h' });
    expect(removed(whole)).toMatchObject({
      ...{ name: '', email: '', mailboxes: [], teams: [], password_hash: null, state: 'removed' },
      ...{ user_id: 'ada', version: 2, tokens_from_ms: expect.any(Number) },
    });
  });

  it('has his tokens revoked by a new password and by being disabled, and by nothing else', () => {
    const from = (change: object): number =>
      changed(userOf('ada'), userChange.parse(change), 'h', []).tokens_from_ms === 0 ? 0 : 1;
    expect([{ password: 'a long password' }, { state: 'disabled' }].map(from)).toEqual([1, 1]);
    expect([{ name: 'x' }, { role: 'admin' }, { teams: [] }, { state: 'active' }].map(from)).toEqual([0, 0, 0, 0]);
    expect(changed(userOf('ada', { password_hash: 'old' }), userChange.parse({ name: 'x' }), null, [])).toMatchObject({
      password_hash: 'old',
    });
  });

  it('is told without his hash', () => {
    const row = userRow(userOf('ada', { password_hash: '$argon2id$secret' }));
    expect(row).toMatchObject({ user_id: 'ada', has_password: true });
    expect(JSON.stringify(row)).not.toMatch(/argon2|password_hash|tokens_from|version/);
  });
});
