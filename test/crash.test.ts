/** Processes are killed in the middle of an import; the numbers afterwards are the same. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDir, type Instance, startInstance, until } from './instance.ts';
import { mboxOf } from './mails.ts';

interface SourceRow {
  source: string;
  read: number;
  stored: number;
}

let instance: Instance;
const files = freshDir();

beforeAll(async () => {
  instance = await startInstance();
});
afterAll(async () => {
  await instance?.stop();
});

async function progressOf(source: string): Promise<SourceRow | null> {
  const answer = await instance.fetch('/api/reconciliation');
  const { sources } = (await answer.json()) as { sources: SourceRow[] };
  return sources.find(row => row.source.includes(source)) ?? null;
}

async function check(source: string, mbox: ReturnType<typeof mboxOf>, count: number): Promise<void> {
  const [row] = await instance.sql<Record<string, number>>(
    `SELECT read, stored, duplicate, dead_letter, in_flight, repeated FROM reconciliation WHERE source LIKE '%${source}%'`,
  );
  expect(row).toEqual({
    read: count,
    stored: mbox.distinct,
    duplicate: mbox.duplicates,
    dead_letter: 0,
    in_flight: 0,
    repeated: 0,
  });
  const [mails] = await instance.sql<Record<string, number>>(
    `SELECT count() AS n, uniqExact(message_id) AS ids FROM messages WHERE source LIKE '%${source}%'`,
  );
  expect(mails).toEqual({ n: mbox.distinct, ids: mbox.distinct });
}

describe.each(['ingest', 'process', 'sink', 'clickhouse', 'kafka'])('kill -9 of %s', role => {
  // Killed after the end it would prove nothing: a machine that had stored all by then is given more.
  it('in mid-import loses nothing and stores nothing twice', async () => {
    for (const count of [3_000, 12_000, 48_000]) {
      const mbox = mboxOf({ seed: 100 + role.length + count, count, duplicate_every: 100 });
      const name = `${role}-${count}.mbox`;
      writeFileSync(join(files, name), mbox.text);
      const importing = instance.json<{ balanced: boolean }>(['import', join(files, name)]);
      await until('the import to be under way', async () => ((await progressOf(name))?.read ?? 0) > 0);
      const before = await progressOf(name);
      process.kill(instance.pid(role), 'SIGKILL');
      await importing.catch(() => undefined);
      await until('everything to settle', async () => {
        const row = await progressOf(name);
        return row !== null && row.read === count && row.stored === mbox.distinct;
      });
      await check(name, mbox, count);
      if (before !== null && before.stored < mbox.distinct) return;
    }
    expect.fail('every import had ended before its role was killed');
  });
});

it('a killed supervisor leaves a directory that starts again with all its data', async () => {
  const data_dir = freshDir();
  const first = await startInstance({ data_dir });
  const mbox = mboxOf({ seed: 7, count: 200 });
  writeFileSync(join(files, 'again.mbox'), mbox.text);
  await first.json(['import', join(files, 'again.mbox')]);
  await first.kill();
  const second = await startInstance({ data_dir });
  try {
    expect(await second.sql('SELECT count() AS n FROM messages')).toEqual([{ n: 200 }]);
    expect((await second.run(['reconcile'])).code).toBe(0);
  } finally {
    await second.stop();
  }
});
