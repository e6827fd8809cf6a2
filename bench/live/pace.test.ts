import { expect, it } from 'vitest';
import { Audience, batch_records, dueRecords } from './pace.ts';

const pace = { begin_ms: 0, seconds: 1 };

it('gives as many as are due, and no more than a batch', () => {
  const steady = { ...pace, records_per_second: 100 };
  expect(dueRecords(steady, 0, 0)).toBe(1);
  expect(dueRecords(steady, 1, 9.9)).toBe(0);
  expect(dueRecords(steady, 0, -25)).toBe(0);
  expect(dueRecords(steady, 1, 10)).toBe(1);
  expect(dueRecords(steady, 1, 55)).toBe(5);
  expect(dueRecords(steady, 1, 5_000)).toBe(batch_records);
  expect(dueRecords({ ...pace, records_per_second: null }, 1_000, 0)).toBe(batch_records);
});

it('waits for the slowest socket', async () => {
  const audience = new Audience();
  let waiting_bytes = 1_000_000;
  let room = false;
  audience.add(() => 0);
  const leave = audience.add(() => waiting_bytes);
  const waited = audience.room().then(() => {
    room = true;
  });
  waiting_bytes = 500_000;
  audience.drained();
  await Promise.resolve();
  expect(room).toBe(false);
  waiting_bytes = 0;
  audience.drained();
  await waited;
  waiting_bytes = 1_000_000;
  leave();
  await audience.room();
});
