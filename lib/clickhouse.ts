/** The only importer of ClickHouse's client. Embedded engine and server are the same from here on. */
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { MillraceError, messageOf } from './errors.ts';

export interface ClickHouseConfig {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** For an https URL: the authority that signed the server's certificate, in PEM text; the public ones without it. */
  readonly tls?: { readonly ca?: string | undefined } | undefined;
}

export type ClickHouseSettings = Readonly<Record<string, string | number>>;

export interface ClickHouse {
  readonly config: ClickHouseConfig;
  /** Rows of a query; `params` fill `{name:Type}` places. Throws MillraceError `clickhouse`. */
  rows<T>(sql: string, params?: Record<string, unknown>, settings?: ClickHouseSettings): Promise<T[]>;
  /** A query's answer as it comes, in the format that it names. It ends with the signal; a fault on the way destroys it. */
  stream(sql: string, params: Record<string, unknown>, signal: AbortSignal): Promise<Readable>;
  /** A short answer as it comes, in the format that the settings or the statement name. */
  text(sql: string, settings?: ClickHouseSettings): Promise<string>;
  command(sql: string, settings?: ClickHouseSettings): Promise<void>;
  /** An INSERT whose data is `body`, in the format that the statement names. */
  insert(sql: string, body: Readable, settings: ClickHouseSettings): Promise<void>;
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

const request_ms_max = 60_000;

export function createClickHouse(config: ClickHouseConfig): ClickHouse {
  const client: ClickHouseClient = createClient({
    url: config.url,
    username: config.user,
    password: config.password,
    database: config.database,
    request_timeout: request_ms_max,
    application: 'millrace',
    ...(config.tls?.ca === undefined ? {} : { tls: { ca_cert: Buffer.from(config.tls.ca) } }),
    // Its errors are thrown to whoever asked, who knows what they mean.
    log: { level: ClickHouseLogLevel.OFF },
    // Quoted 64-bit integers come back as strings; the counts here are far below 2^53.
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
  });
  return {
    config,
    rows: (sql, params, settings) =>
      attempt(config, async () => {
        const result = await client.query({
          query: sql,
          format: 'JSONEachRow',
          query_params: params ?? {},
          clickhouse_settings: { ...settings },
        });
        return result.json();
      }),
    stream: (sql, params, signal) =>
      attempt(config, async () => {
        const { stream } = await client.exec({ query: sql, query_params: params, abort_signal: signal });
        // The client lets go of the signal once the answer begins.
        const end = (): void => void stream.destroy();
        signal.addEventListener('abort', end, { once: true });
        stream.once('close', () => signal.removeEventListener('abort', end));
        if (signal.aborted) end();
        return stream;
      }),
    text: (sql, settings) =>
      attempt(config, async () =>
        text((await client.exec({ query: sql, clickhouse_settings: { ...settings } })).stream),
      ),
    command: (sql, settings) =>
      attempt(config, async () => void (await client.command({ query: sql, clickhouse_settings: { ...settings } }))),
    insert: (sql, body, settings) =>
      attempt(config, async () => {
        const { stream } = await client.exec({ query: sql, values: body, clickhouse_settings: { ...settings } });
        // An unread answer holds its connection.
        stream.resume();
      }),
    ping: async () => (await client.ping()).success,
    close: () => client.close(),
  };
}

/** Errors worth another try: the server is away, or says it is busy, short of memory or out of time. */
const busy = new Set(['159', '202', '209', '210', '241', '242', '252', '319', '425', '999']);
const refused_sign_in = '516';
/** NOT_ENOUGH_SPACE: no room could be reserved. Where room was left for that, it is a write that fails, under any code. */
const no_room = '243';
const isDiskFull = (code: string, message: string): boolean =>
  code === no_room || /no space left on device/i.test(message);

async function attempt<T>(config: ClickHouseConfig, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = (error as { code?: string }).code;
    const answered = code !== undefined && /^\d+$/.test(code);
    if (answered) {
      throw refusal(code, messageOf(error), error);
    }
    throw new MillraceError('clickhouse', `ClickHouse at ${new URL(config.url).host}: ${messageOf(error)}`, {
      retryable: true,
      remedy: 'check CLICKHOUSE_URL, and that the server is up',
      cause: error,
    });
  }
}

/** What the server answered. */
function refusal(code: string, message: string, cause: unknown): MillraceError {
  if (isDiskFull(code, message)) {
    return new MillraceError('clickhouse', message, { retryable: true, remedy: disk_remedy, cause });
  }
  const remedy = code === refused_sign_in ? { remedy: 'check CLICKHOUSE_USER and CLICKHOUSE_PASSWORD' } : {};
  return new MillraceError('clickhouse', message, { ...remedy, retryable: busy.has(code), cause });
}

const disk_remedy = "ClickHouse's disk is full: make room on it";
