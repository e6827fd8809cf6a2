/**
 * The whole configuration: one schema, validated at start, every fault printed at once. A YAML file, then the
 * environment over it. The environment is read here and nowhere else; components receive their slice.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { hooksSettings } from './ingest/hooks/settings.ts';
import { MillraceError, messageOf } from './lib/errors.ts';
import { type Fault, faultsOf, readYaml, type YamlFile } from './lib/yaml.ts';
import { biggerSettings } from './processors/bigger/settings.ts';
import { conversationSettings, organizationsSettings } from './processors/conversation/settings.ts';
import { ownCategoriesSettings } from './processors/mail/own-categories.ts';
import { oidcSettings } from './query-api/identity/oidc-settings.ts';
import { sample_organization_id } from './schemas/sample.ts';

const port = z.coerce.number().int().min(0).max(65_535);
const duration_ms = z.coerce.number().int().positive();
const pem = z.string().regex(/-----BEGIN [A-Z ]+-----/, 'no PEM text: it holds "-----BEGIN …-----"');

const kafka = z.strictObject({
  brokers: z
    .string()
    .min(1)
    .describe('host:port, comma-separated')
    .meta({ examples: ['localhost:9092'] }),
  replication_factor: z.coerce
    .number()
    .int()
    .positive()
    .default(1)
    .describe('of the topics that `millrace topics` creates'),
  partitions: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .describe(
      'of the data topics, fixed when they are created: the most instances that can share a role; 4, and 1 with the embedded broker, where one process reads them all',
    ),
  session_timeout_ms: duration_ms
    .default(30_000)
    .describe('how long a process may be silent before its partitions go to others'),
  native: z
    .union([z.boolean(), z.stringbool()])
    .default(true)
    .describe('hand records to and from the client in batches; false takes its own calls, slower'),
  sasl: z
    .strictObject({
      mechanism: z
        .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
        .default('plain')
        .describe('how the password is proven'),
      username: z.string().min(1).describe('who connects'),
      password: z.string().min(1).describe('better in the environment than in a file'),
    })
    .optional(),
  tls: z
    .strictObject({
      enabled: z
        .union([z.boolean(), z.stringbool()])
        .default(true)
        .describe('TLS without a private authority; naming one turns it on too'),
      ca: pem.optional().describe('PEM text of the certificate authority; the public ones where none is named'),
      certificate: pem.optional().describe("PEM text of this client's certificate, where the brokers ask for one"),
      key: pem.optional().describe("PEM text of the client certificate's private key"),
      key_password: z.string().optional().describe('of the private key, where it is encrypted'),
    })
    .optional(),
});

/** Of a server that is asked over HTTP. */
const authority = z
  .strictObject({
    ca: pem.optional().describe('PEM text of the certificate authority; the public ones where none is named'),
  })
  .optional()
  .describe('for an https URL');
const isHttpsWithAuthority = ({ url, tls }: { url: string; tls?: object | undefined }): boolean =>
  !tls || url.startsWith('https:');
const authority_fault = { path: ['url'], message: 'is not https although a certificate authority is named' };

const clickhouse = z
  .strictObject({
    url: z
      .url()
      .describe('of its HTTP interface, http:// or https://')
      .meta({ examples: ['http://localhost:8123'] }),
    user: z.string().default('default').describe('must be able to create the database and its tables'),
    password: z.string().default('').describe('better in the environment than in a file'),
    database: z.string().regex(/^\w+$/).default('millrace').describe('created where it is not there'),
    tls: authority,
  })
  .refine(isHttpsWithAuthority, authority_fault);

const schema_registry = z
  .strictObject({
    url: z
      .url()
      .refine(url => new URL(url).password === '', 'holds a password: give it as schema_registry.password')
      .describe('of a Confluent-compatible API; without one, schemas are in the topic `_schemas`')
      .meta({ examples: ['http://localhost:8081'] }),
    user: z.string().optional().describe('for basic authentication; must be able to register the subjects'),
    password: z.string().optional().describe('better in the environment than in a file'),
    tls: authority,
  })
  .refine(isHttpsWithAuthority, authority_fault);

