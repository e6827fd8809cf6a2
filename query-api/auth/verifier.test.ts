import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApiKey, Session } from '../../schemas/generated.ts';
import { makeKey } from '../identity/keys.ts';
import { type TestDirectory, testDirectory, userOf } from '../identity/test-directory.ts';
import type { Identity, Verifier } from './identity.ts';
import { createTokens, type Tokens } from './tokens.ts';
import { createVerifier } from './verifier.ts';

const now_ms = Date.UTC(2026, 0, 1, 12, 0, 0, 500);
const secret = 'a secret of at least thirty-two bytes';
const session_id = 'a'.repeat(32);

let directory: TestDirectory;
let tokens: Tokens;
let verifier: Verifier;

beforeEach(() => {
  vi.useFakeTimers({ now: now_ms, toFake: ['Date'] });
  directory = testDirectory(userOf('ada', { mailboxes: [{ name: 'ada@acme.example', bodies: true }] }));
  tokens = createTokens(secret);
  verifier = createVerifier(tokens, directory);
});
afterEach(() => {
  vi.useRealTimers();
});

const sessionOf = (more: Partial<Session> = {}): Session => ({
  session_id,
  user_id: 'ada',
  generation: 1,
  rotated_at_ms: now_ms,
  created_at_ms: now_ms,
  expires_at_ms: now_ms + 1_000_000,
  ended_at_ms: null,
  version: 1,
  ...more,
});
const user = () => directory.user('ada') ?? userOf('nobody');

async function letIn(credential: string): Promise<Identity> {
  const verdict = await verifier.verify(credential);
  if ('refusal' in verdict) throw new Error(verdict.refusal);
  return verdict.identity;
}
async function refusalOf(credential: string): Promise<string | null> {
  const verdict = await verifier.verify(credential);
  return 'refusal' in verdict ? verdict.refusal : null;
}

describe('a token of a session', () => {
  let token: string;
  beforeEach(async () => {
    directory.put({ session: sessionOf() });
    token = await tokens.sign('ada', 'user', { session_id });
  });

  it('speaks for the user as the directory has him by now', async () => {
    expect(await letIn(token)).toMatchObject({ subject: 'ada', role: 'user', scopes: null, session_id });
    directory.put({ user: { ...user(), role: 'viewer', version: 2 } });
    expect(await letIn(token)).toMatchObject({ role: 'viewer' });
    directory.put({ user: { ...user(), role: 'manager', mailboxes: [], version: 3 } });
    const { role, sight } = await letIn(token);
    expect(role).toBe('manager');
    expect(sight.seesRow({ organization_id: '', mailbox: 'ada@acme.example', owner_id: 'x', team_id: '' })).toBe(false);
  });

  it('takes nothing from what the token says of the role', async () => {
    expect(await letIn(await tokens.sign('ada', 'admin', { session_id }))).toMatchObject({ role: 'user' });
  });

  it.each(['disabled', 'removed'])('is refused once the user is %s, though it was let in before', async state => {
    const identity = await letIn(token);
    expect(identity.isCurrent()).toBe(true);
    directory.put({ user: { ...user(), state, version: 2 } });
    expect(identity.isCurrent()).toBe(false);
    expect(await refusalOf(token)).toBe('the user may not sign in');
  });

  it('is refused once the session has ended, is another’s, is forgotten, or never was', async () => {
    const identity = await letIn(token);
    directory.put({ session: sessionOf({ generation: 2, version: 2 }) });
    // A refresh changes nothing for who has the token of before.
    expect(identity.isCurrent()).toBe(true);
    directory.put({ session: sessionOf({ ended_at_ms: now_ms, version: 3 }) });
    expect(identity.isCurrent()).toBe(false);
    expect(await refusalOf(token)).toBe('the session has ended');
    directory.put({ session: sessionOf({ user_id: 'eve' }) });
    expect(await refusalOf(token)).toBe('the session has ended');
    await directory.change(() => ({ forgotten_sessions: [sessionOf()] }));
    expect(await refusalOf(token)).toBe('the session has ended');
    expect(await refusalOf(await tokens.sign('ada', 'user', { session_id: 'b'.repeat(32) }))).toBe(
      'the session has ended',
    );
  });

  it('is refused for a user who is not there', async () => {
    directory.put({ session: sessionOf({ user_id: 'ghost' }) });
    expect(await refusalOf(await tokens.sign('ghost', 'admin', { session_id }))).toBe('the session has ended');
  });

  it('that was signed before the moment from which tokens are taken is refused', async () => {
    directory.put({ user: { ...user(), tokens_from_ms: now_ms + 1_000, version: 2 } });
    expect(await refusalOf(token)).toBe('the token was revoked');
    vi.setSystemTime(now_ms + 2_000);
    expect(await refusalOf(await tokens.sign('ada', 'user', { session_id }))).toBeNull();
  });

  it('is not taken from its end on, though its identity is kept', async () => {
    await letIn(token);
    vi.setSystemTime(now_ms + 31 * 60_000);
    expect(await refusalOf(token)).toBe('the token has expired');
  });

  it('of a session that is not known yet is looked for once more', async () => {
    const later = createVerifier(tokens, {
      ...directory,
      session: id => directory.session(id),
      user: id => directory.user(id),
      async caughtUp() {
        directory.put({ session: sessionOf({ session_id: 'c'.repeat(32) }) });
      },
    });
    expect(await later.verify(await tokens.sign('ada', 'user', { session_id: 'c'.repeat(32) }))).toHaveProperty(
      'identity',
    );
  });
});

