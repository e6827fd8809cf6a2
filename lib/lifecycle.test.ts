import { pino } from 'pino';
import { expect, it } from 'vitest';
import { createLifecycle, within } from './lifecycle.ts';

it('releases in reverse order, once, and past a release that fails', async () => {
  const lifecycle = createLifecycle(pino({ level: 'silent' }));
  const released: string[] = [];
  for (const name of ['first', 'second', 'third']) {
    lifecycle.onStop(name, () => {
      released.push(name);
      if (name === 'second') throw new Error('cannot');
    });
  }
  await Promise.all([lifecycle.stop('test'), lifecycle.stop('again')]);
  await lifecycle.stopped;
  expect(released).toEqual(['third', 'second', 'first']);
  expect(lifecycle.signal.aborted).toBe(true);
});

it('does not wait for ever', async () => {
  await expect(within(1, new Promise(() => undefined))).rejects.toThrow('not done within 1 ms');
});
