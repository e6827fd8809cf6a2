/** From one NDJSON line to a record in the topics. */
import type { Emitted, Emitter } from '../lib/connector.ts';
import type { Rejection } from '../lib/dead-letter.ts';
import type { Json } from '../lib/json.ts';
import type { Draft } from '../lib/lineage.ts';
import type { Store } from '../lib/store.ts';
import type { CrmChanged, EventReceived, Owner } from '../schemas/generated.ts';
import { topics } from '../schemas/topics.ts';
import type { Item } from './parse/bounded.ts';
import { parseLine } from './parse/line.ts';
import { hand, type ReadMail, readMail } from './read-mail.ts';

export type ReadLine =
  | { change: Draft<CrmChanged> }
  | { event: Draft<EventReceived> }
  | { mail: ReadMail }
  | { rejection: Rejection; original: Uint8Array | { sha256: string; size_bytes: number } };

export async function readLine(item: Item, owner: Owner, store: Store, now_ms: number): Promise<ReadLine> {
  if (item.oversize) {
    const message = `the line has ${item.size_bytes} bytes, more than is accepted`;
    return { rejection: { cause: 'too-large', message }, original: item };
  }
  if (item.truncated)
    return { rejection: { cause: 'truncated', message: 'the input ends inside this line' }, original: item.bytes };
  const parsed = parseLine(item.bytes, owner, now_ms);
  if ('reject' in parsed) return { rejection: parsed.reject, original: item.bytes };
  if (parsed.kind === 'crm') return { change: parsed.change };
  if (parsed.kind === 'event') return { event: parsed.event };
  return { mail: await readMail({ ...item, bytes: parsed.bytes }, owner, store, now_ms) };
}

export function handLine(emitter: Emitter, line: ReadLine, position: Json): Promise<Emitted> {
  if ('change' in line) return emitter.emit(topics.crmChanged, line.change, position);
  if ('event' in line) return emitter.emit(topics.eventReceived, line.event, position);
  if ('mail' in line) return hand(emitter, line.mail, position);
  return emitter.reject(line.original, line.rejection, position);
}
