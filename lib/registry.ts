/**
 * Schemas by id, in Confluent's wire format: a zero byte, the schema's id in four bytes, then the Avro record.
 *
 * Where schemas are kept is behind SchemaStore: in a topic (registry-topic.ts), or in a registry that speaks Confluent's
 * API (registry-confluent.ts). What may follow what, and what is remembered, is the same for both and in registry-open.ts.
 */
import { type AvroRecord, type Decode, evolvingDecoder, incompatibility } from './avro.ts';
import { MillraceError } from './errors.ts';
import type { Write } from './slab.ts';
import type { Topic, TopicDefinition } from './topic.ts';

export const header_bytes = 5;

export interface Registry {
  /** The id under which this topic's schema is written. Throws MillraceError `registry.unregistered`. */
  idOf(topic: Topic<never>): number;
  /**
   * The schema behind an id, looked up when it is new; null where nobody registered it, and for half a minute after that
   * without another look. Throws MillraceError `registry.*` where the registry does not answer.
   */
  schemaOf(id: number): Promise<AvroRecord | null>;
}

/** One version of a subject. Ids are the store's own: nothing follows from their order, or from their gaps. */
export interface SchemaVersion {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly schema: AvroRecord;
}

/** Where schemas are kept. Each call throws MillraceError `registry.*` or `kafka` where that is away. */
export interface SchemaStore {
  /** The newest version of a subject, or null. */
  latest(subject: string): Promise<SchemaVersion | null>;
  /** The version of a subject that is this schema, or null. */
  find(subject: string, schema: AvroRecord): Promise<SchemaVersion | null>;
  /** The Avro schema behind an id, or null. */
  byId(id: number): Promise<AvroRecord | null>;
  /** Has it refuse, from whomever, a version of this subject that could not read the one before. */
  requireBackward(subject: string): Promise<void>;
  /** Adds versions to subjects and answers what they became. Throws MillraceError `registry.incompatible`. */
  add(entries: readonly NewSchema[]): Promise<SchemaVersion[]>;
}

export interface NewSchema {
  readonly subject: string;
  readonly schema: AvroRecord;
}

export const subjectOf = (topic: TopicDefinition<never>): string => `${topic.name}-value`;

/** Equal for schemas that mean the same: registries order the keys anew, and documentation matters to no reader. */
export const fingerprint = (schema: AvroRecord): string =>
  JSON.stringify(schema, (name, value) => {
    if (name === 'doc' && typeof value === 'string') return undefined;
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });

/** `version` is null where the registry does not say which one is in the way. */
export function incompatible(subject: string, version: number | null, reason: string): MillraceError {
  const message = `${subject}: the new schema cannot read ${version === null ? 'an earlier version' : `version ${version}`}: ${reason}`;
  return new MillraceError('registry.incompatible', message, {
    remedy: 'give new fields a default, or name a new topic version',
  });
}

/** Typed records of one topic to bytes and back. */
export interface Serde<T> {
  readonly topic: Topic<T>;
  readonly schema_id: number;
  serialize(record: T): Buffer;
  readonly write: Write<T>;
  /** Looks the schema up, so that records written with it are read without a promise. */
  learn(schema_id: number): Promise<void>;
  /** Whether that was done. */
  knows(schema_id: number): boolean;
  /**
   * Throws MillraceError `avro.*` on bytes that are not a record of this topic. A promise only where the schema has not
   * been met before.
   */
  deserialize(bytes: Buffer | null, start?: number, end?: number): Promise<T> | T;
  /** Throws as `deserialize` does, but makes nothing of a record of the newest schema, and overlooks a wrong value inside. */
  check(bytes: Buffer, start?: number, end?: number): Promise<unknown> | unknown;
}

export function serdeOf<T>(registry: Registry, topic: Topic<T>): Serde<T> {
  const own = registry.idOf(topic as Topic<never>);
  // A decoder a writer's schema: looking one up for each record would cost more than reading the record.
  const decoders = new Map<number, Decode<T>>([[own, topic.codec.decode]]);

  const decode = <R>(decoder: Decode<R>, bytes: Buffer, start: number, end: number): R => {
    try {
      return decoder(bytes, start + header_bytes, end);
    } catch (error) {
      if (error instanceof MillraceError) throw error;
      throw new MillraceError('avro.corrupt', (error as Error).message);
    }
  };

  async function learn(id: number): Promise<Decode<T>> {
    const known = decoders.get(id);
    if (known) return known;
    const writer = await registry.schemaOf(id);
    if (!writer) throw new MillraceError('avro.unknown-schema', `no schema has the id ${id}`);
    const reason = incompatibility(topic.schema, writer);
    const message = `schema ${id} cannot be read as ${topic.schema.name}: ${reason}`;
    const refuse = (): never => {
      throw new MillraceError('avro.incompatible', message);
    };
    // Remembered too: comparing two schemas for each record would cost more than reading it.
    const decoder = reason ? refuse : evolvingDecoder<T>(writer, topic.schema);
    decoders.set(id, decoder);
    return decoder;
  }

  function deserialize(bytes: Buffer | null, start = 0, end = bytes?.length ?? 0): Promise<T> | T {
    if (bytes === null) throw new MillraceError('avro.empty', 'the record has no value');
    const id = schemaIdOf(bytes, start, end);
    if (id === null) throw new MillraceError('avro.framing', 'the record does not begin with a schema id');
    const decoder = decoders.get(id);
    return decoder ? decode(decoder, bytes, start, end) : learn(id).then(learnt => decode(learnt, bytes, start, end));
  }

  return {
    topic,
    schema_id: own,
    learn: async id => void (await learn(id)),
    knows: id => decoders.has(id),
    serialize(record) {
      const body = topic.codec.encode(record);
      const bytes = Buffer.allocUnsafe(header_bytes + body.length);
      bytes[0] = 0;
      bytes.writeInt32BE(own, 1);
      body.copy(bytes, header_bytes);
      return bytes;
    },
    write(record, into, at) {
      if (at + header_bytes > into.length) return -1;
      into[at] = 0;
      into.writeInt32BE(own, at + 1);
      return topic.codec.write(record, into, at + header_bytes);
    },
    deserialize,
    check(bytes, start = 0, end = bytes.length) {
      if (schemaIdOf(bytes, start, end) !== own) return deserialize(bytes, start, end);
      return decode(topic.codec.check, bytes, start, end);
    },
  };
}

/** The id in a record's header, or null where it has none. */
export function schemaIdOf(bytes: Buffer, start = 0, end = bytes.length): number | null {
  return end - start >= header_bytes && bytes[start] === 0 ? bytes.readInt32BE(start + 1) : null;
}
