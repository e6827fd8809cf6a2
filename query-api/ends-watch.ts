/**
 * Waits for records to end in ClickHouse. One poller serves all who wait: a query a turn, however many they are.
 *
 *   wait() ──▶ waiting ──its end is read──▶ resolved with the end
 *                 └──────time is up, client gone, closed──▶ resolved with null
 */

import { messageOf } from '../lib/errors.ts';
import { pause } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/log.ts';
import type { EndRange, RecordEnd } from './queries/ends.ts';

export interface Awaited {
  readonly organization_id: string;
  readonly source: string;
  readonly sequence: number;
}

export interface EndsWatch {
  /** The record's end; null when `wait_ms` passed first, the signal aborted, or too many wait already. */
  wait(record: Awaited, wait_ms: number, signal: AbortSignal): Promise<RecordEnd | null>;
  close(): void;
}

export interface EndsWatchOptions {
  endsBetween(range: EndRange): Promise<readonly RecordEnd[]>;
  readonly log: Logger;
  readonly poll_ms?: number;
  readonly waiters_max?: number;
}

interface Waiter extends Awaited {
  readonly begun_ms: number;
  resolve(end: RecordEnd | null): void;
}

// Ingest's clock may be another machine's, and behind ours.
const clock_skew_ms = 5 * 60_000;
const failure_pause_ms = 500;

export function watchEnds({ endsBetween, log, poll_ms = 40, waiters_max = 1_000 }: EndsWatchOptions): EndsWatch {
  const waiters = new Set<Waiter>();
  const closing = new AbortController();
  let polling = false;

  async function poll(): Promise<void> {
    if (polling) return;
    polling = true;
    while (waiters.size > 0 && !closing.signal.aborted) {
      const failed = await turn().then(
        () => false,
        error => {
          log.warn({ error: messageOf(error) }, 'the ends of records cannot be read');
          return true;
        },
      );
      if (waiters.size > 0) await pause(failed ? failure_pause_ms : poll_ms, closing.signal);
    }
    polling = false;
  }

  async function turn(): Promise<void> {
    for (const range of rangesOf(waiters)) {
      for (const end of await endsBetween(range)) settle(end);
    }
  }

  function settle(end: RecordEnd): void {
    for (const waiter of waiters) if (isOf(end, waiter)) waiter.resolve(end);
  }

  return {
    wait(record, wait_ms, signal) {
      if (waiters.size >= waiters_max || signal.aborted || closing.signal.aborted) return Promise.resolve(null);
      return new Promise(done => {
        const finish = (end: RecordEnd | null): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', giveUp);
          waiters.delete(waiter);
          done(end);
        };
        const giveUp = (): void => finish(null);
        const timer = setTimeout(giveUp, wait_ms);
        signal.addEventListener('abort', giveUp, { once: true });
        const waiter: Waiter = { ...record, begun_ms: Date.now(), resolve: finish };
        waiters.add(waiter);
        void poll();
      });
    },
    close() {
      closing.abort();
      for (const waiter of waiters) waiter.resolve(null);
    },
  };
}

const isOf = (end: RecordEnd, waiter: Awaited): boolean =>
  end.sequence === waiter.sequence && end.source === waiter.source && end.organization_id === waiter.organization_id;

/**
 * One range a source. Sequence numbers are dense and those awaited are recent, so a range holds little beside them; a
 * list of thousands would not fit into a request's head.
 */
function rangesOf(waiters: Iterable<Waiter>): EndRange[] {
  const ranges = new Map<string, EndRange>();
  for (const { source, sequence, begun_ms } of waiters) {
    const known = ranges.get(source);
    ranges.set(source, {
      source,
      first: Math.min(known?.first ?? sequence, sequence),
      last: Math.max(known?.last ?? sequence, sequence),
      since_ms: Math.min(known?.since_ms ?? Number.POSITIVE_INFINITY, begun_ms - clock_skew_ms),
    });
  }
  return [...ranges.values()];
}
