import { afterEach, expect, it, vi } from 'vitest';
import { createMetrics } from '../../lib/metrics.ts';
import { countActiveUsers } from './active-users.ts';

afterEach(() => void vi.useRealTimers());

it('counts who called lately, each once', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const metrics = createMetrics('test');
  const { seen } = countActiveUsers(metrics);
  const told = async () => /^active_users_total\{[^}]*\} (\d+)$/m.exec(await metrics.metrics())?.[1];
  for (const subject of ['ada', 'bob', 'ada']) seen(subject);
  expect(await told()).toBe('2');
  vi.advanceTimersByTime(10 * 60_000);
  seen('ada');
  vi.advanceTimersByTime(10 * 60_000);
  expect(await told()).toBe('1');
});
