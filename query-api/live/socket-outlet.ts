/** A socket as an outlet: what waits in it stays below a limit. */
import type { Socket } from '../../lib/http-socket.ts';
import type { Outlet } from './outlet.ts';
import { close, encode, type ServerMessage, socketForm } from './protocol.ts';

// A class, whose objects are all of one shape: sending is most of what the process does, and calls on objects of many shapes are slow.
export class SocketOutlet implements Outlet {
  readonly form = socketForm;
  readonly #socket: Socket;
  readonly #limits: { readonly waiting_bytes_max: number };
  readonly #waiting = new Set<() => void>();
  /** What may be sent before the socket has to be asked how much waits in it: asking costs a tenth of a message. */
  #room_bytes = 0;

  constructor(socket: Socket, limits: { readonly waiting_bytes_max: number }) {
    this.#socket = socket;
    this.#limits = limits;
  }

  get open(): boolean {
    return this.#socket.open;
  }

  hasRoom(): boolean {
    if (this.#room_bytes > 0) return this.#socket.open;
    this.#room_bytes = this.#limits.waiting_bytes_max - this.#socket.buffered_bytes();
    return this.#room_bytes > 0 && this.#socket.open;
  }

  room(): Promise<void> {
    return new Promise(resolve => {
      if (!this.open || this.hasRoom()) resolve();
      else this.#waiting.add(resolve);
    });
  }

  send(message: ServerMessage): void {
    this.record(Buffer.from(encode(message)));
  }

  record(message: Buffer): void {
    this.#room_bytes -= message.length;
    // Only beyond a limit far above the one that is held to; a lost message must not pass for a sent one.
    if (!this.#socket.send(message)) this.#socket.close(close.too_many, 'the socket takes too little');
  }

  batch(work: () => void): void {
    this.#room_bytes = 0;
    this.#socket.batch(work);
  }

  /** The client has taken something. Answers whether there is room now. */
  drained(): boolean {
    this.#room_bytes = 0;
    if (!this.hasRoom()) return false;
    this.release();
    return true;
  }

  /** Whoever waits for room goes on. */
  release(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
