import { describe, expect, it } from 'vitest';
import { Found, found_limits, QueryFault, type QueryResult, type Row } from './found.ts';

const found = (...rows: Row[]): QueryResult => ({
  columns: [
    { name: 'name', type: 'String' },
    { name: 'n', type: 'UInt64' },
  ],
  rows,
});
const between = (before: Row[], after: Row[], key?: string[]) =>
  new Found(found(...after), key).since(new Found(found(...before), key));

describe('the difference between what was found twice', () => {
  it('is of whole rows, each as often as it came or went, whatever their order', () => {
    expect(
      between(
        [
          ['a', 1],
          ['b', 2],
          ['b', 2],
        ],
        [
          ['c', 3],
          ['b', 2],
          ['a', 2],
        ],
      ),
    ).toEqual({
      added: [
        ['c', 3],
        ['a', 2],
      ],
      removed: [
        ['a', 1],
        ['b', 2],
      ],
      changed: [],
    });
    expect(
      between(
        [
          ['a', 1],
          ['b', 2],
        ],
        [
          ['b', 2],
          ['a', 1],
        ],
      ),
    ).toEqual({ added: [], removed: [], changed: [] });
  });

  it('is of rows by their key, where there is one', () => {
    expect(
      between(
        [
          ['a', 1],
          ['b', 2],
        ],
        [
          ['a', 3],
          ['c', 1],
        ],
        ['name'],
      ),
    ).toEqual({
      added: [['c', 1]],
      removed: [['b', 2]],
      changed: [['a', 3]],
    });
  });

  it('is none where the columns are others', () => {
    const other = { columns: [{ name: 'name', type: 'String' }], rows: [['a']] };
    expect(new Found(other).since(new Found(found(['a', 1])))).toBeNull();
  });
});

it('what cannot be followed is said', () => {
  expect(() => new Found(found(['a', 1], ['a', 2]), ['name'])).toThrow(QueryFault);
  expect(() => new Found(found(['a', 1]), ['nothing'])).toThrow('nothing');
  const many = Array.from({ length: found_limits.rows_max + 1 }, (_, i) => ['a', i]);
  expect(() => new Found(found(...many))).toThrow('rows');
  expect(() => new Found(found(['x'.repeat(found_limits.chars_max), 1]))).toThrow('characters');
});
