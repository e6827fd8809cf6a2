/**
 * Queries that are followed: each is evaluated again when the tables hold something else, and what is different is told.
 *
 *   waiting ──the tables have changed, its interval is over──▶ due ──one of few may run──▶ evaluated ──▶ waiting
 */
import { messageOf } from '../../../lib/errors.ts';
import { Problem } from '../../../lib/http.ts';
import type { Logger } from '../../../lib/log.ts';
import type { Identity } from '../../auth/identity.ts';
import type { Outlet } from '../outlet.ts';
import type { SubscribeQuery } from '../protocol.ts';
import { type Subscription, SubscriptionFault } from '../subscription.ts';
import { Found, QueryFault, type QueryResult } from './found.ts';
import { SharedQuery } from './shared-query.ts';

/** Ends in limited time. The detail of a Problem that it rejects with is told; other errors are logged. */
export type RunQuery = (sql: string, identity: Identity) => Promise<QueryResult>;

export interface QueriesOptions {
  readonly runQuery: RunQuery;
  /** Another one whenever the tables may hold something else. */
  version(): Promise<string>;
  readonly log: Logger;
}

export interface Queries {
  /** Throws SubscriptionFault. */
  open(asked: SubscribeQuery, asking: { readonly outlet: Outlet; readonly identity: Identity }): Subscription;
  close(): void;
}

/** Where nothing can be asked. */
export const no_queries: Queries = {
  open() {
    throw new SubscriptionFault('unavailable', 'queries cannot be followed here');
  },
  close: () => undefined,
};

export const query_limits = { per_socket_max: 4, queries_max: 64, concurrency_max: 2 };
const poll_ms = 250;
/** From one evaluation of a query to its next, at least. */
const interval_ms = 1_000;
/** One that failed is evaluated again after this long although nothing has changed. */
const retry_ms = 10_000;

interface Scheduled {
  readonly query: SharedQuery;
  /** Of the tables, from before it was evaluated; null where that is not known. */
  version: string | null;
  begun_ms: number;
  running: boolean;
}

export function createQueries({ runQuery, version, log }: QueriesOptions): Queries {
  const { per_socket_max, queries_max, concurrency_max } = query_limits;
  const scheduled = new Map<string, Scheduled>();
  const due = new Set<Scheduled>();
  const opened = new Map<Outlet, number>();
  let running = 0;
  let polling = false;
  const timer = setInterval(() => void poll(), poll_ms);

  /** Null where nobody says; then all may have changed. */
  const versionNow = (): Promise<string | null> =>
    version().catch(error => {
      log.warn({ error: messageOf(error) }, 'whether the tables have changed is not known');
      return null;
    });

  async function poll(): Promise<void> {
    if (polling || scheduled.size === 0) return;
    polling = true;
    const present = await versionNow();
    polling = false;
    for (const one of scheduled.values()) if (isDue(one, present)) due.add(one);
    runSome();
  }

  function runSome(): void {
    for (const one of due) {
      if (running >= concurrency_max) return;
      due.delete(one);
      running++;
      void evaluate(one).finally(() => {
        running--;
        runSome();
      });
    }
  }

  async function evaluate(one: Scheduled): Promise<void> {
    const { query } = one;
    const { identity } = query;
    if (identity === null) return;
    one.running = true;
    one.begun_ms = Date.now();
    // Asked before: what is stored meanwhile is found the next time.
    one.version = await versionNow();
    try {
      query.succeed(new Found(await runQuery(query.asked.sql, identity), query.asked.key));
    } catch (error) {
      query.fail(detailOf(error, log));
    }
    one.running = false;
  }

  function sharedBy({ sql, key }: SubscribeQuery, { sight, role }: Identity): { one: Scheduled; name: string } {
    const name = JSON.stringify([sight.key, role, sql, key]);
    const known = scheduled.get(name);
    if (known !== undefined) return { one: known, name };
    if (scheduled.size >= queries_max) {
      throw new SubscriptionFault('unavailable', `at most ${queries_max} different queries are followed at once`);
    }
    const one = { query: new SharedQuery({ sql, key }), version: null, begun_ms: 0, running: false };
    scheduled.set(name, one);
    due.add(one);
    return { one, name };
  }

  return {
    open(asked, { outlet, identity }) {
      const before = opened.get(outlet) ?? 0;
      if (before >= per_socket_max) throw new SubscriptionFault('too_many', `at most ${per_socket_max} queries`);
      const { one, name } = sharedBy(asked, identity);
      opened.set(outlet, before + 1);
      const subscription = one.query.join({ id: asked.id, outlet, identity }, () => {
        const left = (opened.get(outlet) ?? 1) - 1;
        if (left === 0) opened.delete(outlet);
        else opened.set(outlet, left);
        if (one.query.identity !== null) return;
        scheduled.delete(name);
        due.delete(one);
      });
      runSome();
      return subscription;
    },
    close() {
      clearInterval(timer);
      due.clear();
    },
  };
}

function isDue({ query, version, begun_ms, running }: Scheduled, present: string | null): boolean {
  const since_ms = Date.now() - begun_ms;
  if (running || since_ms < interval_ms) return false;
  return present === null || present !== version || (query.fault !== null && since_ms >= retry_ms);
}

function detailOf(error: unknown, log: Logger): string {
  if (error instanceof Problem || error instanceof QueryFault) return error.message;
  log.warn({ error: messageOf(error) }, 'a query that is followed has failed');
  return 'the query failed';
}
