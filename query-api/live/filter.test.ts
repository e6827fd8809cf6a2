import { describe, expect, it } from 'vitest';
import { matcherOf, unknownFields } from './filter.ts';

const row = {
  sender: 'ada@example.com',
  importance: 80,
  outcome: null,
  recipients: ['b@x.com', 'c@x.com'],
  subject: '',
};

describe('a filter', () => {
  it.each([
    ['nothing', {}, true],
    ['a value', { sender: 'ada@example.com' }, true],
    ['another case', { sender: 'Ada@example.com' }, false],
    ['one of several values', { sender: ['x', 'ada@example.com'] }, true],
    ['none of several values', { sender: ['x', 'y'] }, false],
    ['several fields', { sender: 'ada@example.com', importance: 80 }, true],
    ['several fields, one of which differs', { sender: 'ada@example.com', importance: 79 }, false],
    ['a number as text', { importance: '80' }, false],
    ['null', { outcome: null }, true],
    ['null where there is a value', { sender: null }, false],
    ['an item of a list', { recipients: 'c@x.com' }, true],
    ['no item of a list', { recipients: 'd@x.com' }, false],
    ['a field that is not there', { category: 'support' }, false],
  ])('of %s', (_, filter, matches) => {
    expect(matcherOf(filter)(row)).toBe(matches);
  });

  it('of none takes all', () => {
    expect(matcherOf(undefined)(row)).toBe(true);
  });

  it('names the fields it may not name', () => {
    expect(unknownFields({ sender: 'a', constructor: 'b', subject: 'c' }, ['sender'])).toEqual([
      'constructor',
      'subject',
    ]);
    expect(unknownFields(undefined, [])).toEqual([]);
  });
});
