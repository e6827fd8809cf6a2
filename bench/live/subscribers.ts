/**
 * Subscribers, many in a process of their own: each counts the messages it gets. A frame is looked at no further than to see
 * that it is a record's; a WebSocket library would cost more than the servers that are measured.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answering } from '../program.ts';
import { quantiles } from '../quantiles.ts';
import { clientFrame, eachFrame, handshake, opcode } from './frames.ts';
import { now_ms, type Pace } from './pace.ts';
import type { Listening } from './server.ts';

export type SubscriberQuestion =
  /** `subscribe` is said once a socket is open, and its answer awaited; null where being connected is enough. */
  | ({ readonly op: 'connect'; readonly sockets: number; readonly subscribe: string | null } & Listening)
  | { readonly op: 'begin'; readonly pace: Pace; readonly warm_up_seconds: number }
  /** Once every socket has got that many. */
  | { readonly op: 'end'; readonly records: number };

export interface Counted {
  /** That all sockets got after the warm-up, within the time of the pace. */
  readonly messages: number;
  /** Milliseconds from when a record was due, of those after the warm-up; NaN where there was no rate. */
  readonly p50_ms: number;
  readonly p99_ms: number;
  /** The first one that this process ever got. */
  readonly first_message: string;
}

interface Counting {
  readonly pace: Pace;
  readonly from_ms: number;
  readonly until_ms: number;
  messages: number;
  /** In no order. */
  readonly late_ms: number[];
}

const read_bytes = 65_536;
const settle_ms_max = 30_000;
const record_begins = Buffer.from('{"id":"1","type":"record",');
const none = Buffer.alloc(0);
// All sockets read into it: what is read is looked at before the next one reads.
const buffer = Buffer.allocUnsafe(read_bytes);

const subscribers: Subscriber[] = [];
let counting: Counting | null = null;
let first_message = '';
let progressed = (): void => undefined;

class Subscriber {
  /** Since the counting began. */
  records = 0;
  readonly ready: Promise<void>;
  readonly #socket: Socket;
  readonly #subscribe: string | null;
  #open = false;
  /** Of a frame that has not come whole. */
  #rest: Buffer = none;
  #isReady = (): void => undefined;

  constructor({ port, path }: Listening, subscribe: string | null) {
    this.#subscribe = subscribe;
    this.ready = new Promise(done => {
      this.#isReady = done;
    });
    this.#socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: {
        buffer,
        callback: bytes => {
          this.#read(buffer.subarray(0, bytes));
          return true;
        },
      },
    });
    this.#socket.once('connect', () => this.#socket.write(handshake(path)));
    this.#socket.once('close', () => {
      throw new Error('the server closed a socket');
    });
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const at_ms = now_ms();
    const taken = this.#open
      ? eachFrame(bytes, (code, start, end) => this.#take(code, bytes.subarray(start, end), at_ms))
      : this.#upgrade(bytes);
    // Copied: the buffer is the next socket's.
    this.#rest = taken === bytes.length ? none : Buffer.from(bytes.subarray(taken));
    if (this.#open && taken > 0) progressed();
  }

  /** The head of the answer alone: the server says more when it is asked to. */
  #upgrade(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n\r\n');
    if (end === -1) return 0;
    if (!bytes.toString('latin1').startsWith('HTTP/1.1 101 ')) throw new Error(bytes.toString('latin1', 0, end));
    this.#open = true;
    if (this.#subscribe === null) this.#isReady();
    else this.#socket.write(clientFrame(opcode.text, this.#subscribe));
    return end + 4;
  }

  #take(code: number, payload: Buffer, at_ms: number): void {
    if (code === opcode.ping) this.#socket.write(clientFrame(opcode.pong));
    else if (code !== opcode.text) throw new Error(`a frame of the kind ${code}`);
    else if (record_begins.compare(payload, 0, record_begins.length) === 0) this.#count(payload, at_ms);
    else this.#hear(JSON.parse(payload.toString()));
  }

  #count(payload: Buffer, at_ms: number): void {
    const n = this.records++;
    if (first_message === '') first_message = payload.toString();
    if (counting === null) throw new Error('a record that nobody has asked for');
    const { pace, from_ms, until_ms } = counting;
    if (at_ms >= from_ms && at_ms < until_ms) counting.messages++;
    if (pace.records_per_second === null) return;
    const due_ms = pace.begin_ms + (n * 1_000) / pace.records_per_second;
    if (due_ms >= from_ms) counting.late_ms.push(at_ms - due_ms);
  }

  #hear({ type }: { type: string }): void {
    if (type === 'subscribed') this.#isReady();
    else if (type !== 'heartbeat') throw new Error(`the feed says ${type}`);
  }
}

async function untilAllGot(records: number): Promise<void> {
  const late = sleep(settle_ms_max, 'late', { ref: false });
  while (subscribers.some(subscriber => subscriber.records < records)) {
    const more = new Promise<void>(done => {
      progressed = done;
    });
    if ((await Promise.race([more, late])) === 'late') throw new Error(`not all of ${records} records have come`);
  }
  const most = Math.max(...subscribers.map(subscriber => subscriber.records));
  if (most > records) throw new Error(`${most} records came of ${records}`);
}

answering(async (question: SubscriberQuestion): Promise<Counted | object> => {
  if (question.op === 'connect') {
    for (let i = 0; i < question.sockets; i++) subscribers.push(new Subscriber(question, question.subscribe));
    await Promise.all(subscribers.map(({ ready }) => ready));
    return {};
  }
  if (question.op === 'begin') {
    const { pace, warm_up_seconds } = question;
    const from_ms = pace.begin_ms + warm_up_seconds * 1_000;
    const until_ms = pace.begin_ms + pace.seconds * 1_000;
    counting = { pace, from_ms, until_ms, messages: 0, late_ms: [] };
    for (const subscriber of subscribers) subscriber.records = 0;
    return {};
  }
  await untilAllGot(question.records);
  const { messages = 0, late_ms = [] } = counting ?? {};
  const { p50, p99 } = quantiles(late_ms, 3);
  return { messages, p50_ms: p50, p99_ms: p99, first_message };
});
