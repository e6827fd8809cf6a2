import { expect, it, vi } from 'vitest';

import { feeds } from './feeds.ts';
import { openHub } from './hub.ts';
import { log } from './test-topic.ts';

const { topic } = feeds.customers;

it('reads a topic once for all feeds that follow it, and each tells its own rows', async () => {
  expect(feeds.leads.topic).toBe(topic);
  const person = { person_id: 'p', owner: { organization_id: 'o' }, updated_at_ms: 0, decayed_to_ms: null, version: 7 };
  const read = vi.fn(() => ({ ...person, first_seen_ms: 0, last_seen_ms: 0 }));
  const record = { topic, partition: 0, timestamp_ms: 0, tombstone: false, size_bytes: 100, read };
  const given = [
    { ...record, offset: 3 },
    { ...record, offset: 4, tombstone: true },
    { ...record, offset: 5, size_bytes: 1_000_000 },
    { ...record, offset: 6, read: () => null },
  ];
  const asked: string[][] = [];
  const hub = openHub({
    log,
    openReader: async topics => {
      asked.push([...topics]);
      return {
        next: async () => (given.length > 0 ? given.splice(0) : new Promise(done => setTimeout(() => done([]), 5))),
        positions: () => ({ [topic]: { 0: given.length > 0 ? 3 : 7 } }),
        close: async () => undefined,
      };
    },
  });
  const [customers, leads] = [await hub.ring('customers'), await hub.ring('leads')];
  await vi.waitUntil(() => leads.end === 3);
  // A large one is made into rows at once, the others where somebody asks.
  expect(read).toHaveBeenCalledTimes(2);
  expect(asked[0]).toHaveLength(new Set(asked[0]).size);
  expect(customers.at(0).told?.row).toMatchObject({ id: 'p', first_seen_at: '1970-01-01T00:00:00.000Z' });
  expect(leads.at(2).told).toBeNull();
  expect(leads.at(0).told?.row).toMatchObject({ id: '["p",7]', scored_at: '1970-01-01T00:00:00.000Z' });
  expect(leads.cursor).toBe(customers.cursor);
  await hub.close();
});
