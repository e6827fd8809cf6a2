/** Token buckets: each caller may ask so often, and so much at once. */

export interface RateLimit {
  /** Of one caller, over time. */
  readonly requests_per_second: number;
  /** Of one caller, at once after a pause. */
  readonly burst: number;
}

export interface RateLimiter {
  /** Counts a request of the caller's; answers 0, or after how many seconds the next one is let in. */
  take(caller: string, now_ms?: number): number;
}

interface Bucket {
  tokens: number;
  at_ms: number;
}

/** Callers that are remembered; the one that was quiet longest is forgotten, and with it a full bucket. */
const callers_max = 10_000;

export function createRateLimiter({ requests_per_second, burst }: RateLimit): RateLimiter {
  const buckets = new Map<string, Bucket>();

  function bucketOf(caller: string, now_ms: number): Bucket {
    const present = buckets.get(caller);
    if (present) {
      // The last place is the newest one's.
      buckets.delete(caller);
      buckets.set(caller, present);
      return present;
    }
    if (buckets.size >= callers_max) buckets.delete(buckets.keys().next().value as string);
    const bucket = { tokens: burst, at_ms: now_ms };
    buckets.set(caller, bucket);
    return bucket;
  }

  return {
    take(caller, now_ms = performance.now()) {
      const bucket = bucketOf(caller, now_ms);
      bucket.tokens = Math.min(burst, bucket.tokens + ((now_ms - bucket.at_ms) / 1_000) * requests_per_second);
      bucket.at_ms = now_ms;
      if (bucket.tokens < 1) return (1 - bucket.tokens) / requests_per_second;
      bucket.tokens--;
      return 0;
    },
  };
}
