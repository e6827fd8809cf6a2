/** How fresh answers say they are, while the sink of a running instance stands still. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Instance, startInstance, until } from './instance.ts';

interface Fresh {
  readonly watermark_ms: number;
  readonly backlog: Readonly<Record<string, number>>;
  readonly etag: string;
  readonly subjects: readonly string[];
}

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance();
});
afterAll(async () => {
  expect(await instance?.stop()).toBe(0);
});

async function handIn(subject: string): Promise<void> {
  const answer = await instance.fetch('/api/emails', {
    method: 'POST',
    headers: { 'content-type': 'application/json', prefer: 'respond-async' },
    body: JSON.stringify({ sender: 'ada@north.example', subject, content: 'How fresh is this?' }),
  });
  expect(answer.status).toBe(202);
}

async function list(): Promise<Fresh> {
  const { headers, ...answer } = await instance.fetch('/api/emails?fields=subject').then(async response => ({
    headers: response.headers,
    ...((await response.json()) as { items: { subject: string }[] }),
  }));
  const backlog = (headers.get('millrace-backlog') ?? '').split(', ').map(part => part.split('='));
  return {
    watermark_ms: Date.parse(headers.get('millrace-watermark') ?? '1970-01-01'),
    backlog: Object.fromEntries(backlog.map(([name, value]) => [name, Number(value)])),
    etag: headers.get('etag') ?? '',
    subjects: answer.items.map(({ subject }) => subject),
  };
}

it('says what is in an answer and what is on its way, while the sink stands and when it goes on', async () => {
  await handIn('First');
  const first_ms = Date.now();
  const fresh = await until('the first mail', async () => {
    const now = await list();
    return now.watermark_ms > first_ms && now.backlog.to_store === 0 && now;
  });
  expect(fresh.subjects).toEqual(['First']);
  expect(fresh.backlog).toEqual({ to_process: 0, to_enrich: 0, to_store: 0 });

  const sink = instance.pid('sink');
  process.kill(sink, 'SIGSTOP');
  try {
    const before_ms = Date.now();
    await handIn('Second');
    const behind = await until('a backlog', async () => {
      const now = await list();
      return Number(now.backlog.to_store) > 0 && now.backlog.to_process === 0 && now;
    });
    // Well beyond the interval in which it is told.
    await new Promise(resolve => setTimeout(resolve, 3_000));
    const still = await list();
    expect(still.backlog.to_store).toBeGreaterThan(0);
    // What was begun as it stopped may still have been told.
    expect(still.watermark_ms).toBeLessThan(before_ms);
    expect(still.subjects).toEqual(['First']);

    // The answer is the same, and so is its tag; how fresh it is comes with 304 too.
    expect(still.etag).toBe(behind.etag);
    const again = await instance.fetch('/api/emails?fields=subject', { headers: { 'if-none-match': still.etag } });
    expect([again.status, again.headers.has('millrace-watermark')]).toEqual([304, true]);

    const frame = async (to_ms: number) => {
      const query = `from=2026-01-01&to=${new Date(to_ms).toISOString()}&step_s=2592000`;
      const answer = await instance.fetch(`/api/metrics?${query}`);
      return (await answer.json()) as { to: string; freshness: { complete: boolean; backlog: object } };
    };
    expect((await frame(before_ms)).freshness).toMatchObject({ complete: false, backlog: { to_process: 0 } });
    expect((await frame(Date.UTC(2026, 1, 1))).freshness.complete).toBe(true);
  } finally {
    process.kill(sink, 'SIGCONT');
  }
  const second_ms = Date.now();
  const caught_up = await until('the second mail', async () => {
    const now = await list();
    // Whatever lies before the watermark is there, with whichever answer it is told.
    if (now.watermark_ms > second_ms) expect(now.subjects).toContain('Second');
    return now.watermark_ms > second_ms && now;
  });
  expect(caught_up.backlog.to_store).toBe(0);
});
