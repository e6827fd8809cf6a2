import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';
import { type Observer, startObserver } from './observe.ts';

describe('the observe listener', () => {
  let observer: Observer;
  const stopping = new AbortController();
  const answerOf = async (path: string): Promise<{ status: number; body: string }> => {
    const answer = await fetch(`${observer.url}${path}`);
    return { status: answer.status, body: await answer.text() };
  };
  const readiness = async (): Promise<unknown> => {
    const { status, body } = await answerOf('/ready');
    return [status, (JSON.parse(body) as { state: string }).state];
  };

  afterEach(async () => observer.close());

  it('tells alive from ready, and what is counted', async () => {
    observer = await startObserver({
      host: '127.0.0.1',
      port: 0,
      metrics: createMetrics('test'),
      log: pino({ level: 'silent' }),
      signal: stopping.signal,
    });
    let there: boolean | Promise<boolean> = false;
    expect(await readiness()).toEqual([503, 'starting']);
    observer.started(() => there);
    expect(await readiness()).toEqual([503, 'waiting']);
    there = Promise.reject(new Error('an engine is away'));
    there.catch(() => undefined);
    expect(await readiness()).toEqual([503, 'waiting']);
    there = true;
    expect(await readiness()).toEqual([200, 'ready']);
    stopping.abort();
    expect(await readiness()).toEqual([503, 'draining']);
    expect((await answerOf('/health')).status).toBe(200);
    expect((await answerOf('/metrics')).body).toMatch(/process_cpu_seconds_total\{role="test"\} \d/);
  });
});
