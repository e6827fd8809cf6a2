import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { differences, readFixture, runFixture } from './fixture.ts';

const folder = join(import.meta.dirname, 'fixtures');

it.each(readdirSync(folder))('%s becomes what it says', async name => {
  const fixture = readFixture(readFileSync(join(folder, name), 'utf8'), name);
  expect(fixture.expect).not.toHaveLength(0);
  expect(differences(fixture.expect, await runFixture(fixture))).toEqual([]);
});

describe('a difference', () => {
  it('is told by its path, in what is expected alone', () => {
    const actual = [{ crm: { object: 'deal', amount: 3 } }];
    expect(differences([{ crm: { amount: 3 } }], actual)).toEqual([]);
    expect(differences([{ crm: { amount: 4, stage: 'won' } }], actual)).toEqual([
      'expect.0.crm.amount: expected 4, got 3',
      'expect.0.crm.stage: expected "won", got nothing',
    ]);
    expect(differences([], actual)).toEqual([expect.stringMatching(/^expect: expected 0, got 1: /)]);
    expect(differences([{ reject: 'csv' }, {}], actual)).toEqual([expect.stringMatching(/^expect: expected 2, got 1/)]);
  });
});

it.each([
  ['ndjson: x\nmail: y\n', 'f.yaml:1:1 : expected one of hook, events, csv, ndjson and mail'],
  ['ndjson: x\nexpected: []\n', 'f.yaml:2:11 expected: unknown key; did you mean "expect"?'],
])('a fixture that is none is refused: %j', (text, message) => {
  expect(() => readFixture(text, 'f.yaml')).toThrow(message);
});
