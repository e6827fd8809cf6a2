/**
 * Between the socket and the panels: gathers records into batches, so that an import of thousands of mails a second
 * redraws the page five times a second, and hands each batch to whoever listens to its feed.
 */
import type { Feed, Live, LiveOptions, LiveStatus } from './live.ts';
import { openLive } from './live.ts';

export const batch_gap_ms = 200;
/** A batch keeps the newest so many; when more came, the listeners are told to read again instead. */
export const batch_records_max = 500;

export interface HubStatus extends LiveStatus {
  /** When the last record came, by this machine's clock; null before the first. */
  last_record_at: number | null;
  records: number;
}

export interface Listener {
  onRecords?(records: unknown[]): void;
  onResync?(): void;
}

export interface Hub {
  listen(feeds: readonly Feed[], listener: Listener): () => void;
  /** Calls at once with the present status, then with each change. */
  watch(onStatus: (status: HubStatus) => void): () => void;
  retryNow(): void;
  close(): void;
}

export type HubOptions = Omit<LiveOptions, 'onRecord' | 'onResync' | 'onStatus'>;

export function createHub(options: HubOptions): Hub {
  const listeners = new Set<{ feeds: readonly Feed[]; listener: Listener }>();
  const watchers = new Set<(status: HubStatus) => void>();
  const pending = new Map<Feed, { records: unknown[]; dropped: boolean }>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let status: HubStatus = {
    state: 'connecting',
    reason: null,
    retry_at: null,
    last_record_at: null,
    records: 0,
  };

  const live: Live = openLive({
    ...options,
    onRecord(feed, record) {
      const batch = pending.get(feed) ?? { records: [], dropped: false };
      batch.records.push(record);
      if (batch.records.length > 2 * batch_records_max) {
        batch.records.splice(0, batch_records_max);
        batch.dropped = true;
      }
      pending.set(feed, batch);
      status = { ...status, last_record_at: Date.now(), records: status.records + 1 };
      timer ??= setTimeout(flush, batch_gap_ms);
    },
    onResync: feed => tell(feed, listener => listener.onResync?.()),
    onStatus(next) {
      status = { ...status, ...next };
      announce();
    },
  });

  function flush(): void {
    timer = undefined;
    const batches = [...pending];
    pending.clear();
    for (const [feed, { records, dropped }] of batches) {
      tell(feed, listener => listener.onRecords?.(records.slice(-batch_records_max)));
      if (dropped || records.length > batch_records_max) tell(feed, listener => listener.onResync?.());
    }
    announce();
  }

  function tell(feed: Feed, deliver: (listener: Listener) => void): void {
    for (const each of listeners) if (each.feeds.includes(feed)) deliver(each.listener);
  }

  function announce(): void {
    for (const watcher of watchers) watcher(status);
  }

  return {
    listen(feeds, listener) {
      const entry = { feeds, listener };
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    watch(onStatus) {
      watchers.add(onStatus);
      onStatus(status);
      return () => watchers.delete(onStatus);
    },
    retryNow: () => live.retryNow(),
    close() {
      clearTimeout(timer);
      live.close();
      listeners.clear();
      watchers.clear();
    },
  };
}
