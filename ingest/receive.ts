/** Events and webhooks over HTTP: each is in Kafka, with its number in its source, before it is answered. */
import { readFileSync } from 'node:fs';
import type { Emitted, Emitter, SourceDefinition } from '../lib/connector.ts';
import { MillraceError, messageOf } from '../lib/errors.ts';
import { type HttpRequest, json, jsonBody, Problem, type Reply } from '../lib/http.ts';
import { parseJson } from '../lib/json.ts';
import type { ConnectorRuntime } from '../lib/source-group.ts';
import type { Owner } from '../schemas/generated.ts';
import { submission_source } from '../schemas/submission.ts';
import { linesOf, records_max } from './hooks/map.ts';
import type { HookSettings } from './hooks/settings.ts';
import { type Delivery, verificationFault } from './hooks/verify.ts';
import { cloudEventsOf } from './parse/cloudevents.ts';
import { type ParsedLine, parseObject } from './parse/line.ts';
import { handLine } from './read-line.ts';

export interface Receiver {
  events(request: HttpRequest, owner: Owner): Promise<Reply>;
  /** One change of the CRM, as a line of NDJSON has it. */
  change(request: HttpRequest, owner: Owner): Promise<Reply>;
  hook(request: HttpRequest): Promise<Reply>;
}

export interface ReceiverOptions {
  readonly runtime: Pick<ConnectorRuntime, 'emitter'>;
  readonly hooks: Readonly<Record<string, HookSettings>>;
  /** The organisation of a hook that names none. */
  readonly organization_id: string;
}

/** Kafka is away, or has more to take than it can: the sender is asked to come again. */
const durable_ms_max = 10_000;
const retry_after_seconds = 5;

/** Throws MillraceError `config` where a hook's secret cannot be read. */
export function createReceiver({ runtime, hooks, organization_id }: ReceiverOptions): Receiver {
  const secrets = new Map(Object.entries(hooks).map(([name, hook]) => [name, secretOf(name, hook)]));

  /** Refused events are told, each with its fault; the others are kept. */
  async function events(request: HttpRequest, owner: Owner): Promise<Reply> {
    const found = cloudEventsOf(request.headers, await request.body());
    if ('fault' in found) throw new Problem(found.status, found.fault);
    const now_ms = Date.now();
    const parsed = found.events.map(event => eventOf(event, owner, now_ms));
    const emitter = await runtime.emitter(sourceOf('events', owner, now_ms));
    const kept = await durable(emitAll(emitter, parsed));
    const results = parsed.map((one, i) => ({ id: idOf(found.events[i]), ...(kept[i] ?? refusalOf(one)) }));
    const accepted = kept.filter(one => one !== null).length;
    if (accepted === 0 && results.length > 0) {
      const [first] = results;
      const detail = results.length === 1 && first && 'detail' in first ? first.detail : 'every event was refused';
      throw new Problem(400, detail, { members: { results } });
    }
    return json(200, { accepted, refused: results.length - accepted, results });
  }

  async function change(request: HttpRequest, owner: Owner): Promise<Reply> {
    const now_ms = Date.now();
    const parsed = parseObject(await jsonBody(request), owner, now_ms);
    if (parsed.kind !== 'crm')
      throw new Problem(400, 'reject' in parsed ? parsed.reject.message : 'no change of a CRM');
    const emitter = await runtime.emitter(sourceOf(submission_source, owner, now_ms));
    const [kept] = await durable(emitAll(emitter, [parsed]));
    return json(200, kept);
  }

  /** What is signed and cannot be read is kept, as a dead letter: the sender will not send it again any better. */
  async function hook(request: HttpRequest): Promise<Reply> {
    const name = request.parameters.name ?? '';
    const settings = Object.hasOwn(hooks, name) ? hooks[name] : undefined;
    if (!settings) throw new Problem(404, 'there is no such hook; they are configured as `hooks`');
    const delivery = { headers: request.headers, body: await request.body(), now_ms: Date.now() };
    const fault = verificationFault(settings.verify, secrets.get(name) ?? '', delivery);
    if (fault !== null) throw new Problem(401, fault);
    const owner: Owner = {
      organization_id: settings.organization ?? organization_id,
      mailbox: '',
      owner_id: '',
      team_id: settings.team,
    };
    const parsed = parseDelivery(name, settings, delivery, owner);
    const emitter = await runtime.emitter(sourceOf(`hook:${name}`, owner, delivery.now_ms));
    const kept = await durable(emitAll(emitter, parsed, delivery.body));
    const dead_letters = parsed.filter(one => 'reject' in one).length;
    return json(202, { received: kept.length, dead_letters });
  }

  return { events, change, hook };
}

