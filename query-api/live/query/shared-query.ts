/**
 * One query, for all who ask the same and see the same.
 *
 * A subscriber is told a snapshot first, and then what has changed since. Where it had no room for a change, it is told a new snapshot once it has:
 * a query has no past to be told from, and a snapshot says all there is.
 */
import type { Identity } from '../../auth/identity.ts';
import type { Outlet } from '../outlet.ts';
import type { SubscribeQuery } from '../protocol.ts';
import type { Subscription } from '../subscription.ts';
import type { Difference, Found } from './found.ts';

export interface Member {
  readonly id: string;
  readonly outlet: Outlet;
  readonly identity: Identity;
}

export class SharedQuery {
  readonly asked: Pick<SubscribeQuery, 'sql' | 'key'>;
  readonly #members = new Map<Listener, Identity>();
  #found: Found | null = null;
  /** Why the newest evaluation failed. */
  #fault: string | null = null;

  constructor(asked: Pick<SubscribeQuery, 'sql' | 'key'>) {
    this.asked = asked;
  }

  get found(): Found | null {
    return this.#found;
  }
  get fault(): string | null {
    return this.#fault;
  }
  /** Of one who asks; null where nobody does. Any will do: they see the same. */
  get identity(): Identity | null {
    const [first] = this.#members.values();
    return first ?? null;
  }

  join({ id, outlet, identity }: Member, onLeave: () => void): Subscription {
    const listener = new Listener(this, id, outlet);
    this.#members.set(listener, identity);
    listener.pump();
    return {
      pump: () => listener.pump(),
      heartbeat(at) {
        if (outlet.hasRoom()) outlet.send({ type: 'heartbeat', id, at });
      },
      close: () => {
        if (this.#members.delete(listener)) onLeave();
      },
    };
  }

  succeed(found: Found): void {
    const difference = this.#found === null ? null : found.since(this.#found);
    this.#found = found;
    this.#fault = null;
    for (const listener of this.#members.keys()) listener.change(difference);
  }

  fail(detail: string): void {
    this.#fault = detail;
    for (const listener of this.#members.keys()) listener.pump();
  }
}

/** What a subscriber has been told. */
class Listener {
  readonly #query: SharedQuery;
  readonly #id: string;
  readonly #outlet: Outlet;
  /** Whether it knows all of what was found. */
  #current = false;
  #fault: string | null = null;

  constructor(query: SharedQuery, id: string, outlet: Outlet) {
    this.#query = query;
    this.#id = id;
    this.#outlet = outlet;
  }

  /** Null where nothing was found before, or with other columns. */
  change(difference: Difference | null): void {
    const isSame = difference !== null && isNothing(difference);
    if (difference !== null && this.#current && this.#outlet.hasRoom()) {
      if (!isSame) this.#outlet.send({ type: 'changes', id: this.#id, ...difference });
    } else if (!isSame) this.#current = false;
    this.pump();
  }

  /** Tells what there is to tell, where there is room. */
  pump(): void {
    const { found, fault } = this.#query;
    if (!this.#outlet.hasRoom()) return;
    if (fault !== null && fault !== this.#fault) {
      this.#outlet.send({ type: 'error', id: this.#id, code: 'query_failed', detail: fault });
    }
    this.#fault = fault;
    if (fault !== null || found === null || this.#current) return;
    this.#outlet.send({ type: 'snapshot', id: this.#id, ...found.result });
    this.#current = true;
  }
}

const isNothing = ({ added, removed, changed }: Difference): boolean =>
  added.length + removed.length + changed.length === 0;
