/**
 * The reading part of Confluent's Schema Registry API over the embedded registry, so that kcat, a console or a client
 * library decodes the topics. Error codes and content type are that API's own:
 * https://docs.confluent.io/platform/current/schema-registry/develop/api.html
 */
import { z } from 'zod';
import { type AvroRecord, incompatibility } from '../../lib/avro.ts';
import { type HttpRequest, jsonBody, Problem, type Reply } from '../../lib/http.ts';
import type { KafkaConfig } from '../../lib/kafka.ts';
import { problemOf } from '../../lib/problem.ts';
import type { SchemaVersion } from '../../lib/registry.ts';
import type { RegistryConfig } from '../../lib/registry-open.ts';
import { findIn, latestOf, readSchemas } from '../../lib/registry-topic.ts';
import { type ApiRoute, identify, requireAccess } from '../auth/access.ts';
import type { Verifier } from '../auth/identity.ts';
import { tokenOf } from './sql.ts';

export const registry_path = '/registry';
const schema_bytes_max = 262_144;
const compatibilityLevel = 'BACKWARD';

type Entries = readonly SchemaVersion[];
type Answer = (request: HttpRequest, entries: () => Promise<Entries>) => unknown;

/** With a registry of its own an instance serves none: the answer says where to ask. */
export function registryRoutes({ kafka, schema_registry }: RegistryConfig, verifier: Verifier): ApiRoute[] {
  if (schema_registry) return [{ method: 'GET', path: `${registry_path}/*`, access: 'open', handler: elsewhere }];
  const entries = remembered(kafka);
  return routes.map(([method, path, answer]) => ({
    method,
    path: `${registry_path}${path}`,
    // `open`, because Confluent's clients carry the token as a password.
    access: 'open',
    body_bytes_max: schema_bytes_max,
    handler: request => reply(request, verifier, () => answer(request, entries)),
  }));
}

const routes: readonly (readonly [ApiRoute['method'], string, Answer])[] = [
  ['GET', '/schemas/types', () => ['AVRO']],
  ['GET', '/schemas/ids/:id', async (request, entries) => ({ schema: textOf(ofId(request, await entries())[0]) })],
  ['GET', '/schemas/ids/:id/versions', async (request, entries) => ofId(request, await entries()).map(place)],
  ['GET', '/subjects', async (_, entries) => [...new Set((await entries()).map(entry => entry.subject))].sort()],
  ['POST', '/subjects/:subject', lookUp],
  ['GET', '/subjects/:subject/versions', async (request, entries) => versionsOf(request, await entries())],
  ['GET', '/subjects/:subject/versions/:version', async (request, entries) => shown(one(request, await entries()))],
  [
    'GET',
    '/subjects/:subject/versions/:version/schema',
    async (request, entries) => one(request, await entries()).schema,
  ],
  ['POST', '/compatibility/subjects/:subject/versions/:version', compare],
  ['GET', '/config', () => ({ compatibilityLevel })],
  ['GET', '/config/:subject', async (request, entries) => known(request, await entries()) && { compatibilityLevel }],
  ['GET', '/mode', () => ({ mode: 'READONLY' })],
  ['POST', '/subjects/:subject/versions', readOnly],
  ['DELETE', '/subjects/:subject', readOnly],
  ['DELETE', '/subjects/:subject/versions/:version', readOnly],
  ['PUT', '/config', readOnly],
  ['PUT', '/config/:subject', readOnly],
  ['DELETE', '/config/:subject', readOnly],
];

// ── Questions ────────────────────────────────────────────────────────────────────────────────────────────────────────

const subjectIn = (request: HttpRequest): string => request.parameters.subject ?? '';
const place = ({ subject, version }: SchemaVersion) => ({ subject, version });
const textOf = (entry: SchemaVersion | undefined): string => JSON.stringify(entry?.schema);
const shown = (entry: SchemaVersion) => ({ ...place(entry), id: entry.id, schema: textOf(entry) });

function ofId(request: HttpRequest, entries: Entries): SchemaVersion[] {
  const found = entries.filter(entry => String(entry.id) === request.parameters.id);
  if (found.length === 0) throw fault(404, 40403, `Schema ${request.parameters.id} not found.`);
  return found;
}

function known(request: HttpRequest, entries: Entries): SchemaVersion[] {
  const found = entries.filter(entry => entry.subject === subjectIn(request));
  if (found.length === 0) throw fault(404, 40401, `Subject '${subjectIn(request)}' not found.`);
  return found;
}

