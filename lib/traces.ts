/**
 * Traces, as the rest of the program knows them: a span has a name, a beginning, an end, and the span that it is part of. That
 * one is named as W3C's `traceparent`, in HTTP headers as in records, where it is the last field of the lineage. Only what is
 * sampled is named, so whoever finds one has a span to make. Who makes them is loaded where there is a collector (traces-otlp.ts).
 */

export type SpanKind = 'server' | 'client' | 'producer' | 'consumer';
export type SpanAttributes = Readonly<Record<string, string | number>>;

export interface Span {
  /** For what is part of it. */
  readonly traceparent: string;
  /** `error` says that it failed, in a word that may be told to others. */
  end(attributes?: SpanAttributes, error?: string): void;
}

export interface Tracer {
  /** Null where it is not sampled. Without a parent it may begin a trace. */
  begin(name: string, kind: SpanKind, parent: string | null, attributes?: SpanAttributes): Span | null;
  /** What has ended is sent, for a while at most. */
  close(): Promise<void>;
}

const pattern = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const sampled = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01$/;
const chars = 55;
const last_char = '1'.charCodeAt(0);

/** A header's value where it is one of the version that is known; what is none is passed over, as W3C wants it. */
export function traceparentOf(value: unknown): string | null {
  return typeof value === 'string' && pattern.test(value) ? value : null;
}

/** The same, of one whose spans are made: records carry no others, as this program writes them. */
export function sampledTraceparentOf(value: unknown): string | null {
  return typeof value === 'string' && sampled.test(value) ? value : null;
}

export const traceparentFrom = (trace_id: string, span_id: string): string => `00-${trace_id}-${span_id}-01`;

/**
 * Of a record that is not decoded. Its lineage is its last field, and this the lineage's: a record that is not traced ends
 * with the byte 0, so that one look is enough.
 */
export function traceparentAtEnd(bytes: Buffer, start: number, end: number): string | null {
  if (bytes[end - 1] !== last_char || end - start < chars) return null;
  return sampledTraceparentOf(bytes.toString('latin1', end - chars, end));
}

/** A record's place, as OpenTelemetry names it. */
export const placeAttributes = (topic: string, partition: number, offset: number): SpanAttributes => ({
  'messaging.system': 'kafka',
  'messaging.destination.name': topic,
  'messaging.destination.partition.id': String(partition),
  'messaging.kafka.offset': offset,
});
