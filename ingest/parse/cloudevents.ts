/**
 * CloudEvents 1.0 in an HTTP request: binary, structured or batch mode
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md).
 */
import { parseJson } from '../../lib/json.ts';

export type CloudEventsRequest = { events: unknown[] } | { fault: string; status: 400 | 415 };

export const batch_events_max = 1_000;

/** The events as JSON objects, not yet validated: an event that is wrong must not take its neighbours with it. */
export function cloudEventsOf(headers: ReadonlyMap<string, string>, body: Buffer): CloudEventsRequest {
  const media = (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (media === 'application/cloudevents-batch+json') return batchOf(body);
  if (media === 'application/cloudevents+json') return structuredOf(body);
  if (media.startsWith('application/cloudevents')) return { status: 415, fault: `${media} is not read; JSON is` };
  if (headers.has('ce-specversion')) return binaryOf(headers, media, body);
  const expected = 'application/cloudevents+json, application/cloudevents-batch+json, or ce- headers (binary mode)';
  return { status: 415, fault: `expected a CloudEvent: ${expected}` };
}

function structuredOf(body: Buffer): CloudEventsRequest {
  const parsed = parseJson(body.toString());
  return 'value' in parsed ? { events: [parsed.value] } : { status: 400, fault: 'the body is not JSON' };
}

function batchOf(body: Buffer): CloudEventsRequest {
  const parsed = parseJson(body.toString());
  if (!('value' in parsed)) return { status: 400, fault: 'the body is not JSON' };
  if (!Array.isArray(parsed.value)) return { status: 400, fault: 'a batch is a JSON array' };
  if (parsed.value.length > batch_events_max) {
    return { status: 400, fault: `a batch has at most ${batch_events_max} events` };
  }
  return { events: parsed.value };
}

function binaryOf(headers: ReadonlyMap<string, string>, media: string, body: Buffer): CloudEventsRequest {
  const event: Record<string, unknown> = {};
  for (const [name, value] of headers) if (name.startsWith('ce-')) event[name.slice(3)] = percentDecoded(value);
  if (body.length === 0) return { events: [event] };
  if (media !== '' && media !== 'application/json' && !media.endsWith('+json')) {
    return { status: 415, fault: `data of ${media} is not read; JSON is` };
  }
  const data = parseJson(body.toString());
  return 'value' in data
    ? { events: [{ ...event, data: data.value }] }
    : { status: 400, fault: 'the body is not JSON' };
}

/** Section 3.1.3.2: what is no printable ASCII is percent-encoded as UTF-8; a stray percent sign stands for itself. */
function percentDecoded(value: string): string {
  return value.replace(/(?:%[0-9a-f]{2})+/gi, encoded => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}
