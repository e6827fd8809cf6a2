/** For whoever runs Millrace: is it alive, can it work, what does it count. */
import { json, text } from '../../lib/http.ts';
import { within } from '../../lib/lifecycle.ts';
import type { Registry } from '../../lib/metrics.ts';
import { shared } from '../../lib/shared.ts';
import type { ApiRoute } from '../auth/access.ts';

/** What the API needs; each says whether it is there, or throws. */
export type Checks = Readonly<Record<'clickhouse' | 'kafka' | 'ingest', () => Promise<boolean>>>;

export function systemRoutes(checks: Checks, metrics: Registry): ApiRoute[] {
  // Anyone may ask, and asking reaches the engines.
  const ready = shared(async () => {
    const outcome = await checkAll(checks);
    return json(outcome.ready ? 200 : 503, outcome);
  });
  return [
    // Liveness asks nobody: restarting the API would not bring an engine back.
    { method: 'GET', path: '/health', access: 'open', handler: async () => json(200, { status: 'ok' }) },
    { method: 'GET', path: '/ready', access: 'open', handler: ready },
    {
      method: 'GET',
      path: '/metrics',
      access: 'loopback',
      handler: async () => text(200, await metrics.metrics(), { 'content-type': metrics.contentType }),
    },
  ];
}

const check_ms_max = 2_000;

export async function checkAll(checks: Checks): Promise<{ ready: boolean; checks: Record<string, boolean> }> {
  const outcomes = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const there = await within(check_ms_max, check()).catch(() => false);
      return [name, there] as const;
    }),
  );
  return { ready: outcomes.every(([, there]) => there), checks: Object.fromEntries(outcomes) };
}
