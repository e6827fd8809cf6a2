/**
 * Answers that were worked out before. What the tables hold changes when the sink stores something, which shows in the offsets
 * that it commits: while these are the same, so is an answer. One is never told to
 * a caller who sees something else.
 */
import { createCache, type SecondLayer } from '../lib/cache.ts';
import type { Reply, RequestHead, WholeReply } from '../lib/http.ts';
import type { KafkaConfig } from '../lib/kafka.ts';
import { type OffsetReader, openOffsetReader } from '../lib/kafka-admin.ts';
import { Counter, type Registry } from '../lib/metrics.ts';
import type { ApiRoute, Caller } from './auth/access.ts';
import { isDescribed, unlessKnown } from './contract.ts';

export interface AnswerCache {
  /** The route, answered from here where it can be. */
  cached(route: ApiRoute): ApiRoute;
  /** What was stored by way of this process is in the next answer. */
  invalidate(): void;
  /** Another one whenever the sink has stored something. Rejects where Kafka does not say. */
  version(): Promise<string>;
  /** What was removed by way of this process is in no answer from now on. */
  forget(): void;
  close(): Promise<void>;
}

export interface AnswerCacheOptions {
  readonly kafka: KafkaConfig;
  /** Whoever stores, and from where. */
  readonly sink: { readonly group_id: string; readonly topics: readonly string[] };
  readonly metrics: Registry;
  /** Shared with the other instances. */
  readonly second?: SecondLayer<Reply> | undefined;
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

const keyOf = ({ path, query_text }: RequestHead, caller: Caller | null): string =>
  `${caller?.sight.key} ${path}?${query_text}`;

/** Text is turned into bytes once, rather than each time it is told; bytes of their own, no part of a larger buffer. */
const encoded = (reply: Reply): Reply =>
  typeof reply.body === 'string' ? { ...reply, body: new TextEncoder().encode(reply.body) } : reply;

export function createAnswerCache({ kafka, sink, metrics, second }: AnswerCacheOptions): AnswerCache {
  const lookups = { hit: 0, miss: 0, bypass: 0 };
  new Counter({
    name: 'answer_cache_lookups_total',
    help: 'Answers told from the cache (hit), worked out (miss), or worked out because Kafka did not say what has changed (bypass)',
    labelNames: ['result'],
    registers: [metrics],
    collect() {
      this.reset();
      for (const [result, times] of Object.entries(lookups)) this.inc({ result }, times);
    },
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
    bytesOf: ({ status, body }: Reply) => (status === 200 && body instanceof Uint8Array ? body.length : null),
    onLookup: (result: 'hit' | 'miss' | 'bypass') => void lookups[result]++,
  };
  const cache = createCache<Reply>({ ...common, bytes_max, ttl_ms, version, second });
  const kept = createCache<Reply>({ ...common, bytes_max: kept_bytes_max, ttl_ms: kept_ms, version: async () => '' });

  return {
    cached(route) {
      if (!isDescribed(route) || !(route.contract.cached || route.contract.kept)) return route;
      const { answer } = route;
      const from = route.contract.kept ? kept : cache;
      return {
        ...route,
        async handler(request, caller) {
          const make = async (): Promise<Reply> => encoded(await answer(request, caller));
          return unlessKnown(request, await from.get(keyOf(request, caller), make));
        },
        ready(head, caller) {
          const reply = from.peek(keyOf(head, caller));
          // Nothing else is kept.
          return reply && unlessKnown(head, reply as WholeReply);
        },
      };
    },
    invalidate: cache.invalidate,
    version,
    forget() {
      cache.invalidate();
      kept.invalidate();
    },
    close,
  };
}
