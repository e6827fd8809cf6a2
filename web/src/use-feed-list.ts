import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useApp } from './context.ts';
import { useLatest } from './hooks.ts';
import type { KeyedList, Order } from './keyed-list.ts';
import { append, fromPage, insert, resync } from './keyed-list.ts';
import type { Feed } from './live.ts';
import type { Page } from './model.ts';
import { message } from './record.ts';
import { createRefresher } from './refresher.ts';

export interface FeedListOptions<T> {
  /** Another key is another list, which is read from its start. */
  key: string;
  feed: Feed;
  order: Order<T>;
  decode(record: unknown): T;
  load(cursor: string | undefined, signal: AbortSignal): Promise<Page<T>>;
  /** Whether a live record belongs here; 'ask' where only the server can say (full text), and the page is read again. */
  accepts(item: T): boolean | 'ask';
  /** 'join' keeps the pages loaded so far after a gap; 'replace' is for a list whose order changes. */
  afterGap: 'join' | 'replace';
}

export interface FeedList<T> {
  list: KeyedList<T> | null;
  error: string | null;
  loadingMore: boolean;
  /** Keys that came live in the last seconds, with the number of their batch: what the page lights up. */
  fresh: ReadonlyMap<string, number>;
  more(): void;
  reload(): void;
}

const resync_gap_ms = 250;
const resync_settle_ms = 3000;
const fresh_ms = 4000;

/** A list that is read by pages and kept up by a feed. */
export function useFeedList<T>(options: FeedListOptions<T>): FeedList<T> {
  const { hub } = useApp();
  const { key, feed } = options;
  const latest = useLatest(options);
  const [state, setState] = useState<{ key: string; list: KeyedList<T> | null; error: string | null }>({
    key,
    list: null,
    error: null,
  });
  const [loadingMore, setLoadingMore] = useState(false);
  const [fresh, setFresh] = useState<ReadonlyMap<string, number>>(new Map());
  const running = useRef<AbortController | null>(null);
  const readingMore = useRef(false);

  const read = useCallback(
    (take: (before: KeyedList<T> | null, page: Page<T>) => KeyedList<T>, cursor?: string) => {
      running.current?.abort();
      const controller = new AbortController();
      running.current = controller;
      readingMore.current = cursor !== undefined;
      setLoadingMore(readingMore.current);
      const settle = (): void => {
        readingMore.current = false;
        setLoadingMore(false);
      };
      latest.current.load(cursor, controller.signal).then(
        page => {
          if (controller.signal.aborted) return;
          settle();
          setState(before => ({ key, list: take(before.key === key ? before.list : null, page), error: null }));
        },
        error => {
          if (controller.signal.aborted) return;
          settle();
          setState(before => ({ key, list: before.key === key ? before.list : null, error: message(error) }));
        },
      );
    },
    [key],
  );

  const reload = useCallback(() => read((_, page) => fromPage(page, latest.current.order)), [read]);

  useEffect(() => {
    reload();
    const joinGap = (): void => {
      // Reading again would cut off the page that somebody just asked for.
      if (readingMore.current) {
        refresher.touch();
        return;
      }
      read((before, page) => {
        const { order, afterGap } = latest.current;
        return before === null || afterGap === 'replace' ? fromPage(page, order) : resync(before, page, order);
      });
    };
    const refresher = createRefresher(joinGap, resync_gap_ms, resync_settle_ms);
    const stop = hub.listen([feed], {
      onResync: refresher.touch,
      onRecords(records) {
        const { accepts, decode, order } = latest.current;
        const items = records.map(decode);
        if (items.some(item => accepts(item) === 'ask')) {
          refresher.touch();
          return;
        }
        const wanted = items.filter(accepts);
        if (wanted.length === 0) return;
        setState(before => (before.list === null ? before : { ...before, list: insert(before.list, wanted, order) }));
        setFresh(before => lightUp(before, wanted.map(order.key), Date.now()));
      },
    });
    return () => {
      stop();
      refresher.stop();
      running.current?.abort();
    };
  }, [hub, feed, key]);

  const current = state.key === key ? state : { list: null, error: null };
  return {
    list: current.list,
    error: current.error,
    loadingMore,
    fresh,
    reload,
    more() {
      const next = current.list?.next;
      if (next === null || next === undefined || loadingMore) return;
      read(
        (before, page) => (before === null ? fromPage(page, options.order) : append(before, page, options.order)),
        next,
      );
    },
  };
}

function lightUp(before: ReadonlyMap<string, number>, keys: string[], now: number): ReadonlyMap<string, number> {
  const still = [...before].filter(([, at]) => at > now - fresh_ms);
  return new Map([...still, ...keys.map(key => [key, now] as const)]);
}
