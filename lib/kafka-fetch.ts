/**
 * Batches of a consumer, one ahead: while one is worked on, the next is being fetched into the other of two slabs.
 */
import type rdkafka from 'node-rdkafka';
import { openInlet } from './kafka-border.ts';
import type { KafkaConfig } from './kafka-client.ts';
import { Batch, createSlab, type Slab } from './slab.ts';

export interface Fetcher {
  /** What has arrived, after at most `wait_ms`; it is valid until the next call. */
  next(wait_ms: number): Promise<Batch>;
  /**
   * Ends the fetch that is under way and forgets what it brought. Only then may the assignment change: a fetch that began
   * before could return records of the new one, and whoever drops them as old has lost them.
   */
  discard(): Promise<void>;
  /** Whether anything can arrive: while not, a rebalance is all that is waited for, and noticed sooner. */
  expect(anything: boolean): void;
  close(): Promise<void>;
}

const slab_bytes_first = 1024 * 1024;
/** How long a fetch waits for a first record; how late a rebalance can be noticed, too. */
const fetch_ms_max = 100;
const idle_fetch_ms_max = 20;

export function openFetcher(
  consumer: rdkafka.KafkaConsumer,
  topics: readonly string[],
  records_max: number,
  kafka: KafkaConfig,
): Fetcher {
  const inlet = openInlet(consumer, topics, kafka);
  const slabs = [createSlab(records_max, slab_bytes_first), createSlab(records_max, slab_bytes_first)];
  const nothing: Slab = createSlab(0, 0);
  let under_way: Promise<Slab> | null = null;
  let fetch_ms = fetch_ms_max;

  async function fetch(): Promise<Slab> {
    const [slab] = slabs as [Slab, Slab];
    slabs.reverse();
    await inlet.fill(slab, fetch_ms);
    return slab;
  }

  function begin(): Promise<Slab> {
    const fetching = fetch();
    // Whoever asks next is told.
    fetching.catch(() => undefined);
    return fetching;
  }

  return {
    async next(wait_ms) {
      under_way ??= begin();
      const slab = await within(under_way, wait_ms);
      if (slab === null) return new Batch(nothing, topics, inlet.ends());
      const batch = new Batch(slab, topics, inlet.ends());
      under_way = begin();
      return batch;
    },
    async discard() {
      await under_way?.catch(() => undefined);
      under_way = null;
      inlet.discard();
    },
    expect(anything) {
      fetch_ms = anything ? fetch_ms_max : idle_fetch_ms_max;
    },
    async close() {
      await under_way?.catch(() => undefined);
      inlet.close();
    },
  };
}

/** Null where `wait_ms` passes first. */
function within<T>(promise: Promise<T>, wait_ms: number): Promise<T | null> {
  if (wait_ms >= fetch_ms_max) return promise;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, wait_ms, null);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
