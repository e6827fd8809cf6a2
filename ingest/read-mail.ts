/** From the bytes of one mail to a record in the topics: the part that every mail connector shares. */
import type { Emitted, Emitter } from '../lib/connector.ts';
import type { Rejection } from '../lib/dead-letter.ts';
import type { EncodedDraft } from '../lib/draft.ts';
import type { Json } from '../lib/json.ts';
import type { Store } from '../lib/store.ts';
import type { EmailReceived, Owner } from '../schemas/generated.ts';
import { topics } from '../schemas/topics.ts';
import type { Item } from './parse/bounded.ts';
import type { KeptIn } from './parse/signals.ts';
import { parseInPool } from './parse-pool.ts';

export type ReadMail =
  | { draft: EncodedDraft<EmailReceived> }
  | { rejection: Rejection; original: Uint8Array | { sha256: string; size_bytes: number } };

/** `now_ms` is when it is read; `kept_in` a mailbox that it lay in, whose word on what was done with it counts. Parses, and keeps the original and the attachments in the store: they must be there before the record is. */
export async function readMail(
  item: Item,
  owner: Owner,
  store: Pick<Store, 'put'>,
  now_ms: number,
  kept_in?: KeptIn,
): Promise<ReadMail> {
  if (item.oversize) {
    const message = `the mail has ${item.size_bytes} bytes, more than is accepted`;
    return { rejection: { cause: 'too-large', message }, original: item };
  }
  if (item.truncated) {
    const message = 'the input ends inside this mail';
    return { rejection: { cause: 'truncated', message }, original: item.bytes };
  }
  const parsed = await parseInPool(item.bytes, { ...owner, now_ms, ...(kept_in && { kept_in }) });
  if (parsed.reject) return { rejection: parsed.reject, original: item.bytes };
  const { draft, original_sha256, attachments } = parsed;
  await Promise.all([
    store.put(item.bytes, original_sha256),
    ...attachments.map(({ bytes, sha256 }) => store.put(bytes, sha256)),
  ]);
  return { draft };
}

export function hand(emitter: Emitter, mail: ReadMail, position: Json): Promise<Emitted> {
  if ('draft' in mail) return emitter.emit(topics.emailReceived, mail.draft, position);
  return emitter.reject(mail.original, mail.rejection, position);
}
