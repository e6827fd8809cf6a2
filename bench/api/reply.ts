/** Where an HTTP/1.1 reply ends: all that a load generator has to know of it beside its status. */
export class ReplyReader {
  status = 0;
  /** So far; without the framing of chunks. */
  body_bytes = 0;
  /** Of a head or a chunk's line that has not come whole. */
  #begun = '';
  #state: 'head' | 'body' | 'chunks' | 'last line' | 'end' = 'head';
  /** Of the body or of the present chunk, its line break included, still to come. */
  #rest = 0;

  /** True once the reply is whole. Throws where it is none, or where more follows: replies are asked for one at a time. */
  push(bytes: Buffer): boolean {
    let at = this.#state === 'head' ? this.#head(bytes) : 0;
    if (this.#state === 'body') at = this.#skip(bytes, at);
    else if (this.#state !== 'head') at = this.#chunks(bytes, at);
    if (this.#state === 'body' && this.#rest === 0) this.#state = 'end';
    if (at < bytes.length) throw new Error('bytes follow the reply');
    return this.#state === 'end';
  }

  /** For the next reply of the connection. */
  reset(): void {
    this.status = 0;
    this.body_bytes = 0;
    this.#begun = '';
    this.#state = 'head';
    this.#rest = 0;
  }

  #head(bytes: Buffer): number {
    const earlier = this.#begun.length;
    const head = this.#begun + bytes.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    this.#begun = end === -1 ? head : '';
    if (end === -1) return bytes.length;
    this.status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? Number.NaN);
    if (Number.isNaN(this.status)) throw new Error(`not a reply: ${head.slice(0, 40)}`);
    const chunked = /\r\ntransfer-encoding: *chunked\r\n/i.test(head.slice(0, end + 2));
    const length = Number(/\r\ncontent-length: *(\d+)\r\n/i.exec(head.slice(0, end + 2))?.[1] ?? 0);
    const none = this.status === 304 || this.status === 204;
    this.#state = chunked && !none ? 'chunks' : 'body';
    this.#rest = none || chunked ? 0 : length;
    this.body_bytes = this.#rest;
    return end + 4 - earlier;
  }

  #skip(bytes: Buffer, at: number): number {
    const taken = Math.min(this.#rest, bytes.length - at);
    this.#rest -= taken;
    return at + taken;
  }

  #chunks(bytes: Buffer, from: number): number {
    let at = this.#skip(bytes, from);
    while (at < bytes.length && this.#state !== 'end') {
      const end = bytes.indexOf(0x0a, at);
      const line = this.#begun + bytes.toString('latin1', at, end === -1 ? bytes.length : end);
      this.#begun = end === -1 ? line : '';
      if (end === -1) return bytes.length;
      at = this.#chunk(line.trimEnd(), bytes, end + 1);
    }
    return at;
  }

  #chunk(line: string, bytes: Buffer, at: number): number {
    if (this.#state === 'last line') {
      if (line !== '') throw new Error('trailers are not read here');
      this.#state = 'end';
      return at;
    }
    const size = Number.parseInt(line, 16);
    if (Number.isNaN(size)) throw new Error(`not the length of a chunk: ${line}`);
    this.body_bytes += size;
    if (size === 0) this.#state = 'last line';
    else this.#rest = size + 2;
    return this.#skip(bytes, at);
  }
}
