/** How a contestant is fed: as fast as its sockets take it, or at a rate. The same for all of them. */
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';

export interface Pace {
  /** On the clock of `now_ms`. */
  readonly begin_ms: number;
  readonly seconds: number;
  /** Null for as fast as they are taken. */
  readonly records_per_second: number | null;
}

export interface Fed {
  readonly records: number;
  /** Milliseconds of processor time that the contestant took. */
  readonly cpu_ms: number;
}

/** Milliseconds of a clock that all processes of the machine share. */
export const now_ms = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Given at once, at most: as many as the hub tells its followers of at a time. */
export const batch_records = 64;
/** Below what the feed holds back at, so that none of its subscribers falls behind, and more than a batch. */
const waiting_bytes_max = 131_072;

/** The sockets of a contestant, and whether all of them keep up. */
export class Audience {
  readonly #waiting = new Set<() => number>();
  #drained = (): void => undefined;

  /** `waiting_bytes` is what a socket has not taken yet. Answers how it leaves. */
  add(waiting_bytes: () => number): () => void {
    this.#waiting.add(waiting_bytes);
    return () => void this.#waiting.delete(waiting_bytes);
  }

  /** To be called whenever a socket has taken something. */
  drained(): void {
    this.#drained();
  }

  async room(): Promise<void> {
    while ([...this.#waiting].some(waiting_bytes => waiting_bytes() > waiting_bytes_max)) {
      await new Promise<void>(done => {
        this.#drained = done;
      });
    }
  }
}

/** `give` is called with how many records come, `batch_records` at most, until the time is over. */
export async function feed(pace: Pace, audience: Audience, give: (records: number) => void): Promise<Fed> {
  const { begin_ms, seconds } = pace;
  await sleep(Math.max(0, begin_ms - now_ms()));
  const before = process.cpuUsage();
  let records = 0;
  for (;;) {
    // The sockets' turn: what was given has to go out, and what they have taken to be noticed.
    await turn();
    await audience.room();
    const elapsed_ms = now_ms() - begin_ms;
    if (elapsed_ms >= seconds * 1_000) break;
    const due = dueRecords(pace, records, elapsed_ms);
    if (due > 0) give(due);
    else await sleep(untilDue_ms(pace, records, elapsed_ms));
    records += due;
  }
  const { user, system } = process.cpuUsage(before);
  return { records, cpu_ms: (user + system) / 1_000 };
}

/** Of which `given` were given already. Record n is due n / rate seconds after the beginning. */
export function dueRecords({ records_per_second: rate }: Pace, given: number, elapsed_ms: number): number {
  if (rate === null) return batch_records;
  // A timer may fire before its time: less than nothing would be due.
  return Math.max(0, Math.min(batch_records, Math.floor((elapsed_ms * rate) / 1_000) + 1 - given));
}

const untilDue_ms = ({ records_per_second: rate }: Pace, given: number, elapsed_ms: number): number =>
  (given * 1_000) / (rate ?? Number.POSITIVE_INFINITY) - elapsed_ms;
