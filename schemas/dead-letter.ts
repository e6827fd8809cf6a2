/** Turns a rejected record into a dead letter: its bytes go to the content store, the letter carries the reference. */
import type { DeadLetterOffice } from '../lib/dead-letter.ts';
import type { Lineage } from '../lib/lineage.ts';
import { type Registry, serdeOf } from '../lib/registry.ts';
import type { Store } from '../lib/store.ts';
import type { DeadLetter, Owner } from './generated.ts';
import { topics } from './topics.ts';

const nobody: Owner = { organization_id: '', mailbox: '', owner_id: '', team_id: '' };
const message_characters_max = 2_000;

export function createDeadLetterOffice(registry: Registry, store: Store): DeadLetterOffice {
  const serde = serdeOf(registry, topics.deadLetter);
  return async rejected => {
    const { original } = rejected;
    const kept = original instanceof Uint8Array ? await store.put(original) : original;
    const lineage: Lineage = rejected.lineage ?? {
      source: '',
      sequence: 0,
      origin: 'live',
      ingested_at_ms: rejected.failed_at_ms,
      hops: [],
      traceparent: null,
    };
    const { position } = rejected;
    const letter: DeadLetter = {
      dead_letter_id: position
        ? `${position.topic}/${position.partition}/${position.offset}`
        : `${lineage.source}/${lineage.sequence}`,
      owner: ownerOf(rejected.record),
      stage: rejected.stage,
      cause: rejected.cause,
      message: rejected.message.slice(0, message_characters_max),
      original_sha256: kept.sha256,
      original_size_bytes: kept.size_bytes,
      topic: position?.topic ?? null,
      partition: position?.partition ?? null,
      offset: position?.offset ?? null,
      original_key: position?.key ?? '',
      failed_at_ms: rejected.failed_at_ms,
      lineage,
    };
    return {
      topic: serde.topic.name,
      key: serde.topic.key(letter),
      value: serde.serialize(letter),
      headers: headersOf(letter),
    };
  };
}

/**
 * Under the names of Kafka Connect's errors.deadletterqueue.context.headers (KIP-298), for tools that know them. A letter
 * from outside has no place in Kafka, and no stage here has a task or a Java class.
 */
export function headersOf(letter: DeadLetter): Record<string, string> {
  const { topic, partition, offset, stage, cause, message, lineage } = letter;
  const place = topic === null ? {} : { topic, partition: String(partition), offset: String(offset) };
  const context = {
    ...place,
    'connector.name': lineage.source || stage,
    stage,
    'exception.class.name': cause,
    'exception.message': message,
  };
  return Object.fromEntries(Object.entries(context).map(([name, value]) => [`__connect.errors.${name}`, value]));
}

/** Of a record as far as it could be read. */
export function ownerOf(record: unknown): Owner {
  const of = record as { owner?: Owner; email?: { owner: Owner } } | null;
  return of?.owner ?? of?.email?.owner ?? nobody;
}
