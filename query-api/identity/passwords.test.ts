import { describe, expect, it } from 'vitest';
import { hashPassword, matchesPassword, password } from './passwords.ts';

describe('a password', () => {
  it('is matched by itself and by nothing that is nearly it', async () => {
    const text = 'correct horse battery \u{1f50b}';
    const hash = await hashPassword(text);
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(hash).not.toContain('horse');
    expect(await matchesPassword(text, hash)).toBe(true);
    for (const near of ['', text.toUpperCase(), `${text} `, text.slice(0, -2), `${text}\0`, text.normalize('NFD')]) {
      if (near !== text) expect(await matchesPassword(near, hash), JSON.stringify(near)).toBe(false);
    }
  });

  it('is hashed with a salt of its own', async () => {
    expect(await hashPassword('the same password')).not.toBe(await hashPassword('the same password'));
  });

  it('of nobody is matched by nothing, not by what stands in for it', async () => {
    for (const text of ['', 'nobody has this password', 'a long password']) {
      expect(await matchesPassword(text, null)).toBe(false);
      expect(await matchesPassword(text, undefined)).toBe(false);
    }
  });

  it('takes as long where there is no such user', async () => {
    const hash = await hashPassword('a long password');
    await matchesPassword('x', null);
    const took = async (of: string | null): Promise<number> => {
      const times: number[] = [];
      for (let n = 0; n < 9; n++) {
        const began_ms = performance.now();
        await matchesPassword('another password', of);
        times.push(performance.now() - began_ms);
      }
      return times.sort((a, b) => a - b)[4] ?? 0;
    };
    const [known, unknown] = [await took(hash), await took(null)];
    // Generous, for a busy machine: without the hash it would be a thousandth.
    expect(unknown).toBeGreaterThan(known / 5);
  });

  it('has 12 to 256 characters, of any kind', () => {
    expect(['x'.repeat(11), 'x'.repeat(257), ''].map(text => password.safeParse(text).success)).toEqual(
      Array(3).fill(false),
    );
    expect(
      ['x'.repeat(12), 'ä \u{1f600}'.repeat(6), '\0'.repeat(12)].map(text => password.safeParse(text).success),
    ).toEqual(Array(3).fill(true));
  });
});
