/**
 * Keyed state of one partition: what is committed, and over it what the open transaction would change.
 * Restored from the changelog whenever the partition is assigned.
 */
import { type KafkaConfig, openRawReader } from './kafka.ts';
import type { Serde } from './registry.ts';

export interface PartitionState {
  get(key: string): unknown | null;
  /** Changes the key within the open transaction; null forgets it. */
  set(key: string, value: unknown | null): void;
  /** What the open transaction changed, each key once with its last value: what the changelog must carry. */
  changes(): Iterable<[string, unknown | null]>;
  /** The transaction was committed. */
  apply(): void;
  /** The transaction was aborted. */
  discard(): void;
  readonly size: number;
}

export function createPartitionState(restored: Map<string, unknown>): PartitionState {
  const committed = restored;
  const open = new Map<string, unknown | null>();
  return {
    get: key => (open.has(key) ? open.get(key) : committed.get(key)) ?? null,
    set: (key, value) => void open.set(key, value),
    changes: () => open,
    apply() {
      for (const [key, value] of open) {
        if (value === null) committed.delete(key);
        else committed.set(key, value);
      }
      open.clear();
    },
    discard: () => open.clear(),
    get size() {
      return committed.size;
    },
  };
}

const restore_stall_ms_max = 60_000;

/**
 * Reads a changelog partition up to its high watermark. The caller has initialised its transactional producer before,
 * which aborts what its predecessor left open; a foreign open transaction is waited out, as long as there is progress.
 */
export async function restoreState(
  kafka: KafkaConfig,
  changelog: Serde<unknown>,
  partition: number,
): Promise<PartitionState> {
  const topic = changelog.topic.name;
  const reader = await openRawReader({ kafka, partitions: [{ topic, partition }], from: 'earliest' });
  const values = new Map<string, unknown>();
  try {
    let progressed_at_ms = Date.now();
    while (!reader.caughtUp()) {
      const batch = await reader.poll(2_000, 100);
      for (let i = 0; i < batch.count; i++) {
        const value = batch.value(i);
        if (value === null) values.delete(batch.key(i));
        else values.set(batch.key(i), await changelog.deserialize(value));
      }
      if (batch.count > 0) progressed_at_ms = Date.now();
      else if (Date.now() - progressed_at_ms > restore_stall_ms_max) {
        throw new Error(`${topic}/${partition}: no progress for ${restore_stall_ms_max} ms while restoring state`);
      }
    }
  } finally {
    await reader.close();
  }
  return createPartitionState(values);
}
