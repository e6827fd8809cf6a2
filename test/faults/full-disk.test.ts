/** `millrace up` on a disk that gets full: it says so and what helps, waits for room, and goes on with all it has accepted. */
import { rmSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { freshDir, type Instance, startInstance, until } from '../instance.ts';
import { type Disk, mountDisk, whyNoDisk } from './disk.ts';

/** So much that the preflight lets it start. */
const disk_bytes = 1024 * 1024 * 1024;
const batch_events = 50;

let instance: Instance | undefined;
let disk: Disk | undefined;
const data_dir = freshDir();
afterEach(async () => {
  disk?.makeRoom();
  await instance?.stop();
  disk?.unmount();
  rmSync(data_dir, { recursive: true, force: true });
}, 60_000);

/** Answers the ids of the records that were acknowledged; none where the whole was refused or nobody answered. */
async function send(to: Instance, batch: number): Promise<string[]> {
  const events = Array.from({ length: batch_events }, (_, i) => ({
    specversion: '1.0',
    id: `event-${batch}-${i}`,
    source: '/test',
    type: 'visit',
    time: new Date().toISOString(),
    data: { email: 'ada@acme.example', note: 'x'.repeat(1_000) },
  }));
  const headers = { 'content-type': 'application/cloudevents-batch+json' };
  const signal = AbortSignal.timeout(5_000);
  const response = await to
    .fetch('/events', { method: 'POST', body: JSON.stringify(events), headers, signal })
    .catch(() => null);
  if (response?.status !== 200) return [];
  const { results } = (await response.json()) as { results: { record_id: string }[] };
  return results.map(({ record_id }) => record_id);
}

const reason = whyNoDisk();
it.skipIf(reason !== null)(
  reason === null ? 'millrace up on a full disk says so, waits, and loses nothing' : `not run: ${reason}`,
  async () => {
    disk = mountDisk(data_dir, disk_bytes);
    const to = await startInstance({ data_dir });
    instance = to;
    const acknowledged: string[] = [];
    let batch = 0;
    const load = async (): Promise<boolean> => {
      const taken = await send(to, batch++);
      acknowledged.push(...taken);
      return taken.length > 0;
    };
    for (let i = 0; i < 20; i++) expect(await load()).toBe(true);

    disk.fill();
    await until('it to say so', async () => {
      await load();
      return /the disk of \S+ is full \(\d+ MB free\): delete what is not needed/.test(to.said());
    });
    expect(to.said(), 'an engine ended').toContain('an engine ended and is started again');

    disk.makeRoom();
    await until('it to take records again', load);
    expect(to.said()).toMatch(/the disk of \S+ has room again/);
    const stored = async (): Promise<Set<string>> =>
      new Set(
        (await to.sql<{ id: string }>(`SELECT record_id AS id FROM interactions WHERE kind = 'event'`)).map(
          row => row.id,
        ),
      );
    await until('everything acknowledged to be stored', async () => {
      const there = await stored();
      return acknowledged.every(id => there.has(id));
    });
    // What was not acknowledged may have been taken too; whatever was read has ended, once.
    await until('all to add up', async () => (await to.run(['reconcile'])).code === 0);
  },
  240_000,
);
