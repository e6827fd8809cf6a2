/**
 * Answers that were worked out before. What the tables hold changes when the sink stores something, which shows in the offsets
 * that it commits: while these are the same, so is an answer. One is never told to
 * a caller who sees something else.
 */
import { createCache } from '../lib/cache.ts';
import type { Reply } from '../lib/http.ts';
import type { KafkaConfig } from '../lib/kafka.ts';
import { type OffsetReader, openOffsetReader } from '../lib/kafka-admin.ts';
import { Counter, type Registry } from '../lib/metrics.ts';
import type { ApiRoute } from './auth/access.ts';
import { isDescribed, unlessKnown } from './contract.ts';

export interface AnswerCache {
  /** The route, answered from here where it can be. */
  cached(route: ApiRoute): ApiRoute;
  /** What was stored by way of this process is in the next answer. */
  invalidate(): void;
  /** What was removed by way of this process is in no answer from now on. */
  forget(): void;
  close(): Promise<void>;
}

export interface AnswerCacheOptions {
  readonly kafka: KafkaConfig;
  /** Whoever stores, and from where. */
  readonly sink: { readonly group_id: string; readonly topics: readonly string[] };
  readonly metrics: Registry;
}

const bytes_max = 64 * 1_048_576;
/** What is removed by another process is told no longer than this. */
const ttl_ms = 60_000;
/** Of what is kept whatever is stored: a dashboard that many look at is worked out once in that time. */
const kept_ms = 300_000;
const kept_bytes_max = 16 * 1_048_576;
/** How old an answer may be when something was stored meanwhile. */
const version_ms = 250;
/** The same, with the time that it takes to ask what is stored. */
export const answer_age_ms_max = 2 * version_ms;

export function createAnswerCache({ kafka, sink, metrics }: AnswerCacheOptions): AnswerCache {
  const lookups = new Counter({
    name: 'answer_cache_lookups_total',
    help: 'Answers told from the cache (hit), worked out (miss), or worked out because Kafka did not say what has changed (bypass)',
    labelNames: ['result'],
    registers: [metrics],
  });
  let reader: Promise<OffsetReader> | null = null;

  async function version(): Promise<string> {
    reader ??= openOffsetReader(kafka);
    try {
      const offsets = await (await reader).committed(sink.group_id, sink.topics);
      return JSON.stringify([...offsets].sort());
    } catch (error) {
      // A connection that broke is opened again the next time.
      await close();
      throw error;
    }
  }

  async function close(): Promise<void> {
    const open = reader;
    reader = null;
    await open?.then(one => one.close()).catch(() => undefined);
  }

  const common = {
    version_ms,
    bytesOf: ({ status, body }: Reply) => (status === 200 && typeof body === 'string' ? 2 * body.length : null),
    onLookup: (result: string) => lookups.inc({ result }),
  };
  const cache = createCache<Reply>({ ...common, bytes_max, ttl_ms, version });
  const kept = createCache<Reply>({ ...common, bytes_max: kept_bytes_max, ttl_ms: kept_ms, version: async () => '' });

  return {
    cached(route) {
      if (!isDescribed(route) || !(route.contract.cached || route.contract.kept)) return route;
      const { answer } = route;
      const from = route.contract.kept ? kept : cache;
      return {
        ...route,
        async handler(request, caller) {
          const key = `${caller?.sight.key} ${request.path}?${request.query}`;
          return unlessKnown(request, await from.get(key, () => answer(request, caller)));
        },
      };
    },
    invalidate: cache.invalidate,
    forget() {
      cache.invalidate();
      kept.invalidate();
    },
    close,
  };
}
