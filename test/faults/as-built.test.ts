/** Each fault, on the build as it is. */
import { describe, expect, it } from 'vitest';
import { withoutAddon } from '../../lib/kafka.ts';
import { faults } from './faults.ts';
import { long, ms_max, seeds } from './trial.ts';

describe.each(Object.entries(faults))('%s', (_, { run, absent }) => {
  const reason = absent?.() ?? null;
  const test = it.skipIf(reason !== null);
  const nameOf = (name: string): string => (reason === null ? name : `not run: ${reason}`);

  test.each(seeds)(
    nameOf('loses nothing and does nothing twice (seed %i)'),
    async seed => {
      expect((await run({ seed, broken: null, native: true })).faults).toEqual([]);
    },
    ms_max,
  );

  it.skipIf(reason !== null || !long)(
    nameOf('and without the native border'),
    async () => {
      expect((await run({ seed: 1, broken: null, native: false })).faults).toEqual([]);
    },
    ms_max,
  );
});

it('runs on the native border', () => {
  expect(withoutAddon({ brokers: '', replication_factor: 1 })).toBeNull();
});