describe('a token that an operator signed', () => {
  it('speaks for whom it names, where there is no such user', async () => {
    const identity = await letIn(await tokens.sign('operator', 'admin'));
    expect(identity).toMatchObject({ subject: 'operator', role: 'admin', session_id: null });
    // From now on there is one, and he is no administrator.
    directory.put({ user: userOf('operator', { role: 'viewer' }) });
    expect(identity.isCurrent()).toBe(false);
    expect(await letIn(await tokens.sign('operator', 'admin'))).toMatchObject({ role: 'viewer' });
  });

  it.each(['disabled', 'removed'])('is refused where the user of its name is %s', async state => {
    directory.put({ user: { ...user(), state } });
    expect(await refusalOf(await tokens.sign('ada', 'admin'))).toBe('the user may not sign in');
  });

  it('is revoked with the user’s other tokens', async () => {
    const token = await tokens.sign('ada', 'user');
    // What was signed in the same second may be taken: a token does not say more.
    directory.put({ user: { ...user(), tokens_from_ms: now_ms + 400 } });
    expect(await refusalOf(token)).toBeNull();
    directory.put({ user: { ...user(), tokens_from_ms: now_ms + 500 } });
    expect(await refusalOf(token)).toBe('the token was revoked');
  });

  it('is revoked where it does not say when it was signed', async () => {
    directory.put({ user: { ...user(), tokens_from_ms: 1_000 } });
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { sub: 'ada', role: 'user', iss: 'millrace', exp: now_ms / 1_000 + 60 };
    const text = `${part({ alg: 'HS256' })}.${part(claims)}`;
    const token = `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
    expect(await tokens.verify(token)).toHaveProperty('claims');
    expect(await refusalOf(token)).toBe('the token was revoked');
  });
});

describe('a key', () => {
  let key: string;
  let record: ApiKey;
  beforeEach(() => {
    const made = makeKey();
    key = made.key;
    record = {
      key_id: made.key_id,
      user_id: 'ada',
      label: '',
      scopes: ['read'],
      secret_sha256: made.secret_sha256,
      expires_at_ms: now_ms + 60_000,
      revoked_at_ms: null,
      created_at_ms: now_ms,
      version: 1,
    };
    directory.put({ key: record });
  });

  it('speaks for its user, as far as its scopes go', async () => {
    expect(await letIn(key)).toMatchObject({ subject: 'ada', role: 'user', scopes: ['read'], session_id: null });
  });

  it('is refused with another secret, under another id, and where it was never made', async () => {
    const other = makeKey();
    expect(await refusalOf(key.replace(/_[\w-]{43}$/, `_${other.key.slice(-43)}`))).toBe('the token is not valid');
    expect(await refusalOf(key.replace(record.key_id, other.key_id))).toBe('the token is not valid');
    expect(await refusalOf(other.key)).toBe('the token is not valid');
    expect(directory.caught_up).toBeGreaterThan(0);
    for (const odd of [`${key} `, key.toUpperCase(), key.slice(0, -1), `${key}x`, `mrk_${record.key_id}_`]) {
      expect(await refusalOf(odd), odd).toBe('the token is not valid');
    }
  });

  it('is refused from its revocation on, from its end on, and while the user may not sign in', async () => {
    const identity = await letIn(key);
    directory.put({ key: { ...record, revoked_at_ms: now_ms, version: 2 } });
    expect(identity.isCurrent()).toBe(false);
    expect(await refusalOf(key)).toBe('the key was revoked');
    directory.put({ key: record });
    vi.setSystemTime(now_ms + 60_000);
    expect(await refusalOf(key)).toBe('the key has expired');
    vi.setSystemTime(now_ms);
    for (const state of ['disabled', 'removed']) {
      directory.put({ user: { ...user(), state } });
      expect(await refusalOf(key)).toBe('the user may not sign in');
    }
  });

  it('turns with its user: what was kept of it is not current', async () => {
    const identity = await letIn(key);
    directory.put({ user: { ...user(), role: 'viewer', version: 2 } });
    expect(identity.isCurrent()).toBe(false);
    expect(await letIn(key)).toMatchObject({ role: 'viewer', scopes: ['read'] });
  });
});

it('lets nobody in while the directory is not read', async () => {
  const unread = createVerifier(tokens, {
    ...testDirectory(),
    loaded: () => Promise.reject(new Error('the control topics cannot be read')),
  });
  await expect(unread.verify(await tokens.sign('operator', 'admin'))).rejects.toThrow('cannot be read');
  await expect(unread.verify(makeKey().key)).rejects.toThrow('cannot be read');
});
