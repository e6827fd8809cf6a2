/**
 * A watermark by offsets: a time before which everything ingested has passed through a chain of consumer groups. Again and
 * again:
 *
 *   1. note     the time
 *   2. follow   group after group, in the order of flow: note the ends of its inputs, and wait until it has committed them
 *   3. tell     the time
 *
 * What lay in the first inputs at 1 is behind the first group once that has committed past it; the outputs were committed in
 * the same transactions, so they lie below the ends noted for the second group; and so on to the last. A record told of at
 * 3 therefore lies behind every output of what was ingested before 1, however far any group was behind. A crash, or a
 * broker that is away, only delays: time that is not told does not pass.
 */
import { messageOf } from './errors.ts';
import type { KafkaConfig } from './kafka.ts';
import { type OffsetReader, openOffsetReader } from './kafka-admin.ts';
import { pause } from './lifecycle.ts';
import type { Logger } from './log.ts';

export interface WatermarkOptions {
  readonly kafka: KafkaConfig;
  /** In the order of flow. They must commit the ends of what they have read (processor-runtime.ts does). */
  readonly groups: readonly { readonly group_id: string; readonly topics: readonly string[] }[];
  readonly interval_ms: number;
  /** Must be durable, and behind all outputs of the groups, when it settles. An error of it is fatal. */
  tell(at_ms: number): Promise<void>;
  onFatal(error: Error): void;
  readonly log: Logger;
}

const ask_ms = 100;
const retry_ms = 2_000;

export function followWatermark(options: WatermarkOptions): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  let offsets: OffsetReader | null = null;

  async function follow(): Promise<number | null> {
    const at_ms = Date.now();
    offsets ??= await openOffsetReader(options.kafka);
    for (const { group_id, topics } of options.groups) {
      const ends = await offsets.ends(topics);
      while (!hasReached(await offsets.committed(group_id, topics), ends)) {
        if (signal.aborted) return null;
        await pause(ask_ms, signal);
      }
    }
    return at_ms;
  }

  /** The broker is away, perhaps for good: that is for those to say who cannot do without it. */
  async function attempt(): Promise<number | null> {
    try {
      return await follow();
    } catch (error) {
      options.log.warn({ error: messageOf(error) }, 'the watermark waits');
      await close();
      await pause(retry_ms, signal);
      return null;
    }
  }

  async function close(): Promise<void> {
    const open = offsets;
    offsets = null;
    await open?.close().catch(() => undefined);
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const at_ms = await attempt();
      if (at_ms === null || signal.aborted) continue;
      await options.tell(at_ms);
      await pause(Math.max(0, at_ms + options.interval_ms - Date.now()), signal);
    }
    await close();
  }

  const running = run().catch(options.onFatal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

function hasReached(committed: ReadonlyMap<string, number>, ends: ReadonlyMap<string, number>): boolean {
  return [...ends].every(([place, end]) => end <= (committed.get(place) ?? 0));
}
