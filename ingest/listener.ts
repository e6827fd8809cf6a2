/** The ingest role's own HTTP listener, for the other roles of the installation: they pass callers' requests on. */
import { z } from 'zod';
import type { SourceDefinition } from '../lib/connector.ts';
import { MillraceError } from '../lib/errors.ts';
import { piecesOf } from '../lib/frames.ts';
import {
  type HttpRequest,
  type HttpServer,
  json,
  jsonBody,
  jsonOf,
  Problem,
  type Reply,
  type Route,
  serveHttp,
  text,
} from '../lib/http.ts';
import { isInternalToken } from '../lib/internal-token.ts';
import type { Logger } from '../lib/log.ts';
import type { Registry as Metrics } from '../lib/metrics.ts';
import { problemOf } from '../lib/problem.ts';
import type { ConnectorRuntime } from '../lib/source-group.ts';
import type { Store } from '../lib/store.ts';
import { sampledTraceparentOf, type Tracer } from '../lib/traces.ts';
import type { Owner } from '../schemas/generated.ts';
import { submission_source } from '../schemas/submission.ts';
import { topics } from '../schemas/topics.ts';
import { type Mapping, mappingSchema } from './csv/mapping.ts';
import { excluded_folders } from './folders.ts';
import type { HookSettings } from './hooks/settings.ts';
import { sourceOf } from './imports.ts';
import { parseSubmission } from './parse/submission.ts';
import { createReceiver } from './receive.ts';
import type { Replayer } from './replay/index.ts';
import { previewLetters, replay_bytes_max, replayLetters } from './replay/routes.ts';

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly jwt_secret: string;
  /** The organisation of whatever names none. */
  readonly organization_id: string;
  /** Whether files of this machine may be named for import. */
  readonly local_imports: boolean;
  readonly hooks: Readonly<Record<string, HookSettings>>;
  readonly runtime: ConnectorRuntime;
  readonly replayer: Replayer;
  readonly store: Store;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracer: Tracer | null;
}

const paths_max = 1_000;
/** One mail of the largest size, or many small ones. */
const mails_bytes_max = 2 * 1024 * 1024;
const events_bytes_max = 4 * 1024 * 1024;
const name = z.string().max(200);
const ownership = {
  organization_id: z
    .string()
    .regex(/^[\w.-]{1,64}$/)
    .optional(),
  mailbox: name.toLowerCase().default(''),
  owner_id: name.default(''),
  team_id: name.default(''),
};
const importRequest = z.strictObject({
  connector: z.literal('sample').optional(),
  paths: z.array(z.string().min(1)).max(paths_max).default([]),
  mapping: mappingSchema.optional(),
  exclude_folders: excluded_folders,
  ...ownership,
});
const submissionOwner = z.object(ownership);

export function startListener(options: ListenerOptions): Promise<HttpServer> {
  const receiver = createReceiver(options);
  const routes: Route[] = [
    { method: 'GET', path: '/health', handler: async () => json(200, { status: 'ok' }) },
    { method: 'GET', path: '/metrics', handler: async () => text(200, await options.metrics.metrics()) },
    internal(options, {
      method: 'POST',
      path: '/emails',
      body_bytes_max: mails_bytes_max,
      handler: request => submitAll(request, options),
    }),
    internal(options, { method: 'POST', path: '/imports', handler: request => startImport(request, options) }),
    internal(options, {
      method: 'POST',
      path: '/events',
      body_bytes_max: events_bytes_max,
      handler: request => receiver.events(request, ownerOf(request, options)),
    }),
    internal(options, {
      method: 'POST',
      path: '/changes',
      handler: request => receiver.change(request, ownerOf(request, options)),
    }),
    // Whoever calls a hook proves it to the hook.
    { method: 'POST', path: '/hooks/:name', handler: receiver.hook },
    internal(options, {
      method: 'POST',
      path: '/dead-letters/preview',
      body_bytes_max: replay_bytes_max,
      handler: request => previewLetters(request, options.replayer),
    }),
    internal(options, {
      method: 'POST',
      path: '/dead-letters/replay',
      body_bytes_max: replay_bytes_max,
      handler: request => replayLetters(request, options.replayer),
    }),
    internal(options, { method: 'DELETE', path: '/organizations/:id', handler: request => remove(request, options) }),
  ];
  const { host, port, metrics, log } = options;
  return serveHttp({ host, port, routes, metrics, log });
}

function internal({ jwt_secret }: ListenerOptions, route: Route): Route {
  return {
    ...route,
    handler: async request => {
      if (!isInternalToken(jwt_secret, request.headers.get('authorization'))) {
        throw new Problem(401, 'this is answered to the other roles only');
      }
      return route.handler(request);
    },
  };
}

/** Mails that were handed in at the same time, as frames; each is answered in its place, as if it had come alone. */
async function submitAll(request: HttpRequest, options: ListenerOptions): Promise<Reply> {
  const mails = piecesOf(await request.body());
  const answers = await Promise.all(
    mails.map(mail => submit(mail, options).catch(error => ({ problem: told(error, options.log) }))),
  );
  return json(200, { answers });
}

