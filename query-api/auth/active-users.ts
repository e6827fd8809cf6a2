/** How many people use it: subjects that came with a valid credential lately. */
import { Gauge, type Registry } from '../../lib/metrics.ts';

export interface ActiveUsers {
  seen(subject: string): void;
}

const window_ms = 15 * 60 * 1_000;
/** Beyond it the number is a lower bound. */
const subjects_max = 100_000;

export function countActiveUsers(metrics: Registry): ActiveUsers {
  const seen_ms = new Map<string, number>();
  new Gauge({
    name: 'active_users_total',
    help: 'Subjects that called within the last 15 minutes',
    registers: [metrics],
    collect() {
      const since_ms = Date.now() - window_ms;
      for (const [subject, at_ms] of seen_ms) if (at_ms < since_ms) seen_ms.delete(subject);
      this.set(seen_ms.size);
    },
  });
  return {
    seen(subject) {
      if (seen_ms.size < subjects_max || seen_ms.has(subject)) seen_ms.set(subject, Date.now());
    },
  };
}
