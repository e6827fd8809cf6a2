/** Each fault, on a build in which it does harm: the same test must find it. */
import { describe, expect, it } from 'vitest';
import { faults } from './faults.ts';
import { ms_max } from './trial.ts';

describe.each(Object.entries(faults))('%s', (_, { run, broken, absent }) => {
  const reason = absent?.() ?? null;
  it.skipIf(reason !== null)(
    reason === null ? `is found on ${broken}` : `not run: ${reason}`,
    async () => {
      const { faults: found } = await run({ seed: 1, broken, native: true });
      console.info(broken, found);
      expect(found, broken).not.toEqual([]);
    },
    ms_max,
  );
});
