/** Lines of a text stream (NDJSON), one at a time, in constant memory. */
import { BoundedBytes, type Item, type Sink } from './bounded.ts';
import { untilFault } from './bytes.ts';

export interface LinesOptions {
  /** Receives the bytes of a line beyond `line_bytes_max`, its line feed included. */
  oversize: () => Sink;
  /** Default 1 MiB, the broker's own limit for a record. */
  line_bytes_max?: number;
  /** Where a line ends in a chunk, from an offset on, -1 where it goes on; a line feed unless given. */
  endIn?: (chunk: Buffer, from: number) => number;
  /** Offset of the stream's first byte; it must be an earlier item's `end`. Default 0. */
  start?: number;
}

export const default_line_bytes_max = 1024 * 1024;

const newline = 0x0a;
const carriage_return = 0x0d;
const byte_order_mark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Yields every line that is not blank, without its line end and without a byte order mark at the file's beginning;
 * then throws what the stream threw. Where that is an `InputError`, the line it cut is yielded first, marked
 * `truncated`.
 */
export async function* readLines(source: AsyncIterable<Buffer>, options: LinesOptions): AsyncGenerator<Item> {
  const line = new BoundedBytes(options.line_bytes_max ?? default_line_bytes_max, options.oversize);
  const endIn = options.endIn ?? ((chunk: Buffer, from: number) => chunk.indexOf(newline, from));
  const input = untilFault(source);
  let chunkOffset = options.start ?? 0;
  let start = chunkOffset;

  async function close(end: number, truncated = false): Promise<Item | null> {
    const item = await line.take({ start, end, truncated }, bytes => trimmed(bytes, start === 0));
    start = end;
    return !item.oversize && isBlank(item.bytes) ? null : item;
  }

  try {
    for await (const chunk of input.bytes) {
      let read = 0;
      for (let at = endIn(chunk, 0); at >= 0; at = endIn(chunk, read)) {
        await line.add(chunk.subarray(read, at + 1));
        read = at + 1;
        const item = await close(chunkOffset + read);
        if (item !== null) yield item;
      }
      await line.add(chunk.subarray(read));
      chunkOffset += chunk.length;
    }
    const item = await close(chunkOffset, input.fault() !== null);
    if (item !== null) yield item;
  } finally {
    await line.drop();
  }
  input.rethrow();
}

function trimmed(bytes: Buffer, isFirst: boolean): Buffer {
  let end = bytes.length;
  if (bytes[end - 1] === newline) end--;
  if (bytes[end - 1] === carriage_return) end--;
  const hasMark = isFirst && bytes.subarray(0, 3).equals(byte_order_mark);
  return bytes.subarray(hasMark ? 3 : 0, end);
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every(byte => byte === 0x20 || byte === 0x09 || byte === carriage_return);
}
