/** From a webhook's body to the objects that NDJSON lines are: events, or changes in the CRM. */
import { createHash } from 'node:crypto';
import type { HookSettings } from './settings.ts';
import type { Delivery } from './verify.ts';

export const records_max = 1_000;

/**
 * `value` is the parsed body. What does not fit is for the parser of lines to refuse, in its words; null where there are too
 * many records.
 */
export function linesOf(name: string, hook: HookSettings, delivery: Delivery, value: unknown): unknown[] | null {
  const found = hook.each === undefined ? value : at(value, hook.each);
  const records = Array.isArray(found) ? found : [found];
  if (records.length > records_max) return null;
  const delivery_id = deliveryId(hook, delivery, value);
  return records.map((record, i) => {
    // The ids of one delivery's records must differ, and be the same when it is delivered again.
    const id = records.length === 1 ? delivery_id : `${delivery_id}#${i}`;
    return hook.kind === 'event' ? eventLine(name, hook, record, id) : crmLine(hook, record, id);
  });
}

/** Where a sender's own id is, if the settings do not say. */
const id_headers: Partial<Record<HookSettings['verify']['scheme'], string>> = {
  github: 'x-github-delivery',
  shopify: 'x-shopify-webhook-id',
  'standard-webhooks': 'webhook-id',
};

function deliveryId({ id, verify }: HookSettings, { headers, body }: Delivery, value: unknown): string {
  const header = id?.startsWith('header:') ? id.slice('header:'.length).toLowerCase() : id_headers[verify.scheme];
  const path = id?.startsWith('header:') ? undefined : (id ?? (verify.scheme === 'stripe' ? 'id' : undefined));
  const named = path === undefined ? headers.get(header ?? '') : at(value, path);
  if (typeof named === 'string' || typeof named === 'number') return String(named);
  // Without one, the same body again is the same delivery.
  return createHash('sha256').update(body).digest('hex');
}

function eventLine(name: string, { map }: HookSettings, record: unknown, id: string): unknown {
  const { email, type, time, ...rest } = valuesOf(map, record);
  const data = Object.keys(rest).length > 0 ? rest : isObject(record) ? record : { value: record };
  const person = email === undefined ? {} : { subject: String(email) };
  return { specversion: '1.0', id, source: `hook:${name}`, type: type ?? name, ...timeOf(time), ...person, data };
}

function crmLine({ map }: HookSettings, record: unknown, id: string): unknown {
  const { changed_at, amount, id: object_id, ...rest } = valuesOf(map, record);
  return {
    change_id: id,
    ...rest,
    ...(object_id === undefined ? {} : { id: String(object_id) }),
    changed_at: timeOf(changed_at).time,
    ...(amount === undefined ? {} : { amount: Number(amount) }),
    ...(isObject(record) ? { fields: record } : {}),
  };
}

/** Senders write times in ISO 8601, in seconds or in milliseconds since 1970. */
function timeOf(value: unknown): { time?: string } {
  if (typeof value === 'string' && !/^\d+$/.test(value)) return { time: value };
  const number = Number(value);
  if (value === undefined || !Number.isFinite(number)) return {};
  const date = new Date(number < 1e11 ? number * 1000 : number);
  return Number.isNaN(date.getTime()) ? {} : { time: date.toISOString() };
}

function valuesOf(map: HookSettings['map'], record: unknown): Record<string, unknown> {
  const entries = Object.entries(map).map(
    ([field, place]) => [field, typeof place === 'string' ? at(record, place) : place.value] as const,
  );
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== null));
}

/** Own properties alone: a path is configuration, but what it walks through is a stranger's. */
function at(value: unknown, path: string): unknown {
  let found = value;
  for (const name of path.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
