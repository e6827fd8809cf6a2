import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Session } from '../../schemas/generated.ts';
import { createTokens } from '../auth/tokens.ts';
import { createSessions, endedSessionsOf, type SignedIn } from './sessions.ts';
import { testDirectory, userOf } from './test-directory.ts';

const secret = 'a secret of at least thirty-two bytes';
const other_secret = 'another secret of thirty-two bytes and more';
const begin_ms = Date.UTC(2026, 0, 1);
const day_ms = 24 * 60 * 60 * 1_000;

const ada = userOf('ada', { password_hash: 'a hash' });
let directory = testDirectory(ada);
let reused: Session[];

const sessionsBy = (...secrets: [string, ...string[]]) =>
  createSessions({ directory, tokens: createTokens(...secrets), onReuse: session => reused.push(session) });
let sessions = sessionsBy(secret);

beforeEach(() => {
  vi.useFakeTimers({ now: begin_ms, toFake: ['Date'] });
  directory = testDirectory(ada, userOf('eve'));
  reused = [];
  sessions = sessionsBy(secret);
});
afterEach(() => {
  vi.useRealTimers();
});

const later = (ms: number): void => void vi.setSystemTime(Date.now() + ms);
const [only] = [() => [...directory.sessions()][0] as Session];
const ended = expect.objectContaining({ status: 401, message: 'the session has ended: sign in again' });
const next = ({ refresh_token }: SignedIn): Promise<SignedIn> => sessions.refresh(refresh_token);

describe('a session', () => {
  it('goes on by refresh tokens, each with an access token of its own session', async () => {
    let signed = await sessions.open(ada);
    for (let generation = 2; generation < 6; generation++) {
      later(60_000);
      const before = signed.refresh_token;
      signed = await next(signed);
      expect(signed.refresh_token).not.toBe(before);
      expect(only()).toMatchObject({ generation, ended_at_ms: null, version: generation });
    }
    const verdict = await createTokens(secret).verify(signed.access_token);
    expect(verdict).toMatchObject({ claims: { subject: 'ada', session_id: only().session_id } });
  });

  it('answers two tabs that ask at once with the same next token, for ten seconds', async () => {
    const first = await sessions.open(ada);
    later(60_000);
    const one = await next(first);
    later(9_999);
    expect((await next(first)).refresh_token).toBe(one.refresh_token);
    expect(only()).toMatchObject({ generation: 2, ended_at_ms: null });
    expect((await next(one)).refresh_token).not.toBe(one.refresh_token);
    expect(reused).toEqual([]);
  });

  it('ends where the token of before is used ten seconds later, for whoever has the newest too', async () => {
    const first = await sessions.open(ada);
    const newest = await next(first);
    later(10_000);
    await expect(next(first)).rejects.toEqual(ended);
    expect(only().ended_at_ms).toBe(Date.now());
    await expect(next(newest)).rejects.toEqual(ended);
    expect(reused.map(({ session_id }) => session_id)).toEqual([only().session_id]);
  });

  it('ends at once where a token of before the last is used', async () => {
    const first = await sessions.open(ada);
    const third = await next(await next(first));
    await expect(next(first)).rejects.toEqual(ended);
    await expect(next(third)).rejects.toEqual(ended);
    expect(reused).toHaveLength(1);
  });

  it('ends with its time, and with its user’s right to sign in', async () => {
    let signed = await sessions.open(ada);
    later(14 * day_ms - 1);
    signed = await next(signed);
    later(1);
    await expect(next(signed)).rejects.toEqual(ended);
    const other = await sessions.open(ada);
    for (const state of ['disabled', 'removed']) {
      directory.put({ user: { ...ada, state } });
      await expect(next(other)).rejects.toEqual(ended);
    }
    directory.put({ user: ada });
    await expect(next(other)).resolves.toBeDefined();
  });

  it('is ended once', async () => {
    const signed = await sessions.open(ada);
    await sessions.end(only().session_id);
    await expect(next(signed)).rejects.toEqual(ended);
    await expect(sessions.end(only().session_id)).rejects.toMatchObject({ status: 404 });
    await expect(sessions.end('f'.repeat(32))).rejects.toMatchObject({ status: 404 });
  });

  it('does not begin where the password, or the right to sign in, was taken away while it was checked', async () => {
    directory.put({ user: { ...ada, password_hash: 'another hash' } });
    await expect(sessions.open(ada)).rejects.toEqual(ended);
    directory.put({ user: { ...ada, state: 'disabled' } });
    await expect(sessions.open(ada)).rejects.toEqual(ended);
    expect([...directory.sessions()]).toEqual([]);
  });
});

