/**
 * Schemas by id, in Confluent's wire format: a zero byte, the schema's id in four bytes, then the Avro record.
 *
 * The embedded registry is the compacted topic `_schemas`, in the layout of Confluent's own, written by one command
 * (`millrace topics`) and read by everyone.
 */
import { type AvroRecord, evolvingDecoder, incompatibility } from './avro.ts';
import { MillraceError } from './errors.ts';
import { type KafkaConfig, openTransactionalProducer, readToEnd } from './kafka.ts';
import { type Topic, type TopicDefinition, topicSettings } from './topic.ts';

export const schemas_topic = '_schemas';
export const header_bytes = 5;

interface Registered {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly schema: string;
}

export interface Registry {
  /** The id under which this topic's schema is written. Throws MillraceError `registry.unregistered`. */
  idOf(topic: Topic<never>): number;
  /** The schema behind an id, asked of the topic again when it is new; null where nobody registered it. */
  schemaOf(id: number): Promise<AvroRecord | null>;
}

export const subjectOf = (topic: TopicDefinition<never>): string => `${topic.name}-value`;

export function schemasTopicSettings(): Record<string, string> {
  return topicSettings({ name: schemas_topic, partitions: 1, compact_after_ms: 0 } as TopicDefinition<never>);
}

async function readAll(kafka: KafkaConfig): Promise<Registered[]> {
  const found = new Map<string, Registered>();
  await readToEnd(kafka, [{ topic: schemas_topic, partition: 0 }], (batch, i) => {
    const value = batch.value(i);
    if (value) found.set(batch.key(i), JSON.parse(value.toString()) as Registered);
    else found.delete(batch.key(i));
  });
  return [...found.values()].filter(entry => entry.schema !== undefined);
}

// Two schemas are the same when their canonical forms are; key order and documentation do not matter to a reader.
const fingerprint = (schema: AvroRecord | string): string =>
  JSON.stringify(typeof schema === 'string' ? JSON.parse(schema) : schema, (name, value) =>
    name === 'doc' ? undefined : value,
  );

/** Registers what is new. Throws MillraceError `registry.incompatible` where a reader of the new could not read the old. */
export async function registerSchemas(kafka: KafkaConfig, topics: readonly Topic<never>[]): Promise<string[]> {
  const known = await readAll(kafka);
  let id = Math.max(0, ...known.map(entry => entry.id));
  const added: Registered[] = [];
  for (const topic of topics) {
    const subject = subjectOf(topic);
    const versions = known.filter(entry => entry.subject === subject).sort((a, b) => a.version - b.version);
    if (versions.some(entry => fingerprint(entry.schema) === fingerprint(topic.schema))) continue;
    const last = versions.at(-1);
    const reason = last ? incompatibility(topic.schema, JSON.parse(last.schema) as AvroRecord) : null;
    if (reason) {
      throw new MillraceError(
        'registry.incompatible',
        `${subject}: the new schema cannot read version ${last?.version}: ${reason}`,
        {
          remedy: 'give new fields a default, or name a new topic version',
        },
      );
    }
    const same = [...known, ...added].find(entry => fingerprint(entry.schema) === fingerprint(topic.schema));
    added.push({
      subject,
      version: (last?.version ?? 0) + 1,
      // One schema has one id, whatever its subjects.
      id: same?.id ?? ++id,
      schema: JSON.stringify(topic.schema),
    });
  }
  if (added.length > 0) await write(kafka, added);
  return added.map(entry => `${entry.subject} version ${entry.version}`);
}

async function write(kafka: KafkaConfig, entries: readonly Registered[]): Promise<void> {
  const producer = await openTransactionalProducer(kafka, 'millrace-registry');
  await producer.begin();
  for (const entry of entries) {
    const key = { keytype: 'SCHEMA', subject: entry.subject, version: entry.version, magic: 1 };
    await producer.produce(
      schemas_topic,
      0,
      JSON.stringify(key),
      Buffer.from(JSON.stringify({ ...entry, deleted: false })),
    );
  }
  await producer.commit();
  await producer.close();
}

export async function openRegistry(kafka: KafkaConfig): Promise<Registry> {
  let entries = await readAll(kafka);
  return {
    idOf(topic) {
      const wanted = fingerprint(topic.schema);
      const entry = entries.find(one => one.subject === subjectOf(topic) && fingerprint(one.schema) === wanted);
      if (entry) return entry.id;
      throw new MillraceError('registry.unregistered', `the schema of ${topic.name} is not registered`, {
        remedy: 'run `millrace topics`, which creates topics and registers their schemas',
      });
    },
    async schemaOf(id) {
      const find = (): Registered | undefined => entries.find(entry => entry.id === id);
      if (!find()) entries = await readAll(kafka);
      const entry = find();
      return entry ? (JSON.parse(entry.schema) as AvroRecord) : null;
    },
  };
}

/** Typed records of one topic to bytes and back. */
export interface Serde<T> {
  readonly topic: Topic<T>;
  readonly schema_id: number;
  serialize(record: T): Buffer;
  /** Throws MillraceError `avro.*` on bytes that are not a record of this topic. */
  deserialize(bytes: Buffer | null): Promise<T> | T;
}

export function serdeOf<T>(registry: Registry, topic: Topic<T>): Serde<T> {
  const own = registry.idOf(topic as Topic<never>);
  // A decoder a writer's schema: looking one up for each record would cost more than reading the record.
  const decoders = new Map<number, (bytes: Buffer, offset: number) => T>([[own, topic.codec.decode]]);

  const decode = (decoder: (bytes: Buffer, offset: number) => T, bytes: Buffer): T => {
    try {
      return decoder(bytes, header_bytes);
    } catch (error) {
      throw new MillraceError('avro.corrupt', (error as Error).message);
    }
  };

  async function learn(id: number, bytes: Buffer): Promise<T> {
    const writer = await registry.schemaOf(id);
    if (!writer) throw new MillraceError('avro.unknown-schema', `no schema has the id ${id}`);
    const reason = incompatibility(topic.schema, writer);
    if (reason)
      throw new MillraceError('avro.incompatible', `schema ${id} cannot be read as ${topic.schema.name}: ${reason}`);
    const decoder = evolvingDecoder<T>(writer, topic.schema);
    decoders.set(id, decoder);
    return decode(decoder, bytes);
  }

  return {
    topic,
    schema_id: own,
    serialize(record) {
      const body = topic.codec.encode(record);
      const bytes = Buffer.allocUnsafe(header_bytes + body.length);
      bytes[0] = 0;
      bytes.writeInt32BE(own, 1);
      body.copy(bytes, header_bytes);
      return bytes;
    },
    deserialize(bytes) {
      if (bytes === null) throw new MillraceError('avro.empty', 'the record has no value');
      const id = schemaIdOf(bytes);
      if (id === null) throw new MillraceError('avro.framing', 'the record does not begin with a schema id');
      const decoder = decoders.get(id);
      return decoder ? decode(decoder, bytes) : learn(id, bytes);
    },
  };
}

/** The id in a record's header, or null where it has none. */
export function schemaIdOf(bytes: Buffer): number | null {
  return bytes.length >= header_bytes && bytes[0] === 0 ? bytes.readInt32BE(1) : null;
}
