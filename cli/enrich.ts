/** `millrace enrich`: what the enrichment says about texts and mails on standard input; no server is needed. */
import { createInterface } from 'node:readline';
import { parseMail } from '../ingest/parse/mail.ts';
import { parseJson } from '../lib/json.ts';
import { enrichMail, enrichText } from '../processors/mail/index.ts';

const owner = { organization_id: 'local', mailbox: '', owner_id: '', team_id: '' };
const sniffed_bytes = 1;

/** Answers one JSON value a line of NDJSON, or one for a raw mail. Bad input is an answer with `error`, never an end. */
export async function* enrich(input: NodeJS.ReadableStream): AsyncGenerator<unknown> {
  const { first, rest } = await peekFirst(input);
  if (first.trimStart().startsWith('{')) {
    for await (const line of createInterface({ input: rest, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.trim() !== '') yield await enrichLine(line);
    }
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of rest) chunks.push(Buffer.from(chunk as Buffer));
  yield await enrichRaw(Buffer.concat(chunks));
}

async function enrichLine(line: string): Promise<unknown> {
  const parsed = parseJson(line);
  if ('error' in parsed) return { error: parsed.error };
  const { text, mail, mail_base64 } = (parsed.value ?? {}) as Record<string, unknown>;
  if (typeof text === 'string') return enrichText(text);
  if (typeof mail === 'string') return enrichRaw(Buffer.from(mail));
  if (typeof mail_base64 === 'string') return enrichRaw(Buffer.from(mail_base64, 'base64'));
  return { error: 'a line is {"text": …}, {"mail": "raw"} or {"mail_base64": …}' };
}

async function enrichRaw(bytes: Buffer): Promise<unknown> {
  const parsed = await parseMail(bytes, { ...owner, now_ms: Date.now() });
  if (parsed.reject) return { error: parsed.reject.message, cause: parsed.reject.cause };
  const { email } = parsed;
  return {
    message_id: email.message_id,
    subject: email.subject,
    reply_text: email.text,
    ...enrichMail(email, { domains: [], addresses: [] }),
  };
}

async function peekFirst(input: NodeJS.ReadableStream): Promise<{ first: string; rest: NodeJS.ReadableStream }> {
  const { Readable } = await import('node:stream');
  const iterator = (input as AsyncIterable<Buffer | string>)[Symbol.asyncIterator]();
  const head: Buffer[] = [];
  let size = 0;
  while (size < sniffed_bytes) {
    const next = await iterator.next();
    if (next.done) break;
    const chunk = Buffer.from(next.value as Buffer);
    head.push(chunk);
    size += chunk.length;
  }
  async function* all(): AsyncGenerator<Buffer> {
    yield* head;
    for (let next = await iterator.next(); !next.done; next = await iterator.next())
      yield Buffer.from(next.value as Buffer);
  }
  return { first: Buffer.concat(head).toString('latin1'), rest: Readable.from(all()) };
}
