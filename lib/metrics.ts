/** Prometheus metrics of one process. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { within } from './lifecycle.ts';

export { Counter, Gauge, Histogram, Registry };

export function createMetrics(role: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ role });
  collectDefaultMetrics({ register: registry });
  return registry;
}

export interface AskedOptions {
  /** The least time between two askings, however many scrape. */
  readonly interval_ms: number;
  /** How long a scrape waits for the answer. */
  readonly ms_max: number;
  /** Asks for the numbers and sets them. */
  ask(): Promise<void>;
  /** Takes the numbers back: an old number would be taken for the present one. */
  forget(error: unknown): void;
}

/** What `collect` of a metric is, where somebody else must be asked for the number. Metrics of one answer share it. */
export function askedOnScrape({ interval_ms, ms_max, ask, forget }: AskedOptions): () => Promise<void> {
  let running: Promise<void> | null = null;
  let asked_at_ms = Number.NEGATIVE_INFINITY;
  return async () => {
    if (running === null && performance.now() - asked_at_ms < interval_ms) return;
    running ??= ask().finally(() => {
      running = null;
      asked_at_ms = performance.now();
    });
    await within(ms_max, running).catch(forget);
  };
}
