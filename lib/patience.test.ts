import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MillraceError } from './errors.ts';
import { patient, rest_ms } from './patience.ts';

const signal = new AbortController().signal;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const told: string[] = [];
  const world = { asked: 0, broken: true };
  const ask = patient({
    timeout_ms: 100,
    onReply: outcome => told.push(outcome),
    async ask(input: string) {
      world.asked++;
      if (input === 'hangs') return new Promise<string>(() => undefined);
      if (world.broken) throw new MillraceError('status', 'it answered 500');
      return input.toUpperCase();
    },
  });
  return { ask, world, told };
}

it('says why there is no answer', async () => {
  const { ask, world, told } = setUp();
  expect(await ask('a', signal)).toEqual({ value: null, failure: 'status' });
  const hanging = ask('hangs', signal);
  await vi.advanceTimersByTimeAsync(100);
  expect(await hanging).toEqual({ value: null, failure: 'timeout' });
  world.broken = false;
  expect(await ask('a', signal)).toEqual({ value: 'A', failure: '' });
  expect(told).toEqual(['status', 'timeout', 'ok']);
});

it('rests after five failures in a row, tries with one, and goes on when that is answered', async () => {
  const { ask, world } = setUp();
  for (let i = 0; i < 5; i++) await ask('a', signal);
  expect(await ask('a', signal)).toEqual({ value: null, failure: 'resting' });
  expect(world.asked).toBe(5);

  vi.advanceTimersByTime(rest_ms);
  const [probe, beside] = await Promise.all([ask('a', signal), ask('a', signal)]);
  expect([probe.failure, beside.failure]).toEqual(['status', 'resting']);
  expect(world.asked).toBe(6);

  world.broken = false;
  vi.advanceTimersByTime(rest_ms);
  expect((await ask('a', signal)).failure).toBe('');
  expect((await ask('b', signal)).failure).toBe('');
});

it('does not rest while some succeed', async () => {
  const { ask, world } = setUp();
  for (let i = 0; i < 20; i++) {
    world.broken = i % 5 !== 4;
    await ask('a', signal);
  }
  expect(world.asked).toBe(20);
});
