/** A request's body: its codings taken off, bounded, read whole or to a file. */
import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { PassThrough, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { refusal } from './errors.ts';
import { BlockReader } from './framing.ts';

/** A statement held in memory, in bytes. Data belongs in the body of a request whose statement is in the URL. */
export const statement_bytes_max = 16 * 1024 * 1024;
/** The data of one INSERT on disk, in bytes. */
export const insert_bytes_max = 2 * 1024 * 1024 * 1024;

/** What Node cannot decompress and the engine can; the names are the engine's own. */
const ENGINE_CODINGS = ['zstd', 'lz4', 'xz', 'bz2'] as const;
export type EngineCoding = (typeof ENGINE_CODINGS)[number];

export interface Body {
  stream: Readable;
  /** What is left for the engine to take off, known once the stream has ended. */
  coding(): EngineCoding | null;
}

/**
 * @param framed in ClickHouse's own blocks (`decompress=1`)
 * @throws ClickHouseError 48 or 89
 */
export function bodyOf(request: IncomingMessage, framed: boolean): Body {
  const encoding = (request.headers['content-encoding'] ?? '').toLowerCase();
  const coding = ENGINE_CODINGS.find(known => known === encoding) ?? null;
  const stream = coding ? piped(request, new PassThrough()) : decoded(request, encoding);
  if (!framed) return { stream, coding: () => coding };
  if (coding) throw refusal('NOT_IMPLEMENTED', `decompress=1 together with Content-Encoding ${encoding}`);
  const reader = new BlockReader();
  // Its errors are the pipeline's; a reader that fails must end what feeds it.
  pipeline(stream, reader).catch(() => {});
  return { stream: reader, coding: () => (reader.zstd ? 'zstd' : null) };
}

export interface WholeBody {
  bytes: Buffer;
  coding: EngineCoding | null;
}

/** @throws ClickHouseError 307 beyond `statement_bytes_max` */
export async function readBody(body: Body): Promise<WholeBody> {
  const chunks: Buffer[] = [];
  await pipeline(body.stream, limit(statement_bytes_max), async source => {
    for await (const chunk of source) chunks.push(chunk as Buffer);
  });
  return { bytes: Buffer.concat(chunks), coding: body.coding() };
}

/** Writes `head` and what follows it in the body to a new file, and says what the engine has to take off it. */
export async function spoolData(head: Buffer, body: Body | null, path: string): Promise<EngineCoding | null> {
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  if (head.length > 0) file.write(head);
  await pipeline(body?.stream ?? Readable.from([]), limit(insert_bytes_max), file);
  const coding = body?.coding() ?? null;
  if (coding && head.length > 0) throw refusal('NOT_IMPLEMENTED', `Data in the URL before a body in ${coding}`);
  return coding;
}

function decoded(request: IncomingMessage, encoding: string): Readable {
  // Even as it is, the body goes through a stream of its own: a limit that ends the request itself ends its answer too.
  if (encoding === '' || encoding === 'identity') return piped(request, new PassThrough());
  const decoders = { gzip: createGunzip, 'x-gzip': createGunzip, deflate: createInflate, br: createBrotliDecompress };
  const create = decoders[encoding as keyof typeof decoders];
  if (!create) throw refusal('UNKNOWN_COMPRESSION_METHOD', `Unknown Content-Encoding ${encoding.slice(0, 20)}`);
  return piped(request, create());
}

/** A body that breaks off must not pass for a complete one. */
function piped<T extends Transform>(request: IncomingMessage, decoder: T): T {
  request.once('error', error => decoder.destroy(error));
  return request.pipe(decoder);
}

function limit(bytes_max: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > bytes_max) done(refusal('TOO_MANY_BYTES', `The request's body is larger than ${bytes_max} bytes`));
      else done(null, chunk);
    },
  });
}
