import { expect, it } from 'vitest';
import { nearest } from './nearest.ts';

it('guesses a misspelt name, and nothing for a strange one', () => {
  const known = ['brokers', 'replication_factor', 'sasl'];
  expect(nearest('broker', known)).toBe('brokers');
  expect(nearest('replication_facter', known)).toBe('replication_factor');
  expect(nearest('colour', known)).toBeNull();
});