const versionsOf = (request: HttpRequest, entries: Entries): number[] =>
  known(request, entries)
    .map(entry => entry.version)
    .sort((a, b) => a - b);

function one(request: HttpRequest, entries: Entries): SchemaVersion {
  const versions = known(request, entries);
  const version = request.parameters.version ?? '';
  if (version !== 'latest' && !/^-1$|^[1-9]\d{0,9}$/.test(version)) {
    throw fault(422, 42202, `The specified version '${version}' is not a valid version id: 1 or more, or "latest".`);
  }
  const wanted =
    version === 'latest' || version === '-1'
      ? latestOf(versions, subjectIn(request))
      : versions.find(entry => String(entry.version) === version);
  if (!wanted) throw fault(404, 40402, `Version ${version} not found.`);
  return wanted;
}

async function lookUp(request: HttpRequest, entries: () => Promise<Entries>): Promise<unknown> {
  const schema = await schemaOf(request);
  const found = findIn(known(request, await entries()), subjectIn(request), schema);
  if (!found) throw fault(404, 40403, 'Schema not found.');
  return shown(found);
}

/** A subject without a version takes any schema, as with Confluent. */
async function compare(request: HttpRequest, entries: () => Promise<Entries>): Promise<unknown> {
  const schema = await schemaOf(request);
  const all = await entries();
  const isNew = !all.some(entry => entry.subject === subjectIn(request));
  const earlier = isNew && request.parameters.version === 'latest' ? null : one(request, all);
  const reason = earlier && incompatibility(schema, earlier.schema);
  const messages = request.query.get('verbose') === 'true' ? { messages: reason ? [reason] : [] } : {};
  return { is_compatible: reason === null, ...messages };
}

const envelope = z.object({ schema: z.string(), schemaType: z.literal('AVRO').default('AVRO') });

async function schemaOf(request: HttpRequest): Promise<AvroRecord> {
  const { success, data } = envelope.safeParse(await jsonBody(request));
  if (!success) throw fault(422, 42201, 'Invalid schema: the body is {"schema": "…"}, an Avro schema as text.');
  let schema: AvroRecord;
  try {
    schema = JSON.parse(data.schema) as AvroRecord;
  } catch {
    throw fault(422, 42201, 'Invalid schema: it is not JSON.');
  }
  // Whatever is a schema can read itself.
  const reason = incompatibility(schema, schema);
  if (reason) throw fault(422, 42201, `Invalid schema: ${reason}`);
  return schema;
}

function readOnly(request: HttpRequest): never {
  const subject = subjectIn(request) || 'The registry';
  throw fault(422, 42205, `${subject} is read-only here: \`millrace topics\` registers the schemas.`);
}

// ── Answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const content_type = 'application/vnd.schemaregistry.v1+json';

const fault = (status: number, error_code: number, message: string): Problem =>
  new Problem(status, message, { members: { error_code } });

const replyOf = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers: { 'content-type': content_type, 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(value),
});

async function reply(request: HttpRequest, verifier: Verifier, answer: () => unknown): Promise<Reply> {
  try {
    requireAccess(await identify(passwordOnly(request), verifier), 'read');
    return replyOf(200, await answer());
  } catch (error) {
    const problem = problemOf(error);
    // What nobody expected goes on to be logged, and is answered with 500.
    if (problem.status === 500) throw error;
    const { status, message, members } = problem;
    const headers = status === 401 ? { 'www-authenticate': 'Basic realm="millrace"' } : problem.headers;
    return replyOf(status, { error_code: members.error_code ?? status, message }, headers);
  }
}

/** Only from the header: an address is logged on its way, and with it a token in it would be. */
const passwordOnly = ({ headers }: HttpRequest): string | null => tokenOf({ headers, query: new URLSearchParams() });

const elsewhere = async (): Promise<Reply> =>
  replyOf(404, {
    error_code: 404,
    message: 'This instance keeps its schemas in the registry that SCHEMA_REGISTRY_URL names: ask that one.',
  });

// ── The topic ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** New schemas come with `millrace topics`; whoever asks again and again does not have the topic read as often. */
const remembered_ms = 5_000;

function remembered(kafka: KafkaConfig): () => Promise<Entries> {
  let read: Promise<Entries> | null = null;
  let until_ms = 0;
  return () => {
    if (read && Date.now() < until_ms) return read;
    const reading = readSchemas(kafka);
    read = reading;
    until_ms = Number.POSITIVE_INFINITY;
    reading.then(
      () => {
        until_ms = Date.now() + remembered_ms;
      },
      () => {
        read = null;
      },
    );
    return reading;
  };
}
