/** Each fault, on a build in which it does harm: the same test must find it. */
import { expect, it } from 'vitest';
import { faults, ms_max } from './faults.ts';

it.each(Object.entries(faults))(
  '%s',
  async (_, { run, broken }) => {
    const { faults: found } = await run({ seed: 1, broken, native: true });
    console.info(broken, found);
    expect(found, broken).not.toEqual([]);
  },
  ms_max,
);
