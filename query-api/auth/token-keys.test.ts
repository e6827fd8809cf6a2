/** The secrets that sign: which of them does, and what a token may say of it. */
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createTokens } from './tokens.ts';

const [newest, before, older] = ['newest', 'before', 'older'].map(name => `${name} of the secrets, long enough`) as [
  string,
  string,
  string,
];
const headerOf = (token: string): { kid?: string } =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function signed(header: object, secret: string): string {
  const claims = { sub: 'ada', role: 'admin', iss: 'millrace', exp: Math.floor(Date.now() / 1_000) + 60 };
  const text = `${part({ alg: 'HS256', ...header })}.${part(claims)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

describe('the secrets', () => {
  const tokens = createTokens(newest, before, older);

  it('sign by the first, and say so without saying anything of it', async () => {
    const token = await tokens.sign('ada', 'viewer');
    expect(await createTokens(newest).verify(token)).toHaveProperty('claims');
    expect(await createTokens(before, older).verify(token)).toHaveProperty('refusal');
    const kids = await Promise.all(
      [newest, before].map(async one => headerOf(await createTokens(one).sign('a', 'user'))),
    );
    expect(kids[0]?.kid).toMatch(/^[0-9a-f]{8}$/);
    expect(kids[0]?.kid).not.toBe(kids[1]?.kid);
    expect(headerOf(token).kid).toBe(kids[0]?.kid);
  });

  it('of before are taken until they are taken away, each by its own name', async () => {
    for (const one of [before, older]) {
      const token = await createTokens(one).sign('ada', 'viewer');
      expect(await tokens.verify(token)).toHaveProperty('claims');
      expect(await createTokens(newest).verify(token)).toEqual({ refusal: 'the token is not valid' });
    }
  });

  it('are not mixed up: a token that names one and is signed by another is refused', async () => {
    const kid = headerOf(await createTokens(before).sign('ada', 'viewer')).kid;
    expect(await tokens.verify(signed({ kid }, before))).toHaveProperty('claims');
    for (const by of [newest, older]) expect(await tokens.verify(signed({ kid }, by))).toHaveProperty('refusal');
    // Without a name it is the first's alone.
    expect(await tokens.verify(signed({}, newest))).toHaveProperty('claims');
    expect(await tokens.verify(signed({}, before))).toHaveProperty('refusal');
  });

  it.each([
    ['unknown', 'deadbeef'],
    ['empty', ''],
    ['a path', '../../../dev/null'],
    ['a member of every object', '__proto__'],
    ['a number', 1],
    ['a list', ['deadbeef']],
    ['null', null],
    ['the place in the list', '0'],
  ])('are not found by a kid that is %s', async (_, kid) => {
    for (const by of [newest, '', 'undefined'])
      expect(await tokens.verify(signed({ kid }, by))).toHaveProperty('refusal');
  });

  it('seal by the first, and are all taken', () => {
    const text = 'mrr_a_1';
    const seal = tokens.seal(text);
    expect(createTokens(newest).isSealed(text, seal)).toBe(true);
    expect(createTokens(before).isSealed(text, seal)).toBe(false);
    expect(tokens.isSealed(text, createTokens(older).seal(text))).toBe(true);
    for (const other of ['', seal.slice(1), `${seal}A`, createTokens(newest).seal('mrr_a_2')]) {
      expect(tokens.isSealed(text, other), other).toBe(false);
    }
  });
});
