/** Each fault, on the build as it is. */
import { describe, expect, it } from 'vitest';
import { withoutAddon } from '../../lib/kafka.ts';
import { faults, long, ms_max, seeds } from './faults.ts';

describe.each(Object.entries(faults))('%s', (_, { run }) => {
  it.each(seeds)(
    'loses nothing and does nothing twice (seed %i)',
    async seed => {
      expect((await run({ seed, broken: null, native: true })).faults).toEqual([]);
    },
    ms_max,
  );

  it.runIf(long)(
    'and without the native border',
    async () => {
      expect((await run({ seed: 1, broken: null, native: false })).faults).toEqual([]);
    },
    ms_max,
  );
});

it('runs on the native border', () => {
  expect(withoutAddon({ brokers: '', replication_factor: 1 })).toBeNull();
});
