/**
 * The embedded registry: the compacted topic `_schemas`, in the layout of Confluent's own, written by one command
 * (`millrace topics`) and read by everyone.
 */
import type { AvroRecord } from './avro.ts';
import { type KafkaConfig, openTransactionalProducer, readToEnd } from './kafka.ts';
import { fingerprint, type NewSchema, type SchemaStore, type SchemaVersion } from './registry.ts';
import { defineTopic, type Topic } from './topic.ts';

const schemas_topic = '_schemas';

// Its records are JSON with JSON keys, as Confluent's registry writes them; the Avro schema here is never used.
export const schemasTopic = defineTopic({
  name: schemas_topic,
  schema: { type: 'record', name: 'Schemas', fields: [] },
  partitions: 1,
  compact_after_ms: 0,
  key: () => '',
}) as unknown as Topic<never>;

/** Every version of every subject, in the order of registration. Throws MillraceError `kafka`. */
export async function readSchemas(kafka: KafkaConfig): Promise<SchemaVersion[]> {
  const found = new Map<string, SchemaVersion>();
  await readToEnd(kafka, [{ topic: schemas_topic, partition: 0 }], (batch, i) => {
    const value = batch.value(i);
    const entry = value ? (JSON.parse(value.toString()) as StoredSchema) : null;
    // Beside schemas, Confluent's layout has settings, which nobody here writes.
    if (entry?.schema) found.set(batch.key(i), { ...entry, schema: JSON.parse(entry.schema) as AvroRecord });
    else found.delete(batch.key(i));
  });
  return [...found.values()].map(({ subject, version, id, schema }) => ({ subject, version, id, schema }));
}

type StoredSchema = Omit<SchemaVersion, 'schema'> & { readonly schema?: string };

export async function openTopicStore(kafka: KafkaConfig): Promise<SchemaStore> {
  let entries = await readSchemas(kafka);
  return {
    latest: async subject => latestOf(entries, subject),
    find: async (subject, schema) => findIn(entries, subject, schema),
    async byId(id) {
      const find = () => entries.find(entry => entry.id === id)?.schema;
      if (!find()) entries = await readSchemas(kafka);
      return find() ?? null;
    },
    // Nobody but `millrace topics` writes it, which compares by itself.
    requireBackward: async () => undefined,
    async add(wanted) {
      const added = numbered(entries, wanted);
      if (added.length > 0) await write(kafka, added);
      entries = [...entries, ...added];
      return added;
    },
  };
}

export const latestOf = (entries: readonly SchemaVersion[], subject: string): SchemaVersion | null =>
  entries
    .filter(entry => entry.subject === subject)
    .reduce<SchemaVersion | null>((last, entry) => (last && last.version > entry.version ? last : entry), null);

export function findIn(entries: readonly SchemaVersion[], subject: string, schema: AvroRecord): SchemaVersion | null {
  const wanted = fingerprint(schema);
  return entries.find(entry => entry.subject === subject && fingerprint(entry.schema) === wanted) ?? null;
}

function numbered(entries: readonly SchemaVersion[], wanted: readonly NewSchema[]): SchemaVersion[] {
  const all = [...entries];
  for (const { subject, schema } of wanted) {
    const same = all.find(entry => fingerprint(entry.schema) === fingerprint(schema));
    // One schema has one id, whatever its subjects.
    const id = same?.id ?? Math.max(0, ...all.map(entry => entry.id)) + 1;
    all.push({ subject, version: (latestOf(all, subject)?.version ?? 0) + 1, id, schema });
  }
  return all.slice(entries.length);
}

/** All of them or none. */
async function write(kafka: KafkaConfig, entries: readonly SchemaVersion[]): Promise<void> {
  const producer = await openTransactionalProducer(kafka, 'millrace-registry');
  try {
    await producer.begin();
    for (const { subject, version, id, schema } of entries) {
      const key = { keytype: 'SCHEMA', subject, version, magic: 1 };
      const value = { subject, version, id, schema: JSON.stringify(schema), deleted: false };
      producer.produce(schemas_topic, 0, JSON.stringify(key), Buffer.from(JSON.stringify(value)));
    }
    await producer.commit();
  } finally {
    await producer.close();
  }
}
