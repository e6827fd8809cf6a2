/** Bytes of one record while they arrive: held up to a limit, beyond it handed on and never held. */

/** Where an oversize record's bytes go; the content store's writer is one. */
export interface Sink {
  write(chunk: Uint8Array): Promise<void>;
  end(): Promise<{ sha256: string; size_bytes: number }>;
  abort(): Promise<void>;
}

/** A record of a source. `start` and `end` are offsets in the uncompressed stream; `end` is where to resume. */
export interface HeldItem {
  oversize: false;
  bytes: Buffer;
  start: number;
  end: number;
  /** The input ended before the record did, so its bytes may be only the beginning. */
  truncated: boolean;
}

/** A record beyond the limit. Its bytes went to the sink exactly as they stand in the source. */
export interface OversizeItem {
  oversize: true;
  sha256: string;
  size_bytes: number;
  start: number;
  end: number;
  truncated: boolean;
}

export type Item = HeldItem | OversizeItem;

export class BoundedBytes {
  readonly #bytes_max: number;
  readonly #openSink: () => Sink;
  #chunks: Buffer[] = [];
  #size_bytes = 0;
  #sink: Sink | null = null;

  constructor(bytes_max: number, openSink: () => Sink) {
    this.#bytes_max = bytes_max;
    this.#openSink = openSink;
  }

  get size_bytes(): number {
    return this.#size_bytes;
  }

  /** The chunk must not be changed afterwards: it is kept, not copied. */
  async add(chunk: Buffer): Promise<void> {
    if (chunk.length === 0) return;
    this.#size_bytes += chunk.length;
    if (this.#sink === null && this.#size_bytes <= this.#bytes_max) {
      this.#chunks.push(chunk);
      return;
    }
    if (this.#sink === null) {
      this.#sink = this.#openSink();
      const held = this.#chunks;
      this.#chunks = [];
      for (const earlier of held) await this.#sink.write(earlier);
    }
    await this.#sink.write(chunk);
  }

  /** Closes the record and empties the buffer for the next one. `trim` may shorten what was held. */
  async take(
    position: { start: number; end: number; truncated: boolean },
    trim: (bytes: Buffer) => Buffer = bytes => bytes,
  ): Promise<Item> {
    const sink = this.#sink;
    const bytes = sink === null ? Buffer.concat(this.#chunks, this.#size_bytes) : null;
    this.#sink = null;
    this.#chunks = [];
    this.#size_bytes = 0;
    if (sink !== null) return { oversize: true, ...(await sink.end()), ...position };
    return { oversize: false, bytes: trim(bytes ?? Buffer.alloc(0)), ...position };
  }

  /** Lets go of everything; for a reader that stops early. */
  async drop(): Promise<void> {
    const sink = this.#sink;
    this.#sink = null;
    this.#chunks = [];
    this.#size_bytes = 0;
    await sink?.abort();
  }
}
