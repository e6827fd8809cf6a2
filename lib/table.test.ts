import { describe, expect, it } from 'vitest';
import { createTable } from './table.ts';

describe('a broadcast table', () => {
  it('has the newest record of each key', () => {
    const { records, put } = createTable('rules');
    put('a', 1, 10);
    put('b', 2, 10);
    put('a', 3, 10);
    put('b', null, 0);
    put('c', null, 0);
    expect([...records]).toEqual([['a', 3]]);
  });

  it('takes no more keys and bytes than it may, whatever was replaced and deleted before', () => {
    const { records, put } = createTable('rules', { keys_max: 2, bytes_max: 100 });
    for (let i = 0; i < 50; i++) put('a', i, 90);
    expect(() => put('b', 1, 9)).toThrow('rules has more than 2 keys or 100 bytes');
    put('a', 1, 10);
    put('b', 1, 10);
    expect(() => put('c', 1, 10)).toThrow('rules has more than 2 keys or 100 bytes');
    put('a', null, 0);
    put('c', 1, 88);
    expect([...records.keys()]).toEqual(['b', 'c']);
  });
});
