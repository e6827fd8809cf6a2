import { describe, expect, it } from 'vitest';
import type { Browser } from './session.ts';
import { dropToken, readClaims, takeToken, tokenFromInput } from './session.ts';

function browser(hash: string, kept: string | null = null) {
  const stored = new Map<string, string>(kept === null ? [] : [['millrace.token', kept]]);
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

describe('takeToken', () => {
  it('takes the token from the fragment, keeps it and cleans the address', () => {
    const { fake, stored, addresses } = browser('#token=a.b.c', 'old');
    expect(takeToken(fake)).toBe('a.b.c');
    expect(stored.get('millrace.token')).toBe('a.b.c');
    expect(addresses).toEqual(['/?a=1']);
  });

  it('falls back to the kept one, and to none', () => {
    expect(takeToken(browser('', 'kept').fake)).toBe('kept');
    expect(takeToken(browser('#token=', 'kept').fake)).toBe('kept');
    const { fake } = browser('#other=1', 'kept');
    dropToken(fake);
    expect(takeToken(fake)).toBeNull();
  });
});

describe('tokenFromInput', () => {
  it('takes what people paste', () => {
    expect(tokenFromInput(' a.b.c\n')).toBe('a.b.c');
    expect(tokenFromInput('http://localhost:1/#token=a.b.c')).toBe('a.b.c');
    expect(tokenFromInput('Authorization: Bearer a.b.c')).toBe('a.b.c');
  });
});

describe('readClaims', () => {
  const jwt = (claims: object): string => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;

  it('reads subject, role and end', () => {
    expect(readClaims(jwt({ sub: 'zoë', role: 'admin', exp: 60 }))).toEqual({
      sub: 'zoë',
      role: 'admin',
      expires_at: 60_000,
    });
  });

  it('is null for what is no token', () => {
    expect(readClaims('nonsense')).toBeNull();
    expect(readClaims('')).toBeNull();
  });
});
