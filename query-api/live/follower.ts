/**
 * Where a subscription stands in its feed, and what it tells.
 *
 * Whoever follows from the newest record on stands exactly where the ring's entries say, and shares its cohort's messages.
 * Whoever came by a cursor may be ahead in some partitions: it keeps offsets of its own (`own`), by which entries it
 * already has are left out, until the ring has passed them all.
 */

import { type Cohort, messageOf, type Telling } from './cohort.ts';
import { encodeCursor, isAtMost, type Offsets } from './cursor.ts';
import type { Outlet } from './outlet.ts';
import type { FaultCode } from './protocol.ts';
import type { Ring } from './ring.ts';
import type { Told } from './told.ts';

export interface Begun {
  readonly id: string;
  readonly topic: string;
  readonly ring: Ring;
  readonly outlet: Outlet;
  readonly telling: Telling;
  /** Those of the same telling. */
  readonly cohort: Cohort;
}

export class Follower {
  readonly #begun: Begun;
  /** The number of the ring's entry to come; null while catching up. */
  #next: number | null;
  #own: Record<number, number> | null;
  /** Where it stands while it has no offsets of its own. */
  #cursor: string;
  #closed = false;

  constructor(begun: Begun, next: number | null, own: Offsets | null) {
    this.#begun = begun;
    this.#next = next;
    this.#own = own === null ? null : { ...own };
    this.#cursor = begun.ring.cursor;
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
  }

  /** Of what the client has been told of, sent or left out by the filter. */
  get cursor(): string {
    return this.#own === null ? this.#cursor : encodeCursor(this.#begun.topic, this.#own);
  }

  begin(): void {
    this.#begun.outlet.send({ type: 'subscribed', id: this.#begun.id, cursor: this.cursor });
  }

  heartbeat(at: string): void {
    if (this.#closed) return;
    this.#shareCursor();
    this.#begun.outlet.send({ type: 'heartbeat', id: this.#begun.id, cursor: this.cursor, at });
  }

  fail(code: FaultCode, detail: string): void {
    if (!this.#closed) this.#begun.outlet.send({ type: 'error', id: this.#begun.id, code, detail });
    this.#closed = true;
  }

  pump(): void {
    const { ring, outlet } = this.#begun;
    while (this.#next !== null && !this.#closed && this.#next < ring.end && outlet.hasRoom()) {
      if (this.#next < ring.start) {
        this.tellGap(ring.floor, ring.start - this.#next);
        this.#next = ring.start;
        continue;
      }
      if (this.#own === null) this.#next = this.#tellShared(this.#next);
      else {
        const { partition, offset, told } = ring.at(this.#next++);
        this.take(partition, offset, told);
      }
    }
    this.#shareCursor();
  }

  /** Sends what its cohort is told, from the entry `n` on, and answers which one comes next. */
  #tellShared(n: number): number {
    const { ring, outlet, cohort } = this.#begun;
    const { end } = ring;
    let next = n;
    do {
      const message = cohort.message(next++);
      if (message !== null) outlet.record(message);
    } while (next < end && outlet.hasRoom());
    this.#cursor = ring.at(next - 1).cursor;
    return next;
  }

  /** A record for one with offsets of its own, from the ring or from the reader. */
  take(partition: number, offset: number, told: Told | null): void {
    this.#own ??= {};
    if (offset < (this.#own[partition] ?? 0)) return;
    this.#own[partition] = offset + 1;
    const message = messageOf(this.#begun.telling, told, this.cursor);
    if (message !== null) this.#begun.outlet.record(message);
  }

  /** Says that records were left out, and stands where the next ones begin. */
  tellGap(goes_on: Offsets, skipped: number | null): void {
    const { id, topic, outlet } = this.#begun;
    const from = this.cursor;
    if (this.#own === null) this.#cursor = encodeCursor(topic, goes_on);
    else raise(this.#own, goes_on);
    outlet.send({ type: 'gap', id, from, cursor: this.cursor, skipped });
  }

  /** Goes on by the ring where it holds all that is missing; `positions` are the reader's. */
  joinRing(positions: Readonly<Record<string, Offsets>>): boolean {
    const { ring, topic } = this.#begun;
    this.#own ??= {};
    raise(this.#own, positions[topic] ?? {});
    if (!ring.covers(this.#own)) return false;
    this.#next = ring.start;
    this.pump();
    return true;
  }

  /** At the ring's end, and nowhere ahead of it: from here on the ring's cursors are true of this one too. */
  #shareCursor(): void {
    const { ring } = this.#begun;
    if (this.#next !== ring.end) return;
    if (this.#own !== null && !isAtMost(this.#own, ring.position)) return;
    this.#own = null;
    this.#cursor = ring.cursor;
  }
}

function raise(offsets: Record<number, number>, to: Offsets): void {
  for (const [partition, offset] of Object.entries(to)) {
    offsets[Number(partition)] = Math.max(offsets[Number(partition)] ?? 0, offset);
  }
}
