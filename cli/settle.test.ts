import { expect, it } from 'vitest';
import type { SourceRow } from './client.ts';
import { lineOf } from './settle.ts';

const row: SourceRow = {
  organization_id: 'o',
  source: 's',
  connector: 'c',
  done: true,
  error: null,
  read_at: '',
  read: 1204,
  stored: 1198,
  duplicate: 4,
  dead_letter: 2,
  filtered: 0,
  erased: 0,
  expired: 0,
  in_flight: 0,
  repeated: 0,
  late: 0,
  balanced: true,
};

it('says how it adds up, leaving out what did not happen', () => {
  expect(lineOf([row])).toBe('read 1,204 = stored 1,198 + duplicate 4 + dead letter 2');
  expect(lineOf([row, { ...row, read: 10, stored: 0, duplicate: 0, dead_letter: 0, in_flight: 10 }])).toBe(
    'read 1,214 = stored 1,198 + duplicate 4 + dead letter 2 + in flight 10',
  );
  expect(lineOf([{ ...row, late: 1 }])).toMatch(/ 2 \(1 late for its window\)$/);
  expect(lineOf([])).toBe('read 0 = stored 0');
});
