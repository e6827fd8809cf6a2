/**
 * How far consumer groups are behind. Asked at the broker when somebody scrapes, and by no one else; each instance tells
 * its whole group's lag, which stays known while any of them is there.
 */
import { messageOf } from './errors.ts';
import type { OffsetReader } from './kafka-admin.ts';
import type { Logger } from './log.ts';
import { askedOnScrape, Gauge, type Registry } from './metrics.ts';

export interface WatchedGroup {
  readonly stage: string;
  readonly group_id: string;
  readonly topics: readonly string[];
}

export interface LagOptions {
  readonly groups: readonly WatchedGroup[];
  open(): Promise<OffsetReader>;
  readonly metrics: Registry;
  readonly log: Logger;
}

/** No part of the interval in which the watermark is told: in step with it, each answer would have the ticks that are on their way. */
const ask_interval_ms = 3_000;
const ask_ms_max = 3_000;

export function watchLag({ groups, open, metrics, log }: LagOptions): { close(): Promise<void> } {
  let offsets: OffsetReader | null = null;

  async function close(): Promise<void> {
    const opened = offsets;
    offsets = null;
    await opened?.close().catch(() => undefined);
  }

  const gauge = new Gauge({
    name: 'millrace_consumer_lag_records',
    help: 'Records of the topic that the stage has yet to commit, in all instances together',
    labelNames: ['stage', 'topic'],
    registers: [metrics],
    collect: askedOnScrape({
      interval_ms: ask_interval_ms,
      ms_max: ask_ms_max,
      async ask() {
        offsets ??= await open();
        for (const group of groups) {
          for (const [topic, lag] of await lagOf(offsets, group)) gauge.set({ stage: group.stage, topic }, lag);
        }
      },
      forget(error) {
        log.debug({ error: messageOf(error) }, 'the lag is not known');
        gauge.reset();
        void close();
      },
    }),
  });
  return { close };
}

/** By topic. The positions are asked first: they can only have moved on when the ends are told. */
export async function lagOf(offsets: OffsetReader, { group_id, topics }: WatchedGroup): Promise<Map<string, number>> {
  const committed = await offsets.committed(group_id, topics);
  const lags = new Map(topics.map(topic => [topic, 0]));
  for (const [place, end] of await offsets.ends(topics)) {
    const topic = place.slice(0, place.lastIndexOf('/'));
    const behind = end - (committed.get(place) ?? 0);
    lags.set(topic, (lags.get(topic) ?? 0) + Math.max(0, behind));
  }
  return lags;
}
