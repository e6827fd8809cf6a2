/**
 * Keyed state of one partition: what is committed, and over it what the open transaction would change.
 * Restored from the changelog whenever the partition is assigned.
 */
import type { KafkaConfig } from './kafka.ts';
import { readLatest } from './latest.ts';
import type { Serde } from './registry.ts';

export interface PartitionState {
  get(key: string): unknown | null;
  /** Changes the key within the open transaction; null forgets it. */
  set(key: string, value: unknown | null): void;
  /** Every key with its value within the open transaction. */
  entries(): Iterable<[string, unknown]>;
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
    *entries() {
      // Taken first: whoever walks through the keys may change them on the way, and is not told of a key twice.
      const changed = [...open];
      const hidden = new Set(changed.map(([key]) => key));
      for (const entry of committed) if (!hidden.has(entry[0])) yield entry;
      for (const [key, value] of changed) if (value !== null) yield [key, value];
    },
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

/**
 * Reads a changelog partition up to its high watermark. The caller has initialised its transactional producer before,
 * which aborts what its predecessor left open.
 */
export async function restoreState(
  kafka: KafkaConfig,
  changelog: Serde<unknown>,
  partition: number,
): Promise<PartitionState> {
  return createPartitionState(await readLatest(kafka, changelog, partition));
}
