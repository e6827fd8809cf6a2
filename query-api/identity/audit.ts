/** The audit log: who did what, as a topic, and from it as the table `audit_events`. */
import { randomUUID } from 'node:crypto';
import { createFencedWriter } from '../../lib/fenced-writer.ts';
import { gather } from '../../lib/gather.ts';
import { within } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/log.ts';
import { Counter, type Registry as Metrics } from '../../lib/metrics.ts';
import { type RegistryConfig, serdesOnDemand } from '../../lib/registry-open.ts';
import type { AuditEvent } from '../../schemas/generated.ts';
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
const gathered_ms = 50;
/** Whoever is refused again and again must not fill the memory. */
const waiting_max = 10_000;

export function openAudit(options: AuditOptions): Audit {
  const { log, organization_id } = options;
  const writer = createFencedWriter({ kafka: options.kafka, transactional_id: `millrace.audit.${options.instance}` });
  const lost = new Counter({
    name: 'audit_events_lost_total',
    help: 'Deeds that could not be written to the audit log',
    registers: [options.metrics],
  });
  const serdes = serdesOnDemand(options, [topics.auditEvent]);
  let waiting = 0;

  const write = gather<AuditEvent, null>({
    ms: gathered_ms,
    items_max: 500,
    bytes_max: 262_144,
    bytesOf: ({ details }) => details.length + 200,
    async call(events) {
      const { serialize } = await serdes(topics.auditEvent);
      const { name, key } = topics.auditEvent;
      await writer.write(() => events.map(event => ({ topic: name, key: key(event), value: serialize(event) })));
      return events.map(() => null);
    },
  });

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
      const written = write(event)
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
