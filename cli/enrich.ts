/** `millrace enrich`: what the enrichment says about texts and mails, on standard input or in files; no server is needed. */

import type { Item, Sink } from '../ingest/parse/bounded.ts';
import { peek, readBytes, readFileBytes } from '../ingest/parse/bytes.ts';
import { readEml } from '../ingest/parse/eml.ts';
import { readLines } from '../ingest/parse/lines.ts';
import { parseMail } from '../ingest/parse/mail.ts';
import { readMbox } from '../ingest/parse/mbox.ts';
import { splitQuotes } from '../ingest/parse/quotes.ts';
import { parseJson } from '../lib/json.ts';
import { enrichMail, enrichText, type TextUnderstanding } from '../processors/mail/index.ts';

const owner = { organization_id: 'local', mailbox: '', owner_id: '', team_id: '' };
/** `From ` tells an mbox, `{` NDJSON; more would keep a pipe's first line waiting. */
const sniffed_bytes = 5;
/** UTF-8's, as Windows begins files with. */
const byte_order_mark = /^\xef\xbb\xbf/;
const line_bytes_max = 35 * 1024 * 1024;

/** Answers one JSON value a line of NDJSON, a mail of an mbox, or a mail that is a file. Bad input is an answer with `error`, never an end. */
export async function* enrich(input: AsyncIterable<Buffer | string>): AsyncGenerator<unknown> {
  const { head, rest } = await peek(readBytes(input), sniffed_bytes);
  const first = head.toString('latin1').replace(byte_order_mark, '').trimStart();
  if (first.startsWith('{')) yield* answers(readLines(rest, { oversize, line_bytes_max }), enrichLine);
  else if (head.toString('latin1', 0, sniffed_bytes) === 'From ')
    yield* answers(readMbox(rest, { oversize }), enrichRaw);
  else yield* answers(readEml(rest, { oversize }), enrichRaw);
}

/** As `enrich`, of each file; an answer names its file. What cannot be opened is an answer with `error`. */
export async function* enrichFiles(paths: readonly string[]): AsyncGenerator<unknown> {
  for (const file of paths) {
    try {
      for await (const answer of enrich(readFileBytes(file))) yield { file, ...(answer as object) };
    } catch (error) {
      yield { file, error: error instanceof Error ? error.message : String(error) };
    }
  }
}

async function* answers(
  items: AsyncIterable<Item>,
  answer: (bytes: Buffer) => Promise<unknown>,
): AsyncGenerator<unknown> {
  for await (const item of items) {
    if (item.oversize) yield { error: `${item.size_bytes} bytes are more than a record may have`, cause: 'oversize' };
    else yield await answer(item.bytes);
  }
}

/** Counts what is too large and lets go of it. */
function oversize(): Sink {
  let size_bytes = 0;
  return {
    write: chunk => {
      size_bytes += chunk.length;
      return Promise.resolve();
    },
    end: () => Promise.resolve({ sha256: '', size_bytes }),
    abort: () => Promise.resolve(),
  };
}

async function enrichLine(line: Buffer): Promise<unknown> {
  const parsed = parseJson(line.toString('utf8'));
  if ('error' in parsed) return { error: parsed.error };
  const { text, mail, mail_base64 } = (parsed.value ?? {}) as Record<string, unknown>;
  if (typeof text === 'string') {
    const { own, quoted } = splitQuotes(text);
    const reply_text = own === '' || quoted === '' ? text : own;
    return { ...answerOf(enrichText(reply_text)), reply_text };
  }
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
    ...answerOf(enrichMail(email, { domains: [], addresses: [] })),
    reply_text: email.text,
  };
}

function answerOf<T extends TextUnderstanding>({ models, ...said }: T): object {
  return { ...said, model_versions: models };
}