export function parseDelivery(name: string, settings: HookSettings, delivery: Delivery, owner: Owner): ParsedLine[] {
  const body = parseJson(delivery.body.toString());
  if (!('value' in body)) return [{ reject: { cause: 'json', message: 'the body is not JSON' } }];
  const lines = linesOf(name, settings, delivery, body.value);
  if (lines === null) return [{ reject: { cause: 'too-large', message: `more than ${records_max} records` } }];
  return lines.map(line => parseObject(line, owner, delivery.now_ms));
}

interface Kept {
  record_id: string;
  sequence: number;
}

/** Null for what was refused; with `original`, that becomes a dead letter. */
async function emitAll(
  emitter: Emitter,
  parsed: readonly ParsedLine[],
  original: Buffer | null = null,
): Promise<(Kept | null)[]> {
  const emitted: (Emitted | null)[] = [];
  for (const line of parsed) emitted.push(await emitOne(emitter, line, original));
  await Promise.all(emitted.map(one => one?.committed));
  return emitted.map((one, i) => {
    const record_id = recordIdOf(parsed[i]);
    return one && record_id !== null ? { record_id, sequence: one.sequence } : null;
  });
}

async function emitOne(emitter: Emitter, line: ParsedLine, original: Buffer | null): Promise<Emitted | null> {
  if ('reject' in line) return original && handLine(emitter, { rejection: line.reject, original }, null);
  if (line.kind === 'crm') return handLine(emitter, { change: line.change }, null);
  if (line.kind === 'event') return handLine(emitter, { event: line.event }, null);
  return null;
}

function recordIdOf(line: ParsedLine | undefined): string | null {
  if (line?.kind === 'crm') return line.change.change_id;
  return line?.kind === 'event' ? line.event.event_id : null;
}

/** An event and nothing else that a line may be: a mail has a way in of its own. */
export function eventOf(event: unknown, owner: Owner, now_ms: number): ParsedLine {
  const parsed = parseObject(event, owner, now_ms);
  if ('reject' in parsed || parsed.kind === 'event') return parsed;
  return { reject: { cause: 'schema', message: 'specversion: expected "1.0"' } };
}

function refusalOf(line: ParsedLine): { detail: string } {
  return { detail: 'reject' in line ? line.reject.message : 'refused' };
}

function idOf(event: unknown): string | null {
  const id = (event as { id?: unknown } | null)?.id;
  return typeof id === 'string' ? id.slice(0, 200) : null;
}

async function durable<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const headers = { 'retry-after': String(retry_after_seconds) };
    const problem = new Problem(503, 'Kafka does not take it right now; send it again, with the same id', { headers });
    timer = setTimeout(() => reject(problem), durable_ms_max);
  });
  work.catch(() => undefined);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function sourceOf(source: string, { organization_id }: Owner, now_ms: number): SourceDefinition {
  const owner: Owner = { organization_id, mailbox: '', owner_id: '', team_id: '' };
  return { source, connector: 'submission', owner, origin: 'live', config: '{}', created_at_ms: now_ms };
}

function secretOf(name: string, { verify: { secret, secret_file } }: HookSettings): string {
  if (secret_file === undefined) {
    if (secret !== undefined) return secret;
    throw new MillraceError('config', `hooks.${name}.verify: secret or secret_file is missing`);
  }
  try {
    return readFileSync(secret_file, 'utf8').trim();
  } catch (error) {
    throw new MillraceError('config', `hooks.${name}.verify.secret_file: ${messageOf(error)}`);
  }
}