describe('a refresh token', () => {
  it('is refused wherever a letter of it is another, and ends nothing', async () => {
    const { refresh_token } = await sessions.open(ada);
    const forged = Array.from({ length: refresh_token.length }, (_, at) => {
      const letter = refresh_token[at] === 'a' ? 'b' : 'a';
      return `${refresh_token.slice(0, at)}${letter}${refresh_token.slice(at + 1)}`;
    });
    const [, id, seal] = /^mrr_(\w{32})_1_(.*)$/.exec(refresh_token) ?? [];
    const written = [`mrr_${id}_2_${seal}`, `mrr_${id}_01_${seal}`, `mrr_${id}_1_`, `mrr_${id}_1`, `${refresh_token}=`];
    const odd = [` ${refresh_token}`, `${refresh_token}\n`, refresh_token.toUpperCase(), '', 'mrr_', '\0'];
    for (const token of [...forged, ...written, ...odd]) {
      await expect(sessions.refresh(token), JSON.stringify(token)).rejects.toEqual(ended);
    }
    expect(only().ended_at_ms).toBeNull();
    expect(reused).toEqual([]);
  });

  it('is no access token, and an access token is none', async () => {
    const { access_token, refresh_token } = await sessions.open(ada);
    await expect(sessions.refresh(access_token)).rejects.toEqual(ended);
    expect(await createTokens(secret).verify(refresh_token)).toHaveProperty('refusal');
  });

  it('of another secret is refused, and of one that signed before is not', async () => {
    const { refresh_token } = await sessions.open(ada);
    await expect(sessionsBy(other_secret).refresh(refresh_token)).rejects.toEqual(ended);
    await expect(sessionsBy(other_secret, secret).refresh(refresh_token)).resolves.toBeDefined();
  });

  it('of a session that is not known is refused', async () => {
    const { refresh_token } = await sessions.open(ada);
    directory = testDirectory(ada);
    await expect(sessionsBy(secret).refresh(refresh_token)).rejects.toEqual(ended);
  });
});

describe('sessions of a user', () => {
  it('are fifty: the one that was unused longest gives way', async () => {
    const first = await sessions.open(ada);
    const id = only().session_id;
    later(1_000);
    const second = await sessions.open(ada);
    later(1_000);
    const used = await next(first);
    await sessions.open(userOf('eve'));
    for (let n = 2; n < 51; n++) {
      later(1_000);
      await sessions.open(ada);
    }
    expect([...directory.sessions()].filter(one => one.user_id === 'ada' && one.ended_at_ms === null)).toHaveLength(50);
    await expect(next(second)).rejects.toEqual(ended);
    await expect(next(used)).resolves.toBeDefined();
    expect(directory.session(id)?.ended_at_ms).toBeNull();
    expect([...directory.sessions()].find(one => one.user_id === 'eve')?.ended_at_ms).toBeNull();
  });

  it('are forgotten a day after their end, twenty with each sign-in, and not before', async () => {
    for (let n = 0; n < 30; n++) await sessions.open(ada);
    for (const session of endedSessionsOf(directory, 'ada')) directory.put({ session });
    later(day_ms);
    await sessions.open(ada);
    expect([...directory.sessions()]).toHaveLength(31);
    later(1);
    await sessions.open(ada);
    expect([...directory.sessions()]).toHaveLength(12);
    later(20 * day_ms);
    await sessions.open(ada);
    // What has expired is gone like what was ended.
    expect([...directory.sessions()]).toHaveLength(1);
  });

  it('are ended together, and nobody else’s', async () => {
    await sessions.open(ada);
    await sessions.open(userOf('eve'));
    expect(endedSessionsOf(directory, 'ada')).toEqual([
      expect.objectContaining({ user_id: 'ada', ended_at_ms: begin_ms, version: 2 }),
    ]);
  });
});
