/** `reconcile --topics`: what lies in the topics against what lies in the tables. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Reconciliation, TopicRow } from '../cli/client.ts';
import { openDataDir } from '../cli/data-dir.ts';
import { type ClickHouse, createClickHouse } from '../lib/clickhouse.ts';
import { freshDir, type Instance, startInstance, until } from './instance.ts';
import { mboxOf } from './mails.ts';

let instance: Instance;
let clickhouse: ClickHouse;

beforeAll(async () => {
  instance = await startInstance({ sample: true });
  const mbox = join(freshDir(), 'own.mbox');
  writeFileSync(mbox, mboxOf({ seed: 3, count: 200, duplicate_every: 20 }).text);
  await instance.json(['import', mbox]);
  await until('the sample company', async () => {
    const { sources } = await instance.json<Reconciliation>(['reconcile', '--wait', '0']);
    return sources.length === 3 && sources.every(source => source.done && source.in_flight === 0);
  });
  const { clickhouse: url } = await instance.json<{ clickhouse: string }>(['status']);
  const { clickhouse: password } = openDataDir(instance.data_dir).secrets();
  clickhouse = createClickHouse({ url, user: 'default', password, database: 'millrace' });
});
afterAll(async () => {
  await clickhouse?.close();
  await instance?.stop();
});

const accounts = async (): Promise<Record<string, TopicRow>> => {
  const { topics } = await instance.json<{ topics: TopicRow[] }>(['reconcile', '--topics', '--wait', '0']);
  return Object.fromEntries(topics.map(row => [row.table, row]));
};

it('finds one row for each record', async () => {
  const found = await accounts();
  expect(Object.keys(found).sort()).toEqual([
    'deliveries',
    'duplicates',
    'interactions',
    'lead_scores',
    'messages',
    'replays',
  ]);
  for (const [table, { records, rows, balanced }] of Object.entries(found)) {
    const [counted] = await clickhouse.rows<{ n: number }>(`SELECT count() AS n FROM ${table}`);
    expect({ table, records, rows, balanced }).toEqual({
      table,
      records: counted?.n,
      rows: counted?.n,
      balanced: true,
    });
  }
  expect(found.messages?.records).toBeGreaterThan(200);
});

it('counts no record of an organisation that was removed', async () => {
  const before = (await accounts()).messages;
  await instance.json(['sample', 'remove']);
  const after = (await accounts()).messages;
  expect(after?.records).toBeLessThan(before?.records as number);
  expect(after).toMatchObject({ missing: 0, repeated: 0, balanced: true });
});

it('tells a row that is there twice, and one that is gone', async () => {
  const [one, other] = await clickhouse.rows<{ offset: number; partition: number }>(
    'SELECT kafka_offset AS offset, kafka_partition AS partition FROM messages ORDER BY offset LIMIT 2',
  );
  const at = (place = one) => `kafka_partition = ${place?.partition} AND kafka_offset = ${place?.offset}`;
  await clickhouse.command(`INSERT INTO messages SELECT * FROM messages WHERE ${at()}`);
  expect((await accounts()).messages).toMatchObject({ missing: 0, repeated: 1, balanced: false });
  await clickhouse.command(`ALTER TABLE messages DELETE WHERE ${at()}`, { mutations_sync: 2 });
  await clickhouse.command(`ALTER TABLE messages DELETE WHERE ${at(other)}`, { mutations_sync: 2 });
  expect((await accounts()).messages).toMatchObject({ missing: 2, repeated: 0, balanced: false });
  const { code, stdout } = await instance.run(['reconcile', '--topics', '--wait', '0']);
  expect(code).toBe(1);
  expect(stdout).toContain('email.enriched.v1 → messages: records');
  expect(stdout).toContain('MISSING 2');
  expect((await instance.run(['reconcile', '--wait', '0'])).stdout).not.toContain('MISSING');
});
