/** Writing an answer the way ClickHouse's HTTP interface does. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Transform, type Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type { Gzip } from 'node:zlib';
import { Blocks, zstdStored } from './blocks.ts';
import type { RunningQuery, Stats } from './engine.ts';
import { type EngineFault, exceptionBlock, faultOf } from './errors.ts';
import { BlockWriter } from './framing.ts';
import { createPacker, type Packing } from './packing.ts';

/**
 * What is held back before the status line goes out, in bytes: a fault found within it still gets a status of its own,
 * and a whole answer within it carries its summary.
 */
const held_bytes_max = 256 * 1024;
/** The same where the client asks to wait for the end. */
const held_waiting_bytes_max = 16 * 1024 * 1024;
export const display_name = 'millrace-embedded';
const flush_poll_ms = 5;
/** How long a client has to read what came before a break, and where it has to decompress it first. */
const read_pause_ms = 50;
const decode_pause_ms = 300;

export interface ReplyHeaders {
  query_id: string;
  timezone: string;
  format: string;
  packing: Packing;
  wait_end_of_query: boolean;
  /** `send_progress_in_http_headers`: told once, with the status line, when all of it is known that will be. */
  progress: boolean;
}

/** A command's summary; `written_rows` where the engine counted them. */
export type Summary = Stats & { written_rows?: number };

export class Reply {
  private readonly response: ServerResponse;
  private readonly headers: ReplyHeaders;
  private readonly tag = randomUUID().replaceAll('-', '').slice(0, 16);
  /** What is written goes through a packer, or straight out. */
  private body: ServerResponse | Transform | null = null;
  /** The rows come packed from the engine. */
  private packed = false;
  /** Aborted when the client goes away before the answer is whole. */
  private readonly gone = new AbortController();

  constructor(response: ServerResponse, headers: ReplyHeaders) {
    this.response = response;
    this.headers = headers;
    response.once('close', () => this.gone.abort());
  }

  /** Sends the rows as they come. A fault after the first of them ends the body with ClickHouse's exception block. */
  async rows(query: RunningQuery): Promise<void> {
    query.done.catch(() => {});
    this.gone.signal.addEventListener('abort', query.cancel, { once: true });
    if (this.gone.signal.aborted) query.cancel();
    try {
      await this.copy(query);
    } catch (error) {
      query.rows.destroy();
      await this.sent();
      this.fail(faultOf(error));
    } finally {
      this.gone.signal.removeEventListener('abort', query.cancel);
    }
  }

  /**
   * Clients look for the exception block in what one read gives them, and one that straddles two is not understood. So
   * what came before goes out first, and the client gets a moment to read it.
   */
  private async sent(): Promise<void> {
    if (!this.body) return;
    if (this.body instanceof Blocks) this.body.cut();
    else if (this.body !== this.response) await this.flushed(this.body as Gzip);
    while (this.response.writableLength > 0 && !this.gone.signal.aborted) await wait(flush_poll_ms);
    await wait(read_pause_ms);
  }

