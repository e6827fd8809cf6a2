/** Each fault, on the build as it is. */
import { describe, expect, it } from 'vitest';
import type { Fault } from './faults.ts';
import { long } from './passes.ts';
import { ms_max, seeds } from './trial.ts';

export function holdsThrough(faults: Readonly<Record<string, Fault>>): void {
  describe.each(Object.entries(faults))('%s', (_, { run, absent }) => {
    const reason = absent?.() ?? null;
    const nameOf = (name: string): string => (reason === null ? name : `not run: ${reason}`);

    it.skipIf(reason !== null).each(seeds)(
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
}
