import { expect, it } from 'vitest';
import { isExcluded } from './folders.ts';

it.each([
  ['Personal', ['Personal'], true],
  ['.Personal', ['Personal'], true],
  ['personal', ['Personal', 'Taxes'], true],
  ['Taxes', ['Personal', 'Taxes'], true],
  ['Personal.Taxes', ['Personal', 'Taxes'], true],
  ['Personal.Taxes', ['Personal'], false],
  ['Personal', ['Personally'], false],
  ['Personal', [], false],
])('excluding %s leaves out %s: %s', (name, parts, left_out) => {
  expect(isExcluded(parts, [name])).toBe(left_out);
});
