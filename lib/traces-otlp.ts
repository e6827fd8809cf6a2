/** Spans to a collector that speaks OTLP over HTTP. It is loaded where one is named and nowhere else. */
import {
  type Context,
  DiagLogLevel,
  diag,
  SpanKind as OtelKind,
  ROOT_CONTEXT,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { messageOf } from './errors.ts';
import { within } from './lifecycle.ts';
import type { Logger } from './log.ts';
import { type SpanKind, type Tracer, traceparentFrom } from './traces.ts';

export interface TracesOptions {
  /** Of the collector; `/v1/traces` is appended. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the traces that begin here; a caller's own is followed as he says. */
  readonly ratio: number;
  readonly version: string;
  readonly role: string;
  readonly instance: string;
  readonly log: Logger;
}

/** More are dropped: a collector that is away must not fill the memory. */
const spans_max = 8_192;
const send_interval_ms = 1_000;
const send_ms_max = 5_000;
const close_ms_max = 3_000;
const complaint_interval_ms = 60_000;

const kinds: Readonly<Record<SpanKind, OtelKind>> = {
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
};

export function openTracer(options: TracesOptions): Tracer {
  const { endpoint, headers, ratio, version, role, instance, log } = options;
  complainTo(log);
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
    headers: { ...headers },
    timeoutMillis: send_ms_max,
  });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.namespace': 'millrace',
      'service.name': `millrace-${role}`,
      'service.version': version,
      'service.instance.id': instance,
    }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [
      new BatchSpanProcessor(exporter, {
        maxQueueSize: spans_max,
        scheduledDelayMillis: send_interval_ms,
        exportTimeoutMillis: send_ms_max,
      }),
    ],
  });
  const tracer = provider.getTracer('millrace', version);

  return {
    begin(name, kind, parent, attributes = {}) {
      const span = tracer.startSpan(name, { kind: kinds[kind], attributes: { ...attributes } }, contextOf(parent));
      if (!span.isRecording()) return null;
      const { traceId, spanId } = span.spanContext();
      return {
        traceparent: traceparentFrom(traceId, spanId),
        end(more, error) {
          if (more) span.setAttributes({ ...more });
          if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
          span.end();
        },
      };
    },
    async close() {
      await within(close_ms_max, provider.shutdown()).catch(error =>
        log.warn({ error: messageOf(error) }, 'the last spans could not be sent'),
      );
    },
  };
}

function contextOf(parent: string | null): Context {
  if (parent === null) return ROOT_CONTEXT;
  const [, traceId = '', spanId = '', flags = ''] = parent.split('-');
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

/** The library keeps its failures to itself otherwise; one that lasts would be told each second. */
function complainTo(log: Logger): void {
  let told_at_ms = Number.NEGATIVE_INFINITY;
  const error = (message: string): void => {
    if (performance.now() - told_at_ms < complaint_interval_ms) return;
    told_at_ms = performance.now();
    log.warn({ error: message.slice(0, 200) }, 'spans cannot be sent');
  };
  const ignore = (): void => undefined;
  diag.setLogger({ error, warn: ignore, info: ignore, debug: ignore, verbose: ignore }, DiagLogLevel.ERROR);
}
