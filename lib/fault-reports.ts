/**
 * Unexpected errors, sent to Sentry. It is loaded where a DSN is set and nowhere else: of Sentry's packages only the client,
 * which patches nothing and collects nothing by itself, so that what is sent is what stands here.
 */
import { createStackParser, createTransport, exceptionFromError, Scope } from '@sentry/core';
import { nodeStackLineParser, ServerRuntimeClient } from '@sentry/core/server';
import { MillraceError } from './errors.ts';
import type { LoggedFault } from './log.ts';
import { Problem } from './problem.ts';
import { scrubbed } from './secrets.ts';

export interface FaultReports {
  tell(fault: LoggedFault): void;
  /** Resolves when what was told is sent, or could not be sent in time. */
  flush(): Promise<void>;
}

export interface FaultReportsOptions {
  readonly dsn: string;
  readonly environment: string;
  readonly version: string;
  readonly role: string;
  readonly instance: string;
  /** Values that no message may carry. */
  readonly secrets: readonly string[];
}

/** Of a logged line, what names a place of the program; never a key, an address or a name that somebody chose. */
const told_fields = ['route', 'request_id', 'stage', 'table', 'topic', 'partition', 'feed', 'name'];
const send_ms_max = 5_000;
const flush_ms_max = 2_000;
/** What repeats says nothing new, and an engine that is away makes one of a kind each second. */
const window_ms = 60_000;
const faults_a_window_max = 60;

export function openFaultReports(options: FaultReportsOptions): FaultReports {
  const { dsn, environment, version, role, instance, secrets } = options;
  const stackParser = createStackParser(nodeStackLineParser());
  const client = new ServerRuntimeClient({
    dsn,
    environment,
    release: `millrace@${version}`,
    serverName: instance,
    platform: 'node',
    runtime: { name: 'node', version: process.version },
    integrations: [],
    traceLifecycle: 'static',
    sendClientReports: false,
    maxBreadcrumbs: 0,
    stackParser,
    transport: parts =>
      createTransport(parts, async ({ body }) => {
        const signal = AbortSignal.timeout(send_ms_max);
        const headers = parts.headers ?? {};
        const response = await fetch(parts.url, { method: 'POST', body: Buffer.from(body), headers, signal });
        await response.arrayBuffer();
        return {
          statusCode: response.status,
          headers: {
            'x-sentry-rate-limits': response.headers.get('x-sentry-rate-limits'),
            'retry-after': response.headers.get('retry-after'),
          },
        };
      }),
  });
  /** A fault is logged where it happens, and again where the process ends of it. */
  const told = new WeakSet<Error>();
  const recent = new Set<string>();
  let window_end_ms = 0;

  /** What is away is told by metrics, and comes back; what a process ends of is told whatever it is. */
  const isExpected = (error: Error | null): boolean =>
    error instanceof Problem || (error instanceof MillraceError && error.retryable);

  function isNew(message: string, error: Error | null): boolean {
    if (error !== null && told.has(error)) return false;
    if (error !== null) told.add(error);
    if (performance.now() >= window_end_ms) {
      recent.clear();
      window_end_ms = performance.now() + window_ms;
    }
    const kind = `${message} ${error?.message}`;
    if (recent.has(kind) || recent.size >= faults_a_window_max) return false;
    recent.add(kind);
    return true;
  }

  const exceptionOf = (error: Error) => {
    const exception = exceptionFromError(stackParser, error);
    return { ...exception, value: scrubbed(error.message, secrets) };
  };

  return {
    tell({ message, fatal, fields }) {
      const error = fields.error instanceof Error ? fields.error : null;
      if ((!fatal && isExpected(error)) || !isNew(message, error)) return;
      const tags: Record<string, string> = { role, instance };
      for (const name of told_fields) if (fields[name] !== undefined) tags[name] = String(fields[name]);
      if (error instanceof MillraceError) tags.code = error.code;
      const causes = error?.cause instanceof Error ? [exceptionOf(error.cause)] : [];
      client.captureEvent(
        {
          level: fatal ? 'fatal' : 'error',
          message: scrubbed(message, secrets),
          tags,
          // The last one is what happened, as Sentry reads it.
          ...(error === null ? {} : { exception: { values: [...causes, exceptionOf(error)] } }),
        },
        {},
        new Scope(),
      );
    },
    async flush() {
      await client.flush(flush_ms_max);
    },
  };
}
