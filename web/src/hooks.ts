import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useApp } from './context.ts';
import type { HubStatus } from './hub.ts';
import type { Feed } from './live.ts';
import { message } from './record.ts';
import { createRefresher } from './refresher.ts';

export interface Resource<T> {
  /** The last good answer; kept while it is read again and when that fails. */
  data: T | null;
  error: string | null;
  loading: boolean;
  reload(): void;
}

/**
 * Reads something by REST, again whenever `key` or `version` changes. Another key is another thing, whose answer is waited
 * for; another version is the same thing asked differently, so the last answer stays until the next one. An answer that
 * comes after the next question is dropped.
 */
export function useResource<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  version: string = '',
): Resource<T> {
  const [state, setState] = useState<{ key: string; data: T | null; error: string | null; loading: boolean }>({
    key,
    data: null,
    error: null,
    loading: true,
  });
  const latest = useLatest(load);
  const running = useRef<AbortController | null>(null);

  const reload = useCallback(() => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    setState(before => ({ ...before, key, data: before.key === key ? before.data : null, loading: true }));
    latest.current(controller.signal).then(
      data => {
        if (!controller.signal.aborted) setState({ key, data, error: null, loading: false });
      },
      error => {
        if (!controller.signal.aborted) setState(before => ({ ...before, error: message(error), loading: false }));
      },
    );
  }, [key]);

  useEffect(() => {
    reload();
    return () => running.current?.abort();
  }, [reload, version]);

  return { ...state, data: state.key === key ? state.data : null, reload };
}

const refresh_gap_ms = 1500;
const refresh_settle_ms = 3000;
/** Without a socket, and for what no feed tells of, the page still asks now and then. */
const poll_ms = 20_000;

/** Calls `refresh` when one of the feeds has news, and now and then without; never while the page is hidden. */
export function useRefresh(feeds: readonly Feed[], refresh: () => void): void {
  const { hub } = useApp();
  const latest = useLatest(refresh);
  const stableFeeds = useMemo(() => feeds, [feeds.join()]);

  useEffect(() => {
    let missed = false;
    const run = (): void => {
      missed = document.hidden;
      if (!missed) latest.current();
    };
    const refresher = createRefresher(run, refresh_gap_ms, refresh_settle_ms);
    const stop = hub.listen(stableFeeds, { onRecords: refresher.touch, onResync: refresher.touch });
    const poll = setInterval(run, poll_ms);
    const onVisible = (): void => {
      if (missed) run();
    };
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      stop();
      refresher.stop();
      clearInterval(poll);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [hub, stableFeeds]);
}

export function useHubStatus(): HubStatus | null {
  const { hub } = useApp();
  const [status, setStatus] = useState<HubStatus | null>(null);
  useEffect(() => hub.watch(setStatus), [hub]);
  return status;
}

/** The present time, moving on every `every_ms`, for "3 s ago". */
export function useNow(every_ms: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every_ms);
    return () => clearInterval(timer);
  }, [every_ms]);
  return now;
}

/** The value once it has been still for `delay_ms`. */
export function useSettled<T>(value: T, delay_ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), delay_ms);
    return () => clearTimeout(timer);
  }, [value, delay_ms]);
  return settled;
}

/** The newest value without being a dependency: effects that last must not restart because a closure was made anew. */
export function useLatest<T>(value: T): { current: T } {
  const ref = useRef(value);
  ref.current = value;
  return ref;
}
