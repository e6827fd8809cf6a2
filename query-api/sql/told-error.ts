/**
 * What a caller who is limited to some rows is told of the engine's error.
 *
 * Its text may name other people's tables ("Maybe you meant other.table?"), and quote the view that it was in ("In scope SELECT …
 * WHERE mailbox IN (…)"). What is true of an answer that begins as an error is true of no other: once rows have come, the
 * statement was understood.
 */
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type { Reply } from '../../lib/http.ts';

const error_bytes_max = 1_048_576;
const details =
  /[.:,;]? *\b(?:Maybe you meant|In scope|in scope|In query|in query|[Ww]hile executing|While processing)\b/;
/** The code's name, with which a text ends. */
const ending = /\. \([A-Z_0-9]+\)(?: \(version [^)]*\))?\s*$/;

export async function withoutDetails(reply: Reply): Promise<Reply> {
  const { status, headers = {}, body } = reply;
  const code = headers['x-clickhouse-exception-code'];
  if ((status < 400 && code === undefined) || body === undefined) return reply;
  const { 'content-encoding': coding, ...others } = headers;
  const text = decoded(await wholeOf(body), coding);
  const unread = `Code: ${code ?? 0}. DB::Exception: The query failed. (UNKNOWN_EXCEPTION)\n`;
  return { status, headers: others, body: text?.startsWith('Code: ') ? shortened(text) : unread };
}

/** Without what it tells of what is behind the caller's views. */
export function shortened(text: string): string {
  const at = text.search(details);
  return at < 0 ? text : `${text.slice(0, at)}${ending.exec(text)?.[0] ?? '\n'}`;
}

async function wholeOf(body: NonNullable<Reply['body']>): Promise<Buffer> {
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > error_bytes_max) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** null where it cannot be read. */
function decoded(bytes: Buffer, coding = 'identity'): string | null {
  const options = { maxOutputLength: error_bytes_max };
  const decoders: Readonly<Record<string, () => Buffer>> = {
    identity: () => bytes,
    gzip: () => gunzipSync(bytes, options),
    deflate: () => inflateSync(bytes, options),
    br: () => brotliDecompressSync(bytes, options),
  };
  try {
    return decoders[coding]?.().toString() ?? null;
  } catch {
    return null;
  }
}
