/**
 * Mails parsed in threads, so that an import uses the machine's cores and the listener beside it goes on answering. What is
 * asked for in one turn goes to one thread as one message: a message costs as much as parsing a small mail.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Tinypool } from 'tinypool';
import { type MailContext, type ParsedMail, parseMail } from './parse/mail.ts';
import type { ParseTask } from './parse-worker.ts';

const batch_mails_max = 32;
const batch_bytes_max = 1024 * 1024;
const thread_idle_ms_max = 10_000;
/** A hostile mail must not take the process's memory with it; parsing needs a small multiple of the largest mail. */
const thread_heap_megabytes_max = 1024;

interface Waiting {
  readonly bytes: Buffer;
  readonly context: MailContext;
  resolve(parsed: ParsedMail): void;
  reject(error: unknown): void;
}

// Threads load compiled code alone; from its source, as unit tests run it, this parses where it is called.
const compiled = import.meta.url.endsWith('.js');
let pool: Tinypool | null = null;
let waiting: Waiting[] = [];
let waiting_bytes = 0;

export function parseInPool(bytes: Buffer, context: MailContext): Promise<ParsedMail> {
  if (!compiled) return parseMail(bytes, context);
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
    .then(parsed => {
      for (const [i, one] of (parsed as ParsedMail[]).entries()) batch[i]?.resolve(one);
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

function openPool(): Tinypool {
  return new Tinypool({
    filename: fileURLToPath(new URL('./parse-worker.js', import.meta.url)),
    minThreads: 0,
    maxThreads: availableParallelism(),
    idleTimeout: thread_idle_ms_max,
    resourceLimits: { maxOldGenerationSizeMb: thread_heap_megabytes_max },
  });
}
