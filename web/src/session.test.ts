import { describe, expect, it } from 'vitest';
import type { Browser, Channel, Tokens } from './session.ts';
import {
  createSession,
  SessionEnded,
  takeFragment,
  takeTokens,
  tokenAlone,
  tokenFromInput,
  tokensOf,
} from './session.ts';
import { keepPlace, returnToPlace, takeProviderWord } from './sign-in.ts';

function browser(hash: string, kept: Tokens | null = null) {
  const stored = new Map<string, string>(kept === null ? [] : [['millrace.session', JSON.stringify(kept)]]);
  const addresses: string[] = [];
  const fake: Browser = {
    location: { hash, pathname: '/', search: '?a=1' },
    history: { replaceState: (_data, _unused, url) => addresses.push(String(url)) },
    sessionStorage: {
      getItem: key => stored.get(key) ?? null,
      setItem: (key, value) => stored.set(key, value),
      removeItem: key => stored.delete(key),
    },
  };
  return { fake, stored, addresses };
}

const minute_ms = 60_000;
const tokens = (number: number, ends_in_ms = 30 * minute_ms): Tokens => ({
  access_token: `a${number}`,
  refresh_token: `r${number}`,
  expires_at: Date.now() + ends_in_ms,
});

/** Two tabs of one session, as a duplicated tab has it. */
function tabs(first: Tokens, refresh: (refresh_token: string) => Promise<Tokens>) {
  const channels: Channel[] = [];
  const tab = () => {
    const { fake, stored } = browser('');
    const channel: Channel = {
      onmessage: null,
      postMessage: data => {
        for (const each of channels) if (each !== channel) each.onmessage?.({ data: structuredClone(data) });
      },
      close: () => undefined,
    };
    channels.push(channel);
    return { stored, session: createSession({ tokens: first, browser: fake, refresh, channel }) };
  };
  return [tab(), tab()] as const;
}

describe('takeTokens', () => {
  it('takes the token from the fragment and cleans the address', () => {
    const { fake, addresses } = browser('#token=a.b.c', tokens(1));
    expect(takeTokens(fake)).toEqual(tokenAlone('a.b.c'));
    expect(addresses).toEqual(['/?a=1']);
  });

  it('falls back to what was kept, and to none', () => {
    const kept = tokens(1);
    expect(takeTokens(browser('', kept).fake)).toEqual(kept);
    expect(takeTokens(browser('#token=', kept).fake)).toEqual(kept);
    expect(takeTokens(browser('#other=1').fake)).toBeNull();
    const { fake, stored } = browser('');
    stored.set('millrace.session', '{');
    expect(takeTokens(fake)).toBeNull();
  });
});

describe('a session', () => {
  const next = async (refresh_token: string): Promise<Tokens> => tokens(Number(refresh_token.slice(1)) + 1);

  it('renews its token before that ends, once for all who ask', async () => {
    const asked: string[] = [];
    const [{ session, stored }] = tabs(tokens(1, minute_ms / 2), async refresh_token => {
      asked.push(refresh_token);
      return next(refresh_token);
    });
    expect(session.present()).toBe('a1');
    expect(await Promise.all([session.token(), session.token(), session.renewed('a1')])).toEqual(['a2', 'a2', 'a2']);
    expect(await session.token()).toBe('a2');
    expect(asked).toEqual(['r1']);
    expect(stored.get('millrace.session')).toContain('"r2"');
  });

  it('does not renew for a token that was refused late', async () => {
    const [{ session }] = tabs(tokens(1), next);
    await session.renewed('a1');
    expect(await session.renewed('a1')).toBe('a2');
  });

  it('shares what was renewed with a tab that was duplicated', async () => {
    const [one, other] = tabs(tokens(1), next);
    await one.session.renewed('a1');
    expect(other.session.present()).toBe('a2');
    expect(await other.session.renewed('a2')).toBe('a3');
    expect(one.session.present()).toBe('a3');
  });

  it('tells no other session of its tokens', async () => {
    const [one] = tabs(tokens(1), next);
    const [{ session }] = tabs(tokens(7), next);
    await one.session.renewed('a1');
    expect(session.present()).toBe('a7');
  });

  it('ends where there is nothing to renew by, or nothing came of it', async () => {
    const [{ session }] = tabs(tokenAlone('a'), next);
    expect(await session.token()).toBe('a');
    await expect(session.renewed('a')).rejects.toThrow(SessionEnded);
    const refused = tabs(tokens(1, 0), async () => Promise.reject(new SessionEnded('reused')))[0];
    await expect(refused.session.token()).rejects.toThrow('reused');
  });

  it('is forgotten when it is dropped, also while it is renewed', async () => {
    let answer = (_: Tokens): void => undefined;
    const [{ session, stored }] = tabs(tokens(1, 0), () => new Promise(done => (answer = done)));
    const renewing = session.token();
    session.drop();
    answer(tokens(2));
    await expect(renewing).rejects.toThrow(SessionEnded);
    await expect(session.renewed('a1')).rejects.toThrow(SessionEnded);
    expect(stored.size).toBe(0);
  });
});

describe('tokensOf', () => {
  it('counts from now what the answer says in seconds', () => {
    const found = tokensOf({ access_token: 'a', refresh_token: 'r', expires_in: 1_800 });
    expect(found?.expires_at).toBeGreaterThan(Date.now() + 29 * minute_ms);
    expect(tokensOf({ refresh_token: 'r' })).toBeNull();
    expect(tokensOf(null)).toBeNull();
  });
});

describe('the provider', () => {
  it('comes back with a word, and with no other text', () => {
    const { fake, addresses } = browser('#oidc=done');
    expect(takeProviderWord(fake)).toEqual({ done: true });
    expect(addresses).toEqual(['/?a=1']);
    expect(takeProviderWord(browser('#oidc=unknown').fake)).toMatchObject({
      reason: expect.stringMatching(/^No user/),
    });
    expect(takeProviderWord(browser('#oidc=Call+0900').fake)).toEqual({ done: false, reason: 'The sign-in failed.' });
    expect(takeProviderWord(browser('#oidc=constructor').fake)).toMatchObject({ reason: 'The sign-in failed.' });
    expect(takeProviderWord(browser('#trace=1').fake)).toBeNull();
  });

  it('leads back to the record that was asked for', () => {
    const { fake, addresses } = browser('#trace=abc');
    keepPlace(fake);
    returnToPlace(fake);
    returnToPlace(fake);
    expect(addresses).toEqual(['/?a=1#trace=abc']);
  });
});

describe('takeFragment', () => {
  it('leaves an address alone that does not have it', () => {
    const { fake, addresses } = browser('#trace=1');
    expect(takeFragment(fake, 'token')).toBeNull();
    expect(addresses).toEqual([]);
  });
});

describe('tokenFromInput', () => {
  it('takes what people paste', () => {
    expect(tokenFromInput(' a.b.c\n')).toBe('a.b.c');
    expect(tokenFromInput('http://localhost:1/#token=a.b.c')).toBe('a.b.c');
    expect(tokenFromInput('Authorization: Bearer a.b.c')).toBe('a.b.c');
  });
});
