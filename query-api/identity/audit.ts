/** The audit log: who did what, as a topic, and from it as the table `audit_events`. */
import { randomUUID } from 'node:crypto';
import { within } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/log.ts';
import { Counter, type Registry as Metrics } from '../../lib/metrics.ts';
import type { RegistryConfig } from '../../lib/registry-open.ts';
import { openTopicWriter } from '../../lib/topic-writer.ts';
import { topics } from '../../schemas/topics.ts';

export interface Deed {
  /** The subject of the token; empty where nobody has signed in. */
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly outcome: 'done' | 'refused';
  readonly remote_address: string;
  /** Never a secret, and no mail's words. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface Audit {
  /** Settles when it is durable, or could not be made so for some seconds: the deed was done, and its doer is told so. */
  tell(deed: Deed): Promise<void>;
  close(): Promise<void>;
}

export interface AuditOptions extends RegistryConfig {
  readonly organization_id: string;
  readonly instance: string;
  readonly log: Logger;
  readonly metrics: Metrics;
}

const tell_ms_max = 5_000;
/** Whoever is refused again and again must not fill the memory. */
const waiting_max = 10_000;

export function openAudit(options: AuditOptions): Audit {
  const { log, organization_id } = options;
  const writer = openTopicWriter({
    ...options,
    topic: topics.auditEvent,
    transactional_id: `millrace.audit.${options.instance}`,
    bytesOf: ({ details }) => details.length + 200,
  });
  const lost = new Counter({
    name: 'audit_events_lost_total',
    help: 'Deeds that could not be written to the audit log',
    registers: [options.metrics],
  });
  let waiting = 0;

  return {
    async tell({ details = {}, ...deed }) {
      const event = {
        event_id: randomUUID(),
        organization_id,
        at_ms: Date.now(),
        ...deed,
        details: JSON.stringify(details),
      };
      if (waiting >= waiting_max) return lost.inc();
      waiting++;
      const written = writer
        .write(event)
        .catch(error => {
          lost.inc();
          log.error({ action: deed.action, object: deed.object, actor: deed.actor, error }, 'not in the audit log');
        })
        .finally(() => {
          waiting--;
        });
      await within(tell_ms_max, written).catch(() => undefined);
    },
    close: writer.close,
  };
}
