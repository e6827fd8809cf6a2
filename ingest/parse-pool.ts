/**
 * Mails parsed in threads, so that an import uses the machine's cores and the listener beside it goes on answering. What is
 * asked for in one turn goes to one thread as one message: a message costs as much as parsing a small mail.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Tinypool } from 'tinypool';
import { EncodedDraft } from '../lib/draft.ts';
import type { EmailReceived } from '../schemas/generated.ts';
import { type EncodedMail, parseAndEncode } from './parse/encoded.ts';
import type { MailContext } from './parse/mail.ts';
import type { ParseReply, ParseTask } from './parse-worker.ts';

const batch_mails_max = 32;
const batch_bytes_max = 1024 * 1024;
const thread_idle_ms_max = 10_000;
/** A hostile mail must not take the process's memory with it; parsing needs a small multiple of the largest mail. */
const thread_heap_megabytes_max = 1024;
/** What a mail leaves behind is garbage at once; a smaller nursery spends a third of the time moving it about. */
const thread_nursery_megabytes_max = 96;

interface Waiting {
  readonly bytes: Buffer;
  readonly context: MailContext;
  resolve(parsed: EncodedMail): void;
  reject(error: unknown): void;
}

// Threads load compiled code alone; from its source, as unit tests run it, this parses where it is called.
const compiled = import.meta.url.endsWith('.js');
let pool: Tinypool | null = null;
let waiting: Waiting[] = [];
let waiting_bytes = 0;

export function parseInPool(bytes: Buffer, context: MailContext): Promise<EncodedMail> {
  if (!compiled) return parseAndEncode(bytes, context);
  return new Promise((resolve, reject) => {
    if (waiting.length === 0) setImmediate(send);
    waiting.push({ bytes, context, resolve, reject });
    waiting_bytes += bytes.length;
    if (waiting.length >= batch_mails_max || waiting_bytes >= batch_bytes_max) send();
  });
}

function send(): void {
  if (waiting.length === 0) return;
  const batch = waiting;
  waiting = [];
  const task = taskOf(batch, waiting_bytes);
  waiting_bytes = 0;
  pool ??= openPool();
  pool
    .run(task, { transferList: [task.bytes] })
    .then(reply => {
      for (const [i, mail] of mailsOf(reply as ParseReply).entries()) batch[i]?.resolve(mail);
    })
    .catch(error => {
      for (const one of batch) one.reject(error);
    });
}

/** In a buffer of their own, which can be handed over: the mails are views of what was read, and that would go too. */
function taskOf(batch: readonly Waiting[], size: number): ParseTask {
  const bytes = new Uint8Array(size);
  let at = 0;
  const ends = batch.map(one => {
    bytes.set(one.bytes, at);
    at += one.bytes.length;
    return at;
  });
  return { bytes: bytes.buffer, ends, contexts: batch.map(one => one.context) };
}

function mailsOf({ bytes, mails }: ParseReply): EncodedMail[] {
  let at = 0;
  const take = (size: number): Buffer => {
    at += size;
    return Buffer.from(bytes, at - size, size);
  };
  return mails.map(mail => {
    if (mail.reject) return mail;
    const draft = new EncodedDraft<EmailReceived>(mail.key, take(mail.size_bytes));
    const attachments = mail.attachments.map(({ sha256, size_bytes }) => ({ sha256, bytes: take(size_bytes) }));
    return { draft, original_sha256: mail.original_sha256, attachments };
  });
}

function openPool(): Tinypool {
  return new Tinypool({
    filename: fileURLToPath(new URL('./parse-worker.js', import.meta.url)),
    minThreads: 0,
    maxThreads: availableParallelism(),
    idleTimeout: thread_idle_ms_max,
    resourceLimits: {
      maxOldGenerationSizeMb: thread_heap_megabytes_max,
      maxYoungGenerationSizeMb: thread_nursery_megabytes_max,
    },
  });
}
