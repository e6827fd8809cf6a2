/** A file or stream as bytes: gunzipped where it is gzip, from any offset, in constant memory. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip, type Gunzip } from 'node:zlib';

export type InputFault = 'truncated' | 'corrupt';

/**
 * The input is damaged from here on. What could be read was yielded before this was thrown, so a reader finishes the
 * record it has and reports the fault.
 */
export class InputError extends Error {
  readonly code: InputFault;
  readonly retryable = false;

  constructor(code: InputFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'InputError';
    this.code = code;
  }
}

const read_bytes = 256 * 1024;
/** Deflate expands at most about 1,032 times, so one piece gives at most 16 MiB. */
const gzip_piece_bytes = 16 * 1024;

export interface ReadOptions {
  /** Offset in the uncompressed bytes to begin at; default 0. */
  skip_bytes?: number;
}

/** Throws what opening and reading a file throws (`ENOENT`, `EISDIR`, …) and `InputError`. */
export async function* readFileBytes(path: string, { skip_bytes = 0 }: ReadOptions = {}): AsyncGenerator<Buffer> {
  // A plain file is entered at the offset; gzip must be unpacked up to there.
  const start = skip_bytes > 0 && !(await isGzipFile(path)) ? skip_bytes : 0;
  const file = createReadStream(path, { highWaterMark: read_bytes, start });
  yield* start > 0 ? toBuffers(file) : readBytes(file, { skip_bytes });
}

/** The first bytes of a file, gunzipped. Throws like `readFileBytes`. */
export async function headOf(path: string, head_bytes: number): Promise<Buffer> {
  const { head, rest } = await peek(readFileBytes(path), head_bytes);
  await rest.return(undefined);
  return head.subarray(0, head_bytes);
}

async function isGzipFile(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(3), 0, 3, 0);
    return isGzip(buffer);
  } finally {
    await file.close();
  }
}

function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b && head[2] === 0x08;
}

/** The bytes of any stream, gunzipped where they begin with gzip's magic. */
export async function* readBytes(
  input: AsyncIterable<Uint8Array | string>,
  { skip_bytes = 0 }: ReadOptions = {},
): AsyncGenerator<Buffer> {
  const { head, rest } = await peek(toBuffers(input), 3);
  let left = skip_bytes;
  for await (const chunk of isGzip(head) ? gunzip(rest) : rest) {
    if (left >= chunk.length) left -= chunk.length;
    else {
      yield left === 0 ? chunk : chunk.subarray(left);
      left = 0;
    }
  }
}

/** Reads at least `head_bytes` (or all there is) and gives them back, with the whole stream still to be read. */
export async function peek(
  input: AsyncIterable<Buffer>,
  head_bytes: number,
): Promise<{ head: Buffer; rest: AsyncGenerator<Buffer> }> {
  const iterator = input[Symbol.asyncIterator]();
  const chunks: Buffer[] = [];
  let size_bytes = 0;
  let fault: unknown = null;
  while (size_bytes < head_bytes) {
    try {
      const next = await iterator.next();
      if (next.done) break;
      chunks.push(next.value);
      size_bytes += next.value.length;
    } catch (error) {
      // Thrown to whoever reads on, after the bytes that came before it.
      fault = error ?? new Error('the input failed');
      break;
    }
  }

  async function* rest(): AsyncGenerator<Buffer> {
    try {
      yield* chunks;
      if (fault !== null) throw fault;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { head: Buffer.concat(chunks, size_bytes), rest: rest() };
}

async function* toBuffers(input: AsyncIterable<Uint8Array | string>): AsyncGenerator<Buffer> {
  for await (const chunk of input) {
    if (typeof chunk === 'string') yield Buffer.from(chunk);
    else yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
}

/**
 * Piece by piece rather than by pipe: a stream that fails throws away what it had buffered, and a truncated file's
 * last good mails would go with it.
 */
async function* gunzip(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const stream = createGunzip({ chunkSize: 64 * 1024 });
  const output: Buffer[] = [];
  const state: { ended: boolean; failure: NodeJS.ErrnoException | null } = { ended: false, failure: null };
  stream.on('data', (chunk: Buffer) => output.push(chunk));
  stream.on('end', () => {
    state.ended = true;
  });
  stream.on('error', error => {
    state.failure ??= error;
  });
  const running = () => !state.ended && state.failure === null;
  try {
    for await (const chunk of input) {
      for (let at = 0; at < chunk.length && running(); at += gzip_piece_bytes) {
        await writePiece(stream, chunk.subarray(at, at + gzip_piece_bytes));
        yield* output.splice(0);
      }
      if (!running()) break;
    }
    if (running()) await finish(stream);
    yield* output.splice(0);
  } finally {
    stream.destroy();
  }
  if (state.failure !== null) throw gzipFault(state.failure);
}

/** Resolves when the piece is unpacked, or never will be: a stream that fails forgets the callback of its write. */
function writePiece(stream: Gunzip, piece: Buffer): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      stream.off('close', done);
      resolve();
    };
    stream.once('close', done);
    stream.write(piece, done);
  });
}

async function finish(stream: Gunzip): Promise<void> {
  const closed = new Promise<void>(resolve => stream.once('close', resolve));
  stream.end();
  await closed;
}

function gzipFault(cause: NodeJS.ErrnoException): InputError {
  if (cause.code === 'Z_BUF_ERROR') return new InputError('truncated', 'the gzip data ends too early', { cause });
  return new InputError('corrupt', `the gzip data is damaged: ${cause.message}`, { cause });
}

/**
 * Ends the stream where the input turns out damaged, so that a reader can finish the record it has and then
 * `rethrow`. Any other error passes.
 */
export function untilFault(source: AsyncIterable<Buffer>): {
  bytes: AsyncGenerator<Buffer>;
  fault(): InputError | null;
  rethrow(): void;
} {
  let fault: InputError | null = null;
  async function* bytes(): AsyncGenerator<Buffer> {
    try {
      yield* source;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      fault = error;
    }
  }
  return {
    bytes: bytes(),
    fault: () => fault,
    rethrow() {
      if (fault !== null) throw fault;
    },
  };
}
