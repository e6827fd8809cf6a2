import { createHmac } from 'node:crypto';
import { SignJWT } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { createTokens } from './tokens.ts';

const secret = 'a secret of at least thirty-two bytes';
const key = new TextEncoder().encode(secret);
const tokens = createTokens(secret);
const now_s = Math.floor(Date.now() / 1_000);

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const good = { sub: 'ada', role: 'viewer', iss: 'millrace', exp: now_s + 60 };

function signed(header: object, claims: object, algorithm = 'sha256'): string {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${createHmac(algorithm, secret).update(text).digest('base64url')}`;
}

describe('a token', () => {
  it('speaks for whom it was signed, for half an hour', async () => {
    const verdict = await tokens.verify(await tokens.sign('ada', 'manager'));
    expect(verdict).toMatchObject({ identity: { subject: 'ada', role: 'manager' } });
    const { identity } = verdict as { identity: { expires_ms: number } };
    expect(Math.abs(identity.expires_ms - Date.now() - 30 * 60_000)).toBeLessThan(5_000);
  });

  it('may come from another signer that shares the secret', async () => {
    expect(await tokens.verify(signed({ alg: 'HS256' }, good))).toMatchObject({ identity: { subject: 'ada' } });
  });

  it.each([
    ['no algorithm', `${part({ alg: 'none' })}.${part(good)}.`],
    ['no algorithm, with a signature', signed({ alg: 'none' }, good)],
    ['another algorithm', signed({ alg: 'HS512' }, good, 'sha512')],
    ['a public-key algorithm', signed({ alg: 'RS256' }, good)],
    ['another issuer', signed({ alg: 'HS256' }, { ...good, iss: 'other' })],
    ['no issuer', signed({ alg: 'HS256' }, { ...good, iss: undefined })],
    ['no end', signed({ alg: 'HS256' }, { ...good, exp: undefined })],
    ['no subject', signed({ alg: 'HS256' }, { ...good, sub: undefined })],
    ['an empty subject', signed({ alg: 'HS256' }, { ...good, sub: '' })],
    ['an unknown role', signed({ alg: 'HS256' }, { ...good, role: 'root' })],
    ['a time before it holds', signed({ alg: 'HS256' }, { ...good, nbf: now_s + 60 })],
    ['no form', 'not a token'],
    ['nothing', ''],
    ['endless length', 'a'.repeat(100_000)],
  ])('with %s is refused', async (_, token) => {
    expect(await tokens.verify(token)).toHaveProperty('refusal');
  });

  it('is refused when expired, and says so', async () => {
    expect(await tokens.verify(await tokens.sign('ada', 'admin', -60))).toEqual({ refusal: 'the token has expired' });
  });

  it('is refused from its end on, though it was accepted before', async () => {
    const token = await tokens.sign('ada', 'admin', 60);
    expect(await tokens.verify(token)).toHaveProperty('identity');
    vi.useFakeTimers({ now: Date.now() + 66_000, toFake: ['Date'] });
    try {
      expect(await tokens.verify(token)).toEqual({ refusal: 'the token has expired' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('is refused when tampered with', async () => {
    const [header, , signature] = (await tokens.sign('ada', 'viewer')).split('.');
    const forged = `${header}.${part({ ...good, role: 'admin' })}.${signature}`;
    expect(await tokens.verify(forged)).toEqual({ refusal: 'the token is not valid' });
  });

  it('is refused when signed with another secret', async () => {
    const other = createTokens('another secret of thirty-two bytes and more');
    expect(await tokens.verify(await other.sign('ada', 'admin'))).toHaveProperty('refusal');
  });

  it('is not taken from a signer of other claims', async () => {
    const token = await new SignJWT({ scope: 'all' })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('millrace')
      .sign(key);
    expect(await tokens.verify(token)).toHaveProperty('refusal');
  });
});

it('takes no secret under 32 bytes', () => {
  expect(() => createTokens('x'.repeat(31))).toThrow(/31 bytes/);
  expect(() => createTokens('é'.repeat(16))).not.toThrow();
});
