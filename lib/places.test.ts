import { expect, it } from 'vitest';
import { pause, withResolvers } from './lifecycle.ts';
import { createPlaces } from './places.ts';

const never = new AbortController().signal;

it('lets so many work at once, and the others in the order they came', async () => {
  const places = createPlaces(2);
  const doors = Array.from({ length: 4 }, () => withResolvers<void>());
  const begun: number[] = [];
  const done = doors.map(({ promise }, i) =>
    places(async () => {
      begun.push(i);
      await promise;
    }, never),
  );
  await pause(0);
  expect(begun).toEqual([0, 1]);
  doors[1]?.resolve();
  await done[1];
  await pause(0);
  expect(begun).toEqual([0, 1, 2]);
  for (const door of doors) door.resolve();
  await Promise.all(done);
  expect(begun).toEqual([0, 1, 2, 3]);
});

it('gives no turn to whoever has given up waiting, nor loses the place for it', async () => {
  const places = createPlaces(1);
  const door = withResolvers<void>();
  const first = places(() => door.promise, never);
  const tired = new AbortController();
  let worked = false;
  const second = places(async () => {
    worked = true;
  }, tired.signal);
  tired.abort();
  await second;
  door.resolve();
  await first;
  expect(worked).toBe(false);
  await places(async () => {
    worked = true;
  }, never);
  expect(worked).toBe(true);
});

it('frees the place of work that fails', async () => {
  const places = createPlaces(1);
  await expect(places(() => Promise.reject(new Error('no')), never)).rejects.toThrow('no');
  let worked = false;
  await places(async () => {
    worked = true;
  }, never);
  expect(worked).toBe(true);
});
