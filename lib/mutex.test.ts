import { expect, it } from 'vitest';
import { createMutex } from './mutex.ts';

it('runs one at a time, in the order of asking, and goes on after a failure', async () => {
  const exclusive = createMutex();
  const seen: string[] = [];
  const work = (name: string, fails = false) =>
    exclusive(async () => {
      seen.push(`${name} begins`);
      await Promise.resolve();
      seen.push(`${name} ends`);
      if (fails) throw new Error(name);
    });
  const results = await Promise.allSettled([work('a'), work('b', true), work('c')]);
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  expect(results.map(result => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});
