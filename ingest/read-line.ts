/** From one line, of NDJSON or of a CSV file, to a record in the topics. */
import type { Emitted, Emitter } from '../lib/connector.ts';
import type { Rejection } from '../lib/dead-letter.ts';
import type { Json } from '../lib/json.ts';
import type { Draft } from '../lib/lineage.ts';
import type { Store } from '../lib/store.ts';
import type { CrmChanged, EventReceived, Owner } from '../schemas/generated.ts';
import { topics } from '../schemas/topics.ts';
import type { HeldItem, Item } from './parse/bounded.ts';
import { type ParsedLine, parseLine } from './parse/line.ts';
import { hand, type ReadMail, readMail } from './read-mail.ts';

export type ReadLine = { change: Draft<CrmChanged> } | { event: Draft<EventReceived> } | { mail: ReadMail } | Rejected;

interface Rejected {
  rejection: Rejection;
  original: Uint8Array | { sha256: string; size_bytes: number };
}

export async function readLine(item: Item, owner: Owner, store: Store, now_ms: number): Promise<ReadLine> {
  const held = heldOf(item, 'line');
  if ('rejection' in held) return held;
  return recordOf(parseLine(held.bytes, owner, now_ms), held, owner, store, now_ms);
}

/** The bytes of a line that came whole; `what` names a line to people. */
export function heldOf(item: Item, what: string): HeldItem | Rejected {
  if (item.oversize) {
    const message = `the ${what} has ${item.size_bytes} bytes, more than is accepted`;
    return { rejection: { cause: 'too-large', message }, original: item };
  }
  if (!item.truncated) return item;
  return { rejection: { cause: 'truncated', message: `the input ends inside this ${what}` }, original: item.bytes };
}

export async function recordOf(
  parsed: ParsedLine,
  held: HeldItem,
  owner: Owner,
  store: Pick<Store, 'put'>,
  now_ms: number,
): Promise<ReadLine> {
  if ('reject' in parsed) return { rejection: parsed.reject, original: held.bytes };
  if (parsed.kind === 'mail') return { mail: await readMail({ ...held, bytes: parsed.bytes }, owner, store, now_ms) };
  return parsed.kind === 'crm' ? { change: parsed.change } : { event: parsed.event };
}

export function handLine(emitter: Emitter, line: ReadLine, position: Json): Promise<Emitted> {
  if ('change' in line) return emitter.emit(topics.crmChanged, line.change, position);
  if ('event' in line) return emitter.emit(topics.eventReceived, line.event, position);
  if ('mail' in line) return hand(emitter, line.mail, position);
  return emitter.reject(line.original, line.rejection, position);
}