function told(error: unknown, log: Logger): object {
  const problem = problemOf(error);
  if (problem.status >= 500) log.error({ error }, 'a mail could not be taken');
  return { status: problem.status, detail: problem.message, ...problem.members };
}

/** Answers once the mail is durable: it is in Kafka together with its number in the source. */
async function submit(body: Buffer, { runtime, store, organization_id, tracer }: ListenerOptions): Promise<object> {
  const { organization_id: named, mailbox, owner_id, team_id, traceparent, ...mail } = objectOf(body);
  const owned = parse(submissionOwner, { organization_id: named, mailbox, owner_id, team_id });
  const owner: Owner = { ...owned, organization_id: owned.organization_id ?? organization_id };
  const submission = parseSubmission(mail, owner, Date.now());
  if ('fault' in submission) throw new Problem(400, submission.fault);
  await store.put(submission.original);
  const emitter = await runtime.emitter(submissionSource(owner.organization_id));
  const topic = topics.emailReceived;
  const asked = sampledTraceparentOf(traceparent);
  const span = asked === null ? null : tracer?.begin(`publish ${topic.name}`, 'producer', asked);
  const written_by = span?.traceparent ?? asked;
  const emitted = await emitter.emit(topic, { email: submission.email }, null, undefined, written_by);
  await (span ? emitted.committed.finally(() => span.end()) : emitted.committed);
  return {
    record_id: submission.email.email_id,
    organization_id: owner.organization_id,
    source: emitted.source,
    sequence: emitted.sequence,
    original_sha256: submission.email.original_sha256,
  };
}

/** Events say nothing of owners, so the address does. */
function ownerOf({ query }: HttpRequest, { organization_id }: ListenerOptions): Owner {
  const owned = parse(submissionOwner, Object.fromEntries(query));
  return { ...owned, organization_id: owned.organization_id ?? organization_id };
}

function submissionSource(organization_id: string): SourceDefinition {
  const owner: Owner = { organization_id, mailbox: '', owner_id: '', team_id: '' };
  return {
    source: submission_source,
    connector: 'submission',
    owner,
    origin: 'live',
    config: '{}',
    created_at_ms: Date.now(),
  };
}

/** Answers once the sources are known for good: they are read to their end whatever happens to this process. */
async function startImport(request: HttpRequest, options: ListenerOptions) {
  const { connector, paths, mapping, exclude_folders, organization_id, ...rest } = parse(
    importRequest,
    await jsonBody(request),
  );
  const owner: Owner = { ...rest, organization_id: organization_id ?? options.organization_id };
  const started_at_ms = Date.now();
  const definitions =
    connector === 'sample'
      ? sampleSources(owner, started_at_ms)
      : await fileSources(paths, { mapping: mapping ?? null, exclude_folders }, owner, options);
  // All are known to be readable before the first one is begun.
  await options.runtime.start(definitions).catch(refused);
  const sources = definitions.map(({ source }) => ({ organization_id: owner.organization_id, source, started_at_ms }));
  return json(202, { sources });
}

function refused(error: unknown): never {
  throw error instanceof MillraceError && error.code === 'source.removed' ? new Problem(409, error.message) : error;
}

/** The sample company is not streamed in again: whoever starts the instance asks for it each time. */
async function remove({ parameters }: HttpRequest, { runtime }: ListenerOptions) {
  await runtime.removeSources(parameters.id ?? '', sample_sources);
  return json(200, {});
}

async function fileSources(
  paths: readonly string[],
  { mapping, exclude_folders }: { readonly mapping: Mapping | null; readonly exclude_folders: readonly string[] },
  owner: Owner,
  { local_imports }: ListenerOptions,
) {
  if (!local_imports) {
    throw new Problem(
      403,
      'files of this machine may not be named here: set MILLRACE_LOCAL_IMPORTS=true where they may',
    );
  }
  try {
    const definitions = await Promise.all(
      paths.map(path => sourceOf(path, mapping, owner, Date.now(), exclude_folders)),
    );
    return [...new Map(definitions.map(definition => [definition.source, definition])).values()];
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'import') {
      throw new Problem(422, error.remedy ? `${error.message}; ${error.remedy}` : error.message);
    }
    throw error;
  }
}

/** Its history, and what arrives now: the two differ in whether the windows of now count them. */
function sampleSources(owner: Owner, now_ms: number): SourceDefinition[] {
  const common = { connector: 'sample', owner, config: JSON.stringify({ now_ms }), created_at_ms: now_ms };
  return [
    { ...common, source: sample_sources[0], origin: 'backfill' },
    { ...common, source: sample_sources[1], origin: 'live' },
  ];
}

const sample_sources = ['sample', 'sample-live'] as const;

function objectOf(body: Buffer): Record<string, unknown> {
  const value = jsonOf(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Problem(400, 'the body is not a JSON object');
  return value as Record<string, unknown>;
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Problem(400, parsed.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; '));
}
