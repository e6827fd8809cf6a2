/**
 * Records encoded before their lineage is known, by threads for instance. Avro writes a record's fields one behind the
 * other (specification 1.12, "Records"), and lineage is every record's last field: what stands before it can be encoded
 * anywhere, and the lineage is appended where the sequence number is handed out. Nothing here loads the Kafka client, which
 * one process can have in one thread alone.
 */
import { type AvroRecord, type Codec, codecOf } from './avro.ts';
import type { Draft, Lineage } from './lineage.ts';
import type { Topic } from './topic.ts';

/** A draft of a topic's record. */
export class EncodedDraft<T> {
  /** The topic's partitioning key. */
  readonly key: string;
  readonly body: Buffer;
  // Never there: it ties the draft to its topic for the compiler.
  declare readonly record: T;

  constructor(key: string, body: Buffer) {
    this.key = key;
    this.body = body;
  }
}

/** Throws at once where the topic's record does not end with its lineage. */
export function draftEncoder<T>(topic: Topic<T>): (draft: Draft<T>) => EncodedDraft<T> {
  const { codec } = partsOf(topic.schema);
  // The cast: a topic's key is never made of the lineage.
  return draft => new EncodedDraft(topic.key(draft as T), codec.encode(draft));
}

/** Makes drafts of a topic whole records, behind `header`. */
export function draftFramer<T>(topic: Topic<T>, header: Buffer): (draft: EncodedDraft<T>, lineage: Lineage) => Buffer {
  const { lineageCodec } = partsOf(topic.schema);
  return ({ body }, lineage) => Buffer.concat([header, body, lineageCodec.encode(lineage)]);
}

function partsOf(schema: AvroRecord): { codec: Codec<unknown>; lineageCodec: Codec<Lineage> } {
  const last = schema.fields.at(-1);
  if (last?.name !== 'lineage' || typeof last.type !== 'object') {
    throw new Error(`${schema.name} does not end with its lineage`);
  }
  return {
    codec: codecOf({ ...schema, fields: schema.fields.slice(0, -1) }),
    lineageCodec: codecOf<Lineage>(last.type as AvroRecord),
  };
}
