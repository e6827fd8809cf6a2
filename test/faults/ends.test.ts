import { expect, it } from 'vitest';
import { withoutAddon } from '../../lib/kafka.ts';
import { holdsThrough } from './as-built.ts';
import { ends } from './faults.ts';

holdsThrough(ends);

it('runs on the native border', () => {
  expect(withoutAddon({ brokers: '', replication_factor: 1 })).toBeNull();
});
