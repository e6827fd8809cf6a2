/** Each fault, on a build in which it does harm: the same test must find it. */
import { describe, expect, it } from 'vitest';
import { brokenNames, buildOf } from './broken.ts';
import { ends, upsets } from './faults.ts';
import { controls } from './passes.ts';
import { ms_max } from './trial.ts';

describe.each(Object.entries({ ...ends, ...upsets }))('%s', (_, { run, broken, absent }) => {
  const reason = absent?.() ?? (controls ? null : 'asked for by --controls');
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

describe('the broken builds', () => {
  it.each(brokenNames())('%s can be made', broken => {
    expect(buildOf(broken)).not.toBe(buildOf(null));
  });
});
