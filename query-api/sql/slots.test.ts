import { expect, it } from 'vitest';
import { Slots } from './slots.ts';

const limits = {
  caller_running_max: 1,
  role_running_max: { admin: 2, manager: 2, user: 2, viewer: 2 },
  waiting_max: 2,
  wait_ms_max: 20,
};
const caller = (subject: string) => ({ subject, role: 'viewer' as const });
const { signal } = new AbortController();

async function taken(slots: Slots, subject: string): Promise<() => void> {
  const release = await slots.take(caller(subject), signal);
  if (typeof release !== 'function') throw new Error(`${release.code}`);
  return release;
}

it('gives a caller and a role no more places than they have, and the first who waits the next one', async () => {
  const slots = new Slots({ ...limits, wait_ms_max: 5_000 });
  const ada = await taken(slots, 'ada');
  const bob = await taken(slots, 'bob');
  const order: string[] = [];
  const inOrder = async (subject: string): Promise<() => void> => {
    const release = await taken(slots, subject);
    order.push(subject);
    return release;
  };
  const again = inOrder('ada');
  const eve = inOrder('eve');
  bob();
  // Ada waits for her own place, so it is Eve's turn.
  await (await eve)();
  ada();
  (await again)();
  expect(order).toEqual(['eve', 'ada']);
});

it('refuses after a while, and where enough are waiting', async () => {
  const slots = new Slots(limits);
  const release = await taken(slots, 'ada');
  const waiting = [slots.take(caller('ada'), signal), slots.take(caller('ada'), signal)];
  expect(await slots.take(caller('ada'), signal)).toMatchObject({ code: 202 });
  expect(await Promise.all(waiting)).toMatchObject([{ code: 202 }, { code: 202 }]);
  release();
  release();
  const next = await taken(slots, 'ada');
  expect(await slots.take(caller('ada'), signal)).toMatchObject({ code: 202 });
  next();
});

it('forgets who has gone', async () => {
  const slots = new Slots({ ...limits, wait_ms_max: 60_000 });
  const release = await taken(slots, 'ada');
  const gone = new AbortController();
  const waiting = slots.take(caller('ada'), gone.signal);
  gone.abort();
  expect(await waiting).toMatchObject({ code: 202 });
  release();
});