const organization = z.strictObject({
  id: z
    .string()
    .regex(/^[\w.-]{1,64}$/)
    .refine(id => id !== sample_organization_id, 'is the sample company, which can be removed with all it has')
    .default('default')
    .describe('the tenant that imports and hooks write to'),
  domains: z.array(z.string().toLowerCase()).default([]).describe('mail domains of the organisation itself'),
  addresses: z.array(z.string().toLowerCase()).default([]).describe('single addresses of the organisation itself'),
  ...conversationSettings,
});

const schema = z.strictObject({
  kafka: kafka.prefault({} as never),
  clickhouse: clickhouse.prefault({} as never),
  schema_registry: schema_registry.optional(),
  organization: organization.prefault({}),
  organizations: organizationsSettings,
  api: z
    .strictObject({
      host: z.string().default('127.0.0.1').describe('the address that the API and the page listen on'),
      port: port.default(8088).describe('0 takes a free one'),
      jwt_secret: z
        .string()
        .min(32, 'at least 32 characters')
        .describe('signs the tokens; the same for every role; `millrace up` makes one'),
      jwt_previous_secrets: z
        .array(z.string().min(32, 'at least 32 characters'))
        .default([])
        .describe('secrets that signed before: tokens by them are taken until they end'),
      admin_password: z
        .string()
        .min(12, 'at least 12 characters')
        .max(256)
        .optional()
        .describe(
          'of the user `admin`, who is added where there is no user at all; better in the environment than in a file',
        ),
      oidc: oidcSettings.describe('signing in by a provider of OpenID Connect'),
      ingest_url: z.url().describe('where the api role finds the ingest role'),
      wait_ms_max: duration_ms.default(15_000).describe('how long POST /api/emails waits for the enriched mail'),
      cors_origins: z
        .array(
          z.union([
            z.literal('*'),
            z.string().regex(/^https?:\/\/[^/\s]+$/, 'no origin: it is like https://app.example.com'),
          ]),
        )
        .default([])
        .describe('origins of other pages that may call the API; * for any'),
      requests_per_second: z.coerce
        .number()
        .min(0)
        .default(0)
        .describe('of one caller: by who signs in, and by address where nobody does; 0 for any number'),
      requests_burst: z.coerce
        .number()
        .int()
        .min(1)
        .default(200)
        .describe('of one caller at once, after a pause, where requests_per_second is set'),
      tls: z
        .strictObject({
          certificate_path: z.string().min(1).describe('a file in PEM, with the whole chain'),
          key_path: z.string().min(1).describe('a file in PEM, not encrypted'),
        })
        .optional()
        .describe('answers https instead of http'),
    })
    .optional(),
  ingest: z
    .strictObject({
      host: z.string().default('127.0.0.1').describe('the address that the other roles reach it at'),
      port: port.default(8089).describe('0 takes a free one'),
      jwt_secret: z.string().min(32, 'at least 32 characters').describe('the same as of the api role'),
      local_imports: z
        .union([z.boolean(), z.stringbool()])
        .default(false)
        .describe('whether an administrator may import files of the machine that ingests; `millrace up` says yes'),
    })
    .optional(),
  categories: ownCategoriesSettings.describe(
    'of mail, besides the general ones: by rules, by examples, or both; docs/categories.md',
  ),
  hooks: hooksSettings.default({}).describe('webhooks by name: `POST /hooks/NAME`'),
  models: biggerSettings
    .optional()
    .describe('models beside those that ship, on which mails wait (docs/models/bigger.md); unset is none'),
  observe: z
    .strictObject({
      host: z.string().default('127.0.0.1').describe('where /health, /ready and /metrics are answered'),
      port: port.describe('of every role, beside its own listener; 0 takes a free one'),
    })
    .optional(),
  redis: z
    .strictObject({
      url: z
        .url({ protocol: /^rediss?$/, error: 'no address of Redis: it is like redis://:PASSWORD@localhost:6379/0' })
        .describe('of a Redis or Valkey in which the instances of the api share their answers; `rediss://` for TLS')
        .meta({ examples: ['redis://localhost:6379'] }),
      ca: pem
        .optional()
        .describe('PEM text of the certificate authority, for rediss; the public ones where none is named'),
    })
    .refine(({ url, ca }) => ca === undefined || url.startsWith('rediss:'), {
      path: ['url'],
      message: 'is not rediss although a certificate authority is named',
    })
    .optional(),
  sentry: z
    .strictObject({
      dsn: z
        .string()
        .regex(/^https?:\/\/[^/@\s]+@[^/\s]+\/([^\s?#]+\/)*\d+$/, 'no DSN: it is like https://KEY@sentry.example.com/1')
        .optional()
        .describe('where unexpected errors are sent, without bodies, headers, addresses and secrets; unset is nowhere'),
      environment: z.string().min(1).max(64).default('production').describe('what Sentry files them under'),
    })
    .prefault({}),
  traces: z
    .strictObject({
      endpoint: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe('of a collector that takes OTLP over HTTP, to which `/v1/traces` is appended; unset is no traces'),
      headers: z
        .record(z.string(), z.string())
        .default({})
        .describe('sent to it: in the variable `name=value`, separated by commas, percent-encoded'),
      ratio: z.coerce
        .number()
        .min(0)
        .max(1)
        .default(1)
        .describe(
          'of the requests that begin a trace, those that do; who calls with a `traceparent` has decided already',
        ),
    })
    .prefault({}),
  instance: z
    .string()
    .regex(/^[\w.-]{1,64}$/)
    .default('0')
    .describe('names this process among others of its role; stable across restarts'),
  commit_interval_ms: duration_ms.default(50).describe('how long a transaction stays open'),
  sink_linger_ms: duration_ms.default(100).describe('how long a row may wait for others to share its INSERT'),
  data_dir: z.string().default('.millrace').describe('the content store, and in embedded mode everything'),
  log_level: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'])
    .default('info')
    .describe('what is logged at least, as JSON lines'),
});

export type Config = z.infer<typeof schema>;

/** For the reference in docs/configuration.md. */
export { schema as configSchema };

/** Environment variable to the path it sets. Each may be given as NAME_FILE instead, the path of a file that holds it. */
export const environment: Readonly<Record<string, string>> = {
  KAFKA_BROKERS: 'kafka.brokers',
  KAFKA_REPLICATION_FACTOR: 'kafka.replication_factor',
  KAFKA_PARTITIONS: 'kafka.partitions',
  KAFKA_SESSION_TIMEOUT_MS: 'kafka.session_timeout_ms',
  KAFKA_NATIVE: 'kafka.native',
  KAFKA_SASL_MECHANISM: 'kafka.sasl.mechanism',
  KAFKA_SASL_USERNAME: 'kafka.sasl.username',
  KAFKA_SASL_PASSWORD: 'kafka.sasl.password',
  KAFKA_TLS: 'kafka.tls.enabled',
  KAFKA_TLS_CA: 'kafka.tls.ca',
  KAFKA_TLS_CERTIFICATE: 'kafka.tls.certificate',
  KAFKA_TLS_KEY: 'kafka.tls.key',
  KAFKA_TLS_KEY_PASSWORD: 'kafka.tls.key_password',
  CLICKHOUSE_URL: 'clickhouse.url',
  CLICKHOUSE_USER: 'clickhouse.user',
  CLICKHOUSE_PASSWORD: 'clickhouse.password',
  CLICKHOUSE_DATABASE: 'clickhouse.database',
  CLICKHOUSE_TLS_CA: 'clickhouse.tls.ca',
  SCHEMA_REGISTRY_URL: 'schema_registry.url',
  SCHEMA_REGISTRY_USER: 'schema_registry.user',
  SCHEMA_REGISTRY_PASSWORD: 'schema_registry.password',
  SCHEMA_REGISTRY_TLS_CA: 'schema_registry.tls.ca',
  MILLRACE_ORGANIZATION: 'organization.id',
  MILLRACE_DOMAINS: 'organization.domains',
  MILLRACE_TIME_ZONE: 'organization.business_calendar.time_zone',
  MILLRACE_API_HOST: 'api.host',
  MILLRACE_API_PORT: 'api.port',
  MILLRACE_JWT_SECRET: 'api.jwt_secret ingest.jwt_secret',
  MILLRACE_JWT_PREVIOUS_SECRETS: 'api.jwt_previous_secrets',
  MILLRACE_ADMIN_PASSWORD: 'api.admin_password',
  MILLRACE_OIDC_ISSUER: 'api.oidc.issuer',
  MILLRACE_OIDC_CLIENT_ID: 'api.oidc.client_id',
  MILLRACE_OIDC_CLIENT_SECRET: 'api.oidc.client_secret',
  MILLRACE_PUBLIC_URL: 'api.oidc.public_url',
  MILLRACE_OIDC_SCOPES: 'api.oidc.scopes',
  MILLRACE_OIDC_LABEL: 'api.oidc.label',
  MILLRACE_OIDC_CREATE_USERS: 'api.oidc.create_users',
  MILLRACE_OIDC_DEFAULT_ROLE: 'api.oidc.default_role',
  MILLRACE_OIDC_DOMAINS: 'api.oidc.domains',
  MILLRACE_INGEST_URL: 'api.ingest_url',
  MILLRACE_CORS_ORIGINS: 'api.cors_origins',
  MILLRACE_REQUESTS_PER_SECOND: 'api.requests_per_second',
  MILLRACE_REQUESTS_BURST: 'api.requests_burst',
  MILLRACE_TLS_CERTIFICATE_PATH: 'api.tls.certificate_path',
  MILLRACE_TLS_KEY_PATH: 'api.tls.key_path',
  MILLRACE_INGEST_HOST: 'ingest.host',
  MILLRACE_INGEST_PORT: 'ingest.port',
  MILLRACE_LOCAL_IMPORTS: 'ingest.local_imports',
  MILLRACE_OBSERVE_HOST: 'observe.host',
  MILLRACE_OBSERVE_PORT: 'observe.port',
  REDIS_URL: 'redis.url',
  REDIS_TLS_CA: 'redis.ca',
  MILLRACE_SUMMARY_URL: 'models.summaries.url',
  MILLRACE_SUMMARY_MODEL: 'models.summaries.model',
  MILLRACE_SUMMARY_API_KEY: 'models.summaries.api_key',
  SENTRY_DSN: 'sentry.dsn',
  SENTRY_ENVIRONMENT: 'sentry.environment',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'traces.endpoint',
  OTEL_EXPORTER_OTLP_HEADERS: 'traces.headers',
  OTEL_TRACES_SAMPLER_ARG: 'traces.ratio',
  MILLRACE_INSTANCE: 'instance',
  MILLRACE_COMMIT_INTERVAL_MS: 'commit_interval_ms',
  MILLRACE_SINK_LINGER_MS: 'sink_linger_ms',
  MILLRACE_DATA_DIR: 'data_dir',
  MILLRACE_LOG_LEVEL: 'log_level',
};

const lists: ReadonlySet<string> = new Set([
  'organization.domains',
  'api.cors_origins',
  'api.jwt_previous_secrets',
  'api.oidc.domains',
]);

export interface ConfigSource {
  readonly file?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Sections the process needs: a role that serves nothing needs no secret. */
  readonly need: readonly ('api' | 'ingest')[];
}

/** Throws MillraceError `config` with every fault, each as `file:line:col path: message`. */
export function loadConfig({ file, env, need }: ConfigSource): Config {
  const parsed = file === undefined ? null : parseFile(file);
  const values = (parsed?.values ?? {}) as Record<string, unknown>;
  const variables = readFileVariables(env);
  const origins = overlay(values, variables.env, need);
  const result = schema.safeParse(values);
  const faults = result.success ? [] : faultsOf(schema, result.error);
  if (result.success)
    for (const name of need) if (!result.data[name]) faults.push({ path: [name], message: 'missing' });
  if (result.success && faults.length === 0 && variables.faults.length === 0) return result.data;
  throw unusable([...variables.faults, ...placed(faults, parsed, origins)]);
}

/** What of a configuration says how mails are read; the rest may be missing. Throws as `loadConfig` does. */
export function loadReading({ file, env }: Omit<ConfigSource, 'need'>): z.output<typeof reading> {
  const parsed = file === undefined ? null : parseFile(file);
  const values = (parsed?.values ?? {}) as Record<string, unknown>;
  const origins = overlay(values, env, []);
  const result = reading.safeParse(values);
  if (result.success) return result.data;
  throw unusable(placed(faultsOf(reading, result.error), parsed, origins));
}

const reading = z.object({ organization: schema.shape.organization, categories: schema.shape.categories });

function unusable(faults: readonly string[]): MillraceError {
  return new MillraceError('config', faults.join('\n'), { remedy: 'see docs/configuration.md' });
}

/** The environment with what its NAME_FILE variables name read in. Throws MillraceError `config` with every fault. */
export function withFiles(env: ConfigSource['env']): ConfigSource['env'] {
  const read = readFileVariables(env);
  if (read.faults.length > 0) throw unusable(read.faults);
  return read.env;
}

/** Secrets are mounted as files: a variable is seen by whoever may inspect the process or its container. */
function readFileVariables(env: ConfigSource['env']): { env: Record<string, string | undefined>; faults: string[] } {
  const read: Record<string, string | undefined> = { ...env };
  const faults: string[] = [];
  for (const name of Object.keys(environment)) {
    const path = env[`${name}_FILE`];
    if (!path) continue;
    delete read[`${name}_FILE`];
    if (env[name]) {
      faults.push(`${name}_FILE: ${name} is set too; give one of them`);
      continue;
    }
    try {
      // Editors end a file with a line break, which is no part of a secret.
      read[name] = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    } catch (error) {
      faults.push(`${name}_FILE: ${messageOf(error)}`);
    }
  }
  return { env: read, faults };
}

function parseFile(file: string): YamlFile {
  try {
    return readYaml(readFileSync(file, 'utf8'), file);
  } catch (error) {
    throw error instanceof MillraceError ? error : new MillraceError('config', `${file}: ${messageOf(error)}`);
  }
}

/** Sets what the environment names and answers which variable set which path. */
function overlay(
  values: Record<string, unknown>,
  env: ConfigSource['env'],
  need: readonly string[],
): Map<string, string> {
  const origins = new Map<string, string>();
  for (const [name, paths] of Object.entries(environment)) {
    const value = env[name];
    if (value === undefined || value === '') continue;
    for (const path of paths.split(' ')) {
      const section = path.split('.')[0] as string;
      // A section that this process does not need is not begun by one variable of it.
      if ((section === 'api' || section === 'ingest') && !need.includes(section) && values[section] === undefined)
        continue;
      setIn(values, path.split('.'), parsedVariable(path, value));
      origins.set(path, name);
    }
  }
  return origins;
}

function parsedVariable(path: string, text: string): unknown {
  if (lists.has(path)) return text.split(',');
  return path === 'traces.headers' ? headersOf(text) : text;
}

/** As OpenTelemetry has them in a variable. What is none is left as it is, for the schema to refuse. */
function headersOf(text: string): unknown {
  try {
    const pairs = text.split(',').map(pair => /^\s*([^=\s]+)\s*=(.*)$/.exec(pair)?.slice(1) as [string, string]);
    return Object.fromEntries(pairs.map(([name, value]) => [name, decodeURIComponent(value.trim())]));
  } catch {
    return text;
  }
}

function setIn(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path as [string, ...string[]];
  if (rest.length === 0) {
    target[head] = value;
    return;
  }
  target[head] ??= {};
  setIn(target[head] as Record<string, unknown>, rest, value);
}

const placed = (faults: readonly Fault[], parsed: YamlFile | null, origins: Map<string, string>): string[] =>
  faults.map(({ path, message }) => `${placeOf(path, parsed, origins)}${path.join('.')}: ${message}`);

function placeOf(path: readonly PropertyKey[], parsed: YamlFile | null, origins: Map<string, string>): string {
  const variable = origins.get(path.join('.'));
  if (variable) return `${variable} `;
  if (parsed) return parsed.placeOf(path);
  const setter = Object.entries(environment).find(([, paths]) => paths.split(' ').includes(path.join('.')))?.[0];
  return setter ? `${setter} ` : '';
}
