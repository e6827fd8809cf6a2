/**
 * A registry that speaks Confluent's API (Confluent's own, Apicurio, Karapace, Redpanda). The only importer of its client, of
 * which this is the HTTP layer: the class above it sets a subject's rule only at its first registration, keeps no
 * version, and hands out parsed types in place of schemas.
 */

import { Agent } from 'node:https';
import { createRequire } from 'node:module';
import type { AvroRecord } from './avro.ts';
import { MillraceError, messageOf } from './errors.ts';
import { fingerprint, incompatible, type NewSchema, type SchemaStore, type SchemaVersion } from './registry.ts';

export interface ConfluentConfig {
  /** With the API's path where it has one: Apicurio's is /apis/ccompat/v7. */
  readonly url: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** For an https URL: the authority that signed the server's certificate, in PEM text; the public ones without it. */
  readonly tls?: { readonly ca?: string | undefined } | undefined;
}

const request_ms_max = 10_000;
/** Of a registry that answers 5xx. */
const retries = 3;
/** Rules under which every reader of the new schema can read the last one: a stricter one is left as it is. */
const sufficient = new Set(['BACKWARD', 'BACKWARD_TRANSITIVE', 'FULL', 'FULL_TRANSITIVE']);

interface Answered {
  readonly id?: number;
  readonly version?: number;
  readonly schema?: string;
  readonly schemaType?: string;
  readonly compatibilityLevel?: string;
}
type SubjectCall = 'latestVersion' | 'registered' | 'config' | 'updateConfig' | 'register';
interface Api {
  readonly Schema: Readonly<Record<'find', Call>>;
  readonly Subject: Readonly<Record<SubjectCall, Call>>;
}
// Loaded as the CommonJS it is: loaders do not agree on what its default export is to a module.
const api_path = '@kafkajs/confluent-schema-registry/dist/api/index.js';
const { default: createApi } = createRequire(import.meta.url)(api_path) as { default: (options: unknown) => Api };

type Call = (parameters: Record<string, unknown>) => Promise<{ data<T>(): T }>;

/** Asks nothing yet: an address where nobody answers shows at the first call. */
export function openConfluentStore(config: ConfluentConfig): SchemaStore {
  const { url, user, password, tls } = config;
  const { Schema, Subject } = createApi({
    host: url.replace(/\/+$/, ''),
    clientId: 'millrace',
    retry: { retries },
    ...(user === undefined ? {} : { auth: { username: user, password: password ?? '' } }),
    ...(tls?.ca === undefined ? {} : { agent: new Agent({ ca: tls.ca }) }),
  });

  /** Null where the registry knows no such thing. */
  async function ask(call: Call, parameters: Record<string, unknown>): Promise<Answered | null> {
    try {
      return (await call({ ...parameters, timeout: request_ms_max })).data<Answered>();
    } catch (error) {
      const fault = error as { status?: number };
      if (fault.status === 404) return null;
      throw faultOf(error, config);
    }
  }

  const bodyOf = (schema: AvroRecord) => ({ schema: JSON.stringify(schema) });

  const latest: SchemaStore['latest'] = async subject =>
    versionOf(subject, await ask(Subject.latestVersion, { subject }));

  const find: SchemaStore['find'] = async (subject, schema) => {
    const exact = await ask(Subject.registered, { subject, body: bodyOf(schema) });
    if (exact) return versionOf(subject, exact);
    // A registry holds a schema with another word of documentation for another one.
    const last = await latest(subject);
    return last && fingerprint(last.schema) === fingerprint(schema) ? last : null;
  };

  // A subject takes its rule before its first version, so that it is never without one.
  async function requireBackward(subject: string): Promise<void> {
    const rule = (await ask(Subject.config, { subject }))?.compatibilityLevel;
    if (rule && sufficient.has(rule)) return;
    await ask(Subject.updateConfig, { subject, body: { compatibility: 'BACKWARD' } });
  }

  async function addOne({ subject, schema }: NewSchema): Promise<SchemaVersion> {
    try {
      await Subject.register({ subject, body: bodyOf(schema), timeout: request_ms_max });
    } catch (error) {
      if ((error as { status?: number }).status !== 409) throw faultOf(error, config);
      throw incompatible(subject, (await latest(subject))?.version ?? null, detailOf(error));
    }
    const added = await find(subject, schema);
    if (added) return added;
    throw new MillraceError('registry', `${url} took ${subject} and does not have it`, { retryable: true });
  }

  return {
    latest,
    find,
    requireBackward,
    byId: async id => schemaIn(await ask(Schema.find, { id })),
    async add(entries) {
      const added: SchemaVersion[] = [];
      for (const entry of entries) added.push(await addOne(entry));
      return added;
    },
  };
}

function versionOf(subject: string, answer: Answered | null): SchemaVersion | null {
  const schema = schemaIn(answer);
  if (!schema || answer?.id === undefined || answer.version === undefined) return null;
  return { subject, version: answer.version, id: answer.id, schema };
}

/** Null for what is not Avro: nobody here can read it. */
function schemaIn(answer: Answered | null): AvroRecord | null {
  if (!answer?.schema || (answer.schemaType ?? 'AVRO') !== 'AVRO') return null;
  try {
    return JSON.parse(answer.schema) as AvroRecord;
  } catch {
    return null;
  }
}

// The client puts its own name before the message.
const detailOf = (error: unknown): string => messageOf(error).replace(/^millrace - /, '');

/** The client tells a connection that failed as status 400, with no body to take a message from. */
const failed_connection = /^Error, status 400(: |$)/;

function faultOf(error: unknown, { url }: ConfluentConfig): MillraceError {
  const { status } = error as { status?: number };
  const { host } = new URL(url);
  const detail = detailOf(error);
  if (status === 401 || status === 403) {
    return new MillraceError('registry.refused', `the schema registry at ${host} refuses the sign-in: ${detail}`, {
      remedy: 'check SCHEMA_REGISTRY_USER and SCHEMA_REGISTRY_PASSWORD, and that the user may write the subjects',
      cause: error,
    });
  }
  if (status === undefined || failed_connection.test(detail)) {
    const reason = detail.replace(failed_connection, '');
    return new MillraceError('registry.unreachable', `no schema registry answers at ${url}: ${reason}`, {
      retryable: true,
      remedy: 'check SCHEMA_REGISTRY_URL, and that the registry is up',
      cause: error,
    });
  }
  return new MillraceError('registry', `the schema registry at ${host}: ${detail}`, {
    retryable: status >= 500,
    cause: error,
  });
}
