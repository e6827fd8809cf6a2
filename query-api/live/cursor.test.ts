import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor, isAtMost } from './cursor.ts';

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a cursor', () => {
  it('comes back as it was made', () => {
    const offsets = { 0: 12, 3: 9_007_199_254_740_991 };
    expect(decodeCursor('email.enriched.v1', encodeCursor('email.enriched.v1', offsets))).toEqual(offsets);
    expect(decodeCursor('t', encodeCursor('t', {}))).toEqual({});
  });

  it.each([
    ['another topic', encodeCursor('other', { 0: 1 })],
    ['a negative offset', encoded({ t: 't', o: { 0: -1 } })],
    ['a fraction', encoded({ t: 't', o: { 0: 1.5 } })],
    ['an offset beyond 2^53', encoded({ t: 't', o: { 0: 1e20 } })],
    ['a partition that is none', encoded({ t: 't', o: { x: 1 } })],
    ['more members', encoded({ t: 't', o: {}, x: 1 })],
    [
      'too many partitions',
      encoded({ t: 't', o: Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [i, 1])) }),
    ],
    ['a list', encoded([1, 2])],
    ['null', encoded(null)],
    ['nothing', ''],
    ['other characters', '{"t":"t"}'],
    ['endless length', 'a'.repeat(1_000_000)],
  ])('of %s is refused', (_, text) => {
    expect(decodeCursor('t', text)).toBeNull();
  });

  it('cannot reach the prototype', () => {
    const text = Buffer.from('{"t":"t","o":{"__proto__":{"5":1}}}').toString('base64url');
    expect(decodeCursor('t', text)?.[5]).toBeUndefined();
  });

  it('stands at a partition’s start where it does not name it', () => {
    expect(isAtMost({ 0: 1 }, { 0: 1, 1: 5 })).toBe(true);
    expect(isAtMost({ 0: 1, 1: 1 }, { 0: 1 })).toBe(false);
    expect(isAtMost({ 1: 0 }, {})).toBe(true);
  });
});
