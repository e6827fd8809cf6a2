/**
 * Asking whoever answers only after a while, such as a model in another process, before the records of a batch are stepped:
 * a bounded number at a time, each for a bounded time. What is known of a key already is not asked again.
 */
import { MillraceError } from './errors.ts';
import type { Batch } from './slab.ts';

export interface Asking {
  /** Records that are asked for at the same time; with `timeout_ms` it bounds a batch. */
  readonly in_flight_max: number;
  /** Of one record, at most `timeout_ms_max`. */
  readonly timeout_ms: number;
  /** The signal aborts when the time is over, and when the processor stops. An answer after that is lost. */
  ask(record: unknown, signal: AbortSignal): Promise<unknown>;
  /** The answer where there was none: `ask` threw, or took too long (a MillraceError `timeout`). */
  failed(record: unknown, error: unknown): unknown;
}

/** How long a batch may take when every record in it takes as long as it may. */
const batch_ms_max = 60_000;
export const timeout_ms_max = batch_ms_max;
/** A batch is committed as a whole, and after a crash asked for as a whole again: a larger one would cost more then, and gain little. */
const rounds_max = 4;

/** How many records a batch may have, so that it is over in time whatever happens. */
export function batchRecordsOf({ in_flight_max, timeout_ms }: Asking): number {
  return in_flight_max * Math.max(1, Math.min(rounds_max, Math.floor(batch_ms_max / timeout_ms)));
}

/** By key, the batch's records whose key is unknown. `read` throws for what is no record; that is left to the step to say. */
export async function unknownIn(
  batch: Batch,
  isKnown: (partition: number, key: string) => boolean,
  read: (i: number) => unknown,
): Promise<Map<string, unknown>> {
  const unknown = new Map<string, unknown>();
  for (let i = 0; i < batch.count; i++) {
    const key = batch.key(i);
    if (batch.isTombstone(i) || unknown.has(key) || isKnown(batch.partition(i), key)) continue;
    try {
      unknown.set(key, await read(i));
    } catch (error) {
      if (!(error instanceof MillraceError && error.code.startsWith('avro.'))) throw error;
    }
  }
  return unknown;
}

/** The records' answers, each by its key; null where `stop` aborted before all were there. */
export async function answersTo(
  asking: Asking,
  records: ReadonlyMap<string, unknown>,
  stop: AbortSignal,
  onAnswer: () => void,
): Promise<Map<string, unknown> | null> {
  const answers = new Map<string, unknown>();
  const waiting = records.entries();
  // They share one iterator: whoever is free takes the next.
  async function work(): Promise<void> {
    for (const [key, record] of waiting) {
      const answer = await answerTo(asking, record, stop);
      if (stop.aborted) return;
      answers.set(key, answer);
      onAnswer();
    }
  }
  await Promise.all(Array.from({ length: Math.min(asking.in_flight_max, records.size) }, work));
  return stop.aborted ? null : answers;
}

async function answerTo(asking: Asking, record: unknown, stop: AbortSignal): Promise<unknown> {
  try {
    return await limited(asking.timeout_ms, stop, signal => asking.ask(record, signal));
  } catch (error) {
    return asking.failed(record, error);
  }
}

/**
 * What `work` answers, in time: a MillraceError `timeout` after `ms` milliseconds, and the outer signal's reason when that aborts,
 * whether `work` heeds its signal or not.
 */
export async function limited<T>(
  ms: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer.throwIfAborted();
  const own = new AbortController();
  const late = new MillraceError('timeout', `no answer within ${ms} ms`, { retryable: true });
  const timer = setTimeout(() => own.abort(late), ms);
  const end = (): void => own.abort(outer.reason);
  outer.addEventListener('abort', end, { once: true });
  const aborted = new Promise<never>((_, reject) => {
    own.signal.addEventListener('abort', () => reject(own.signal.reason), { once: true });
  });
  try {
    return await Promise.race([work(own.signal), aborted]);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', end);
  }
}

const hour_ms = 60 * 60 * 1000;

/**
 * Answers are forgotten by the time that the records themselves tell, an hour at a time: answers when it is to be looked for old ones
 * in a partition, in milliseconds since 1970, and null where it was done for this hour. A record of before changes nothing.
 */
export function createHours(): (partition: number, at_ms: number) => number | null {
  const told = new Map<number, number>();
  return (partition, at_ms) => {
    const hour = Math.floor(at_ms / hour_ms);
    if (hour <= (told.get(partition) ?? 0)) return null;
    told.set(partition, hour);
    return hour * hour_ms;
  };
}
