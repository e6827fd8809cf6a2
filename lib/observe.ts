/** The listener by which whoever runs a process sees it: is it alive, can it work, what does it count. */
import { type HttpServer, json, serveHttp, text } from './http.ts';
import { within } from './lifecycle.ts';
import type { Logger } from './log.ts';
import type { Registry } from './metrics.ts';

/** `starting` until the process has begun its work, `waiting` while something it needs is away, `draining` from the signal on. */
export type State = 'starting' | 'waiting' | 'ready' | 'draining';

export interface ObserverOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly metrics: Registry;
  readonly log: Logger;
  /** Aborted when the process begins to stop. */
  readonly signal: AbortSignal;
}

export interface Observer extends HttpServer {
  /** Called once the process has begun its work; `isReady` is asked from then on, and a failure of it means no. */
  started(isReady: () => boolean | Promise<boolean>): void;
}

const check_ms_max = 2_000;

/** Throws MillraceError `http.listen` where the address cannot be had. */
export async function startObserver({ host, port, metrics, log, signal }: ObserverOptions): Promise<Observer> {
  let isReady: (() => boolean | Promise<boolean>) | null = null;

  async function state(): Promise<State> {
    if (signal.aborted) return 'draining';
    if (!isReady) return 'starting';
    const ready = await within(check_ms_max, Promise.resolve(isReady())).catch(() => false);
    return ready ? 'ready' : 'waiting';
  }

  const server = await serveHttp({
    host,
    port,
    metrics,
    log,
    routes: [
      // Liveness asks nobody: a restart would not bring an engine back.
      { method: 'GET', path: '/health', handler: async () => json(200, { status: 'ok' }) },
      {
        method: 'GET',
        path: '/ready',
        async handler() {
          const now = await state();
          return json(now === 'ready' ? 200 : 503, { ready: now === 'ready', state: now });
        },
      },
      {
        method: 'GET',
        path: '/metrics',
        handler: async () => text(200, await metrics.metrics(), { 'content-type': metrics.contentType }),
      },
    ],
  });
  return {
    ...server,
    started(check) {
      isReady = check;
    },
  };
}