  private flushed(packer: Gzip): Promise<void> {
    return new Promise(resolve => {
      packer.flush(() => resolve());
      this.gone.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  whole(rows: Uint8Array, summary: Summary): void {
    this.start(summary).end(rows);
  }

  fail(fault: EngineFault): void {
    if (this.body) {
      this.breakOff(this.body, exceptionBlock(fault.text, this.tag));
      return;
    }
    if (this.response.headersSent || this.response.destroyed) return;
    this.setHeaders();
    this.response.setHeader('X-ClickHouse-Exception-Code', String(fault.code));
    this.response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
    this.response.statusCode = fault.status;
    this.response.end(`${fault.text}\n`);
  }

  /**
   * The connection is cut before the chunk that would end the body, as a server does it: a client that knows nothing of
   * the block must not take what it got for the whole.
   */
  private breakOff(body: ServerResponse | Transform, block: string): void {
    // A break overtakes what the client has not decoded yet.
    const pause_ms = body instanceof Transform ? decode_pause_ms : read_pause_ms;
    const cut = () => void wait(pause_ms).then(() => this.response.socket?.destroySoon());
    if (!(body instanceof Transform)) {
      body.write(this.packed ? zstdStored(Buffer.from(block)) : block, cut);
      return;
    }
    body.unpipe(this.response);
    if (body instanceof BlockWriter) body.endPlainly(block);
    else body.end(block);
    body
      .on('data', chunk => this.response.write(chunk))
      .once('end', cut)
      .resume();
  }

  private async copy(query: RunningQuery): Promise<void> {
    const held_max = this.headers.wait_end_of_query ? held_waiting_bytes_max : held_bytes_max;
    let held: Buffer[] = [];
    let held_bytes = 0;
    this.packed = query.packed;
    for await (const chunk of query.rows as AsyncIterable<Buffer>) {
      if (this.body) {
        await this.write(this.body, chunk);
        continue;
      }
      held.push(chunk);
      held_bytes += chunk.length;
      if (held_bytes <= held_max) continue;
      await this.write(this.start(null), Buffer.concat(held));
      held = [];
    }
    const stats = await query.done;
    const body = this.body ?? this.start(stats);
    body.end(Buffer.concat(held));
  }

  private async write(body: Writable, chunk: Buffer): Promise<void> {
    if (!body.write(chunk)) await once(body, 'drain', { signal: this.gone.signal });
  }

  private start(summary: Summary | null): ServerResponse | Transform {
    this.setHeaders();
    if (summary) {
      const counts = JSON.stringify(summaryOf(summary));
      this.response.setHeader('X-ClickHouse-Summary', counts);
      if (this.headers.progress) this.response.setHeader('X-ClickHouse-Progress', counts);
    }
    this.response.setHeader('X-ClickHouse-Exception-Tag', this.tag);
    this.response.setHeader('Content-Type', contentTypeOf(this.headers.format));
    this.body = this.packer() ?? this.response;
    return this.body;
  }

  private packer(): Transform | null {
    const { packing } = this.headers;
    if (packing !== 'none' && packing !== 'blocks') this.response.setHeader('Content-Encoding', packing);
    const packer = this.packed ? null : createPacker(packing);
    if (!packer) return null;
    packer.on('error', () => {});
    this.response.once('close', () => packer.destroy());
    packer.pipe(this.response);
    return packer;
  }

  private setHeaders(): void {
    const { query_id, timezone, format } = this.headers;
    this.response.setHeader('X-ClickHouse-Server-Display-Name', display_name);
    this.response.setHeader('X-ClickHouse-Query-Id', query_id);
    this.response.setHeader('X-ClickHouse-Timezone', timezone);
    this.response.setHeader('X-ClickHouse-Format', format);
  }
}

/** Numbers as strings, as ClickHouse sends them; a count the engine did not give is left out. */
function summaryOf({ elapsed_ns, read_rows, read_bytes, written_rows }: Summary): Record<string, string> {
  const counts = { read_rows, read_bytes, written_rows, elapsed_ns };
  const known = Object.entries(counts).filter(([, count]) => count !== undefined);
  return Object.fromEntries(known.map(([name, count]) => [name, String(count)]));
}

function contentTypeOf(format: string): string {
  if (/^JSON.*EachRow|^NDJSON|^JSONLines/.test(format)) return 'application/x-ndjson; charset=UTF-8';
  if (format.startsWith('JSON')) return 'application/json; charset=UTF-8';
  if (format.startsWith('TabSeparated') || format.startsWith('TSV')) return 'text/tab-separated-values; charset=UTF-8';
  if (format.startsWith('CSV')) return 'text/csv; charset=UTF-8; header=absent';
  return /^(Pretty|Vertical|Values|Markdown)/.test(format) ? 'text/plain; charset=UTF-8' : 'application/octet-stream';
}
