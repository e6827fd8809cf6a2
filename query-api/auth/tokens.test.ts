import { createHmac, generateKeyPairSync } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { SignJWT } from 'jose';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createTokens } from './tokens.ts';

const secret = 'a secret of at least thirty-two bytes';
const key = new TextEncoder().encode(secret);
const tokens = createTokens(secret);
const now_s = Math.floor(Date.now() / 1_000);

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const good = { sub: 'ada', role: 'viewer', iss: 'millrace', exp: now_s + 60 };

const mac = (text: string, algorithm = 'sha256', by = secret): string =>
  `${text}.${createHmac(algorithm, by).update(text).digest('base64url')}`;
const signed = (header: object, claims: object, algorithm?: string, by?: string): string =>
  mac(`${part(header)}.${part(claims)}`, algorithm, by);

describe('a token', () => {
  it('speaks for whom it was signed, for half an hour', async () => {
    const verdict = await tokens.verify(await tokens.sign('ada', 'manager'));
    expect(verdict).toMatchObject({ claims: { subject: 'ada', role: 'manager', session_id: null } });
    const { claims } = verdict as { claims: { expires_ms: number } };
    expect(Math.abs(claims.expires_ms - Date.now() - 30 * 60_000)).toBeLessThan(5_000);
  });

  it('may come from another signer that shares the secret', async () => {
    expect(await tokens.verify(signed({ alg: 'HS256' }, good))).toMatchObject({ claims: { subject: 'ada' } });
  });

  it('is refused when expired, and says so', async () => {
    expect(await tokens.verify(await tokens.sign('ada', 'admin', { lifetime_s: -60 }))).toEqual({
      refusal: 'the token has expired',
    });
  });

  it('is refused from its end on, though it was accepted before', async () => {
    const token = await tokens.sign('ada', 'admin', { lifetime_s: 60 });
    expect(await tokens.verify(token)).toHaveProperty('claims');
    vi.useFakeTimers({ now: Date.now() + 66_000, toFake: ['Date'] });
    try {
      expect(await tokens.verify(token)).toEqual({ refusal: 'the token has expired' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('says when it was issued, which decides nothing', async () => {
    expect(await tokens.verify(signed({ alg: 'HS256' }, { ...good, iat: now_s + 3_600 }))).toHaveProperty('claims');
  });

  it('that names a role twice has the last one: what is read is what was signed', async () => {
    const claims = JSON.stringify(good).replace('"role":"viewer"', '"role":"admin","role":"viewer"');
    const token = mac(`${part({ alg: 'HS256' })}.${Buffer.from(claims).toString('base64url')}`);
    expect(await tokens.verify(token)).toMatchObject({ claims: { role: 'viewer' } });
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

const token = signed({ alg: 'HS256' }, good);
const [header, claims, signature] = token.split('.') as [string, string, string];
const base64url = (text: string): string => Buffer.from(text).toString('base64url');
/** Signed as it ought to be, with these claims in place of the good ones. */
const claiming = (more: object): string => signed({ alg: 'HS256' }, { ...good, ...more });
const claimingText = (text: string): string => mac(`${header}.${base64url(text)}`);
/** With a header that leads to a key that is the attacker's, who signs with it. */
const leading = (more: object, by = 'the key of the attacker, long enough'): string =>
  signed({ alg: 'HS256', ...more }, { ...good, role: 'admin' }, 'sha256', by);
const public_pem = generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey.export({
  type: 'spki',
  format: 'pem',
});
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const admin = part({ ...good, role: 'admin' });

const forged: Record<string, Record<string, string>> = {
  'its algorithm': {
    ...Object.fromEntries(['none', 'None', 'NONE', 'nOnE'].map(alg => [alg, `${part({ alg })}.${claims}.`])),
    'none, with a signature': signed({ alg: 'none' }, good),
    'none, without the last dot': `${part({ alg: 'none' })}.${claims}`,
    HS384: signed({ alg: 'HS384' }, good, 'sha384'),
    HS512: signed({ alg: 'HS512' }, good, 'sha512'),
    'HS256 that is HS512': signed({ alg: 'HS256' }, good, 'sha512'),
    hs256: signed({ alg: 'hs256' }, good),
    ...Object.fromEntries(['RS256', 'ES256', 'PS256', 'EdDSA'].map(alg => [alg, signed({ alg }, good)])),
    'a list of algorithms': signed({ alg: ['HS256'] }, good),
    'no algorithm named': signed({ typ: 'JWT' }, good),
  },
  'its key': {
    'an empty secret': mac(`${header}.${admin}`, 'sha256', ''),
    'a guessed secret': mac(`${header}.${admin}`, 'sha256', 'secret'),
    'a public key as secret': mac(`${header}.${admin}`, 'sha256', String(public_pem)),
    'kid of an empty file': leading({ kid: '../../../../dev/null' }, ''),
    'kid of a known file': leading({ kid: '/proc/sys/kernel/ostype' }, 'Linux\n'),
    'kid of SQL': leading({ kid: "x' UNION SELECT 'the key of the attacker, long enough" }),
    'kid of an address': leading({ kid: 'http://127.0.0.1:9/key' }),
    jku: leading({ jku: 'http://127.0.0.1:9/jwks.json' }),
    jwk: leading({ jwk: { kty: 'oct', k: base64url('the key of the attacker, long enough') } }),
    x5u: leading({ x5u: 'http://127.0.0.1:9/chain.pem' }),
    x5c: leading({ x5c: [Buffer.from('the key of the attacker, long enough').toString('base64')] }),
  },
  'its header': {
    'a critical extension': signed({ alg: 'HS256', crit: ['exp'], exp: 1 }, good),
    'no critical extension': signed({ alg: 'HS256', crit: [] }, good),
    'a critical extension that is not there': signed({ alg: 'HS256', crit: ['b64'] }, good),
    'claims not encoded': mac(`${part({ alg: 'HS256', b64: false, crit: ['b64'] })}.${JSON.stringify(good)}`),
    'claims encoded, said not to be': mac(`${part({ alg: 'HS256', b64: false, crit: ['b64'] })}.${claims}`),
    'claims compressed': mac(
      `${part({ alg: 'HS256', zip: 'DEF' })}.${deflateRawSync(JSON.stringify(good)).toString('base64url')}`,
    ),
    'another token inside': mac(`${part({ alg: 'HS256', cty: 'JWT' })}.${base64url(token)}`),
    'another token inside, as JSON': mac(`${part({ alg: 'HS256', cty: 'JWT' })}.${part(token)}`),
    'a header that is a list': signed([{ alg: 'HS256' }], good),
    'a header that is no JSON': mac(`${base64url('{"alg":"HS256"')}.${claims}`),
    'another header': `${part({ alg: 'HS256', typ: 'JWT' })}.${claims}.${signature}`,
  },
  'its form': {
    nothing: '',
    'no token': 'not a token',
    'dots only': '..',
    'no signature': `${header}.${claims}.`,
    'no signature part': `${header}.${claims}`,
    'no claims': `${header}..${signature}`,
    'no header': `.${claims}.${signature}`,
    'a further part': `${token}.`,
    'a further signature': `${token}.${signature}`,
    'encrypted, in five parts': `${part({ alg: 'dir', enc: 'A256GCM' })}..${base64url('iv')}.${claims}.${signature}`,
    'two tokens': `${token},${token}`,
    'a scheme before it': `Bearer ${token}`,
    'as JSON': JSON.stringify({ protected: header, payload: claims, signature }),
    'endless length': 'a'.repeat(100_000),
    'endless claims': claiming({ more: 'a'.repeat(5_000) }),
  },
  'its text': {
    'the signature padded': `${token}=`,
    'bits changed that do not count': `${token.slice(0, -1)}${alphabet[alphabet.indexOf(token.at(-1) as string) + 1]}`,
    'the signature in plain base64': anyWith(/[-_]/).replace(/[^.]*$/, text =>
      text.replaceAll('-', '+').replaceAll('_', '/'),
    ),
    'a signature cut': token.slice(0, -1),
    'a signature that goes on': `${token}A`,
    'a space before': ` ${token}`,
    'a space after': `${token} `,
    'a line break after': `${token}\n`,
    'a space in the signature': `${token.slice(0, -5)} ${token.slice(-5)}`,
    'a line break in the signature': `${token.slice(0, -5)}\n${token.slice(-5)}`,
    'a tab in the claims': `${header}.${claims.slice(0, 5)}\t${claims.slice(5)}.${signature}`,
    'a NUL after': `${token}\0`,
    'a NUL in the signature': `${token.slice(0, -5)}\0${token.slice(-5)}`,
    'a letter outside ASCII': `${token.slice(0, -1)}\u0430`,
  },
  'its time': {
    'an end that has passed': claiming({ exp: now_s - 60 }),
    'an end that has passed, with a fraction': claiming({ exp: now_s - 6.5 }),
    'an end before 1970': claiming({ exp: -1 }),
    'an end of zero': claiming({ exp: 0 }),
    'no end': claiming({ exp: undefined }),
    'an end of null, as NaN is written': claiming({ exp: Number.NaN }),
    'an end as text': claiming({ exp: String(now_s + 60) }),
    'an end as a list': claiming({ exp: [now_s + 60] }),
    'an end at infinity': claimingText(JSON.stringify(good).replace(/"exp":\d+/, '"exp":1e999')),
    'an end that is no date': claiming({ exp: 1e300 }),
    'a beginning to come': claiming({ nbf: now_s + 60 }),
    'a beginning as text': claiming({ nbf: '0' }),
    'a time of issue as text': claiming({ iat: 'today' }),
  },
  'its role': {
    'the claims changed': `${header}.${admin}.${signature}`,
    'the role named again': `${header}.${base64url(JSON.stringify(good).replace('}', ',"role":"admin"}'))}.${signature}`,
    'an unknown role': claiming({ role: 'root' }),
    'no role': claiming({ role: undefined }),
    'a list of roles': claiming({ role: ['admin'] }),
    'an object': claiming({ role: { admin: true } }),
    'another case': claiming({ role: 'Admin' }),
    'a letter that looks alike': claiming({ role: '\u0430dmin' }),
    'a letter of another width': claiming({ role: '\uff41dmin' }),
    'a space after it': claiming({ role: 'admin ' }),
    'a NUL after it': claiming({ role: 'admin\0' }),
    'a member of every object': claiming({ role: 'constructor' }),
    'by the prototype': claimingText(JSON.stringify(good).replace('"role":"viewer"', '"__proto__":{"role":"admin"}')),
  },
  'its names': {
    'another issuer': claiming({ iss: 'other' }),
    'no issuer': claiming({ iss: undefined }),
    'a list of issuers': claiming({ iss: ['millrace'] }),
    'an issuer in another case': claiming({ iss: 'Millrace' }),
    'no subject': claiming({ sub: undefined }),
    'an empty subject': claiming({ sub: '' }),
    'a number as subject': claiming({ sub: 1 }),
    'a list of subjects': claiming({ sub: ['ada'] }),
    'an audience that is another': claiming({ aud: 'another service' }),
    'claims that are a list': mac(`${header}.${part([good])}`),
    'claims that are null': mac(`${header}.${part(null)}`),
    'claims that are no UTF-8': mac(
      `${header}.${Buffer.from(JSON.stringify(good).replace('ada', '\xff'), 'latin1').toString('base64url')}`,
    ),
  },
};

/** A good token whose signature has such a character. */
function anyWith(wanted: RegExp): string {
  for (let number = 0; ; number++) {
    const one = claiming({ number });
    if (wanted.test(one.slice(one.lastIndexOf('.')))) return one;
  }
}

describe('a forged token', () => {
  const total = Object.values(forged).reduce((sum, cases) => sum + Object.keys(cases).length, 0);
  let refused = 0;
  afterAll(() => console.info(`${total} forged tokens, ${refused} refused`));

  it.each(Object.entries(forged))('is refused for %s', async (_, cases) => {
    // What they are made of is let in, and is remembered as that.
    expect(await tokens.verify(token)).toHaveProperty('claims');
    const accepted: string[] = [];
    for (const [name, one] of Object.entries(cases)) {
      if ('refusal' in (await tokens.verify(one))) refused++;
      else accepted.push(name);
    }
    expect(accepted).toEqual([]);
  });
});

it('takes no secret under 32 bytes', () => {
  expect(() => createTokens('x'.repeat(31))).toThrow(/31 bytes/);
  expect(() => createTokens('é'.repeat(16))).not.toThrow();
});
