import { expect, it } from 'vitest';
import { edited, substitution } from './mend.ts';

it.each([
  ['s/b/X/', 'abcb', 'aXcb'],
  ['s/b/X/g', 'abcb', 'aXcX'],
  ['s/B/X/gi', 'abcb', 'aXcX'],
  ['s|/a|/b|', '/a/a', '/b/a'],
  ['s/\\/a/\\/b/g', '/a/a', '/b/b'],
  ['s/(\\w+)@old\\.example/$1@new.example/g', 'ann@old.example', 'ann@new.example'],
  ['s/^/From: a@b.example\\n/', 'Hi', 'From: a@b.example\nHi'],
  ['s/a\\\\b/c/', 'a\\b', 'c'],
  ['s/x//', 'axb', 'ab'],
])('%s', (expression, before, after) => {
  expect(substitution(expression)(Buffer.from(before)).toString()).toBe(after);
});

it('leaves every byte that it does not touch as it is, UTF-8 or not', () => {
  const latin = Buffer.from([0x61, 0xe9, 0xff, 0x00, 0x62]);
  expect(substitution('s/b/c/')(latin)).toEqual(Buffer.from([0x61, 0xe9, 0xff, 0x00, 0x63]));
  expect(substitution('s/é/e/')(Buffer.from('café ✓')).toString()).toBe('cafe ✓');
});

it.each(['s/a/b', 'a/b/', 's/a/b/c/d', 's/(/b/', 's/a/b/y', 'sxaxbx', ''])('refuses %s', expression => {
  expect(() => substitution(expression)).toThrow();
});

it('hands the bytes to the editor that the environment names', () => {
  const { VISUAL } = process.env;
  try {
    process.env.VISUAL = 'sed -i s/a/b/';
    expect(edited(Buffer.from('abc')).toString()).toBe('bbc');
    process.env.VISUAL = 'false';
    expect(() => edited(Buffer.from('abc'))).toThrow(/nothing was changed/);
  } finally {
    if (VISUAL === undefined) delete process.env.VISUAL;
    else process.env.VISUAL = VISUAL;
  }
});
