/**
 * Chooses where schemas are kept, and holds what is the same wherever that is: which schema may follow which, and what a
 * process remembers.
 */
import { type AvroRecord, incompatibility } from './avro.ts';
import { MillraceError } from './errors.ts';
import type { KafkaConfig } from './kafka.ts';
import {
  fingerprint,
  incompatible,
  type NewSchema,
  type Registry,
  type SchemaStore,
  type Serde,
  serdeOf,
  subjectOf,
} from './registry.ts';
import { type ConfluentConfig, openConfluentStore } from './registry-confluent.ts';
import { openTopicStore, schemasTopic } from './registry-topic.ts';
import type { Topic } from './topic.ts';

/** Whatever has these two; without a registry of its own it is the topic `_schemas`. */
export interface RegistryConfig {
  readonly kafka: KafkaConfig;
  readonly schema_registry?: ConfluentConfig | undefined;
}

const openStore = async ({ kafka, schema_registry }: RegistryConfig): Promise<SchemaStore> =>
  schema_registry ? openConfluentStore(schema_registry) : openTopicStore(kafka);

// biome-ignore lint/suspicious/noExplicitAny: topics of any records in one list
export type AnyTopic = Topic<any>;

/** What must be there before schemas can be registered. */
export const registryTopics = ({ schema_registry }: RegistryConfig): Topic<never>[] =>
  schema_registry ? [] : [schemasTopic];

/**
 * Registers what is new, each as `subject version N`; nothing of it where one does not fit. Throws MillraceError
 * `registry.incompatible` where a reader of the new schema could not read what was written with the last one.
 */
export const registerSchemas = async (config: RegistryConfig, topics: readonly Topic<never>[]): Promise<string[]> =>
  registerIn(await openStore(config), topics);

export async function registerIn(store: SchemaStore, topics: readonly Topic<never>[]): Promise<string[]> {
  const fresh = await Promise.all(
    topics.map(async (topic): Promise<NewSchema | null> => {
      const entry = { subject: subjectOf(topic), schema: topic.schema };
      if (await store.find(entry.subject, entry.schema)) return null;
      const last = await store.latest(entry.subject);
      const reason = last && incompatibility(entry.schema, last.schema);
      if (reason) throw incompatible(entry.subject, last.version, reason);
      return entry;
    }),
  );
  await Promise.all(topics.map(topic => store.requireBackward(subjectOf(topic))));
  const added = await store.add(fresh.filter(entry => entry !== null));
  return added.map(({ subject, version }) => `${subject} version ${version}`);
}

/** The registry of one process, which writes with the schemas of `topics` and reads with any. */
export async function openRegistry(config: RegistryConfig, topics: readonly AnyTopic[]): Promise<Registry> {
  return registryOn(await openStore(config), topics);
}

/** The serdes of the topics, opened when one is first asked for, and again where that failed. */
export function serdesOnDemand(
  config: RegistryConfig,
  topics: readonly AnyTopic[],
): <T>(topic: Topic<T>) => Promise<Serde<T>> {
  let opened: Promise<ReadonlyMap<string, Serde<unknown>>> | null = null;
  return async <T>(topic: Topic<T>) => {
    opened ??= openRegistry(config, topics).then(
      registry => new Map(topics.map(one => [one.name, serdeOf<unknown>(registry, one)])),
    );
    opened.catch(() => {
      opened = null;
    });
    // The cast: each is of its topic's records.
    return (await opened).get(topic.name) as Serde<T>;
  };
}

/** How long an id that nobody registered is not asked for again, and how many such there can be. */
const unknown_ms = 30_000;
const unknown_ids_max = 8;

export async function registryOn(
  store: SchemaStore,
  topics: readonly AnyTopic[],
  now: () => number = Date.now,
): Promise<Registry> {
  const known = new Map<number, AvroRecord>();
  const own = new Map<string, number>();
  await Promise.all(
    topics.map(async topic => {
      const found = await store.find(subjectOf(topic), topic.schema);
      if (!found) return;
      own.set(keyOf(topic), found.id);
      known.set(found.id, found.schema);
    }),
  );

  const unknown = createUnknownIds(now);
  const asked = new Map<number, Promise<AvroRecord | null>>();

  async function ask(id: number): Promise<AvroRecord | null> {
    try {
      const schema = await store.byId(id);
      if (schema) known.set(id, schema);
      else unknown.add(id);
      return schema;
    } finally {
      asked.delete(id);
    }
  }

  return {
    idOf(topic) {
      const id = own.get(keyOf(topic));
      if (id !== undefined) return id;
      throw new MillraceError('registry.unregistered', `the schema of ${topic.name} is not registered`, {
        remedy: 'run `millrace topics`, which creates topics and registers their schemas',
      });
    },
    async schemaOf(id) {
      const present = known.get(id) ?? asked.get(id);
      if (present) return present;
      if (unknown.refuses(id)) return null;
      const answer = ask(id);
      asked.set(id, answer);
      return answer;
    },
  };
}

const keyOf = (topic: AnyTopic): string => `${topic.name} ${fingerprint(topic.schema)}`;

interface UnknownIds {
  add(id: number): void;
  /** Whether it is not worth a look: it was asked for lately, or too many others were, which only a poisoned topic does. */
  refuses(id: number): boolean;
}

function createUnknownIds(now: () => number): UnknownIds {
  const until_ms = new Map<number, number>();
  return {
    add: id => until_ms.set(id, now() + unknown_ms),
    refuses(id) {
      for (const [one, end_ms] of until_ms) if (end_ms <= now()) until_ms.delete(one);
      return until_ms.has(id) || until_ms.size >= unknown_ids_max;
    },
  };
}
