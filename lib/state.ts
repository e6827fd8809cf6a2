/**
 * Keyed state of one partition, in layers: what the open transaction would change, what is committed since the last
 * checkpoint, and the copy on disk, with the values read from it lately.
 */
import type { Checkpoint, LocalPartition } from './state-file.ts';

export interface StateCodec {
  encode(value: unknown): Buffer;
  decode(bytes: Buffer): unknown;
  /** When a key with this value is to be woken, in milliseconds since 1970; null for never. */
  due_ms(value: unknown): number | null;
}

export interface PartitionState {
  get(key: string): unknown | null;
  /** Changes the key within the open transaction; null forgets it. */
  set(key: string, value: unknown | null): void;
  /** Every key that is due at `now_ms`, with its value within the open transaction. It may change on the way. */
  due(now_ms: number): Iterable<[string, unknown]>;
  /** What the open transaction changed, each key once with its last value: what the changelog must carry. */
  changes(): ReadonlyMap<string, unknown | null>;
  /** The transaction was committed. */
  apply(): void;
  /** The transaction was aborted. */
  discard(): void;
  /** How many keys were committed and are not in the copy yet. */
  unsaved(): number;
  /** Writes what was committed to the copy, together with how far it goes. No transaction may be open. */
  save(checkpoint: Omit<Checkpoint, 'schema_ids'>, schema_id: number): void;
  /** How many keys there are in the copy. */
  size(): number;
}

/** Of encoded values; as objects they take some times as much. */
const cache_bytes_max = 4 * 1024 * 1024;
const cached_entry_bytes = 64;

export function createPartitionState(local: LocalPartition, codec: StateCodec): PartitionState {
  const open = new Map<string, unknown | null>();
  const unsaved = new Map<string, unknown | null>();
  const cache = createCache(cache_bytes_max);

  function get(key: string): unknown | null {
    const changed = open.get(key);
    if (changed !== undefined) return changed;
    const committed = unsaved.get(key);
    if (committed !== undefined) return committed;
    const cached = cache.get(key);
    if (cached !== undefined) return cached;
    const bytes = local.get(key);
    if (bytes === null) return null;
    const value = codec.decode(bytes);
    cache.set(key, value, bytes.length + cached_entry_bytes);
    return value;
  }

  function* encoded() {
    for (const [key, value] of unsaved) {
      const bytes = value === null ? null : codec.encode(value);
      yield { key, value: bytes, due_ms: value === null ? null : codec.due_ms(value) };
      if (bytes !== null) cache.set(key, value, bytes.length + cached_entry_bytes);
    }
  }

  return {
    get,
    set: (key, value) => void open.set(key, value),
    *due(now_ms) {
      // Taken first: whoever walks through the keys may change them on the way, and is not told of a key twice.
      for (const key of new Set([...local.due(now_ms), ...unsaved.keys(), ...open.keys()])) {
        const value = get(key);
        const due_ms = value === null ? null : codec.due_ms(value);
        if (due_ms !== null && due_ms <= now_ms) yield [key, value];
      }
    },
    changes: () => open,
    apply() {
      for (const [key, value] of open) {
        unsaved.set(key, value);
        cache.delete(key);
      }
      open.clear();
    },
    discard: () => open.clear(),
    unsaved: () => unsaved.size,
    save(checkpoint, schema_id) {
      const ids = new Set(local.checkpoint()?.schema_ids ?? []).add(schema_id);
      local.write(encoded(), { ...checkpoint, schema_ids: [...ids] });
      unsaved.clear();
    },
    size: local.size,
  };
}

interface Cache {
  get(key: string): unknown | undefined;
  set(key: string, value: unknown, bytes: number): void;
  delete(key: string): void;
}

/**
 * Keeps what was used lately, in two generations: when the young one is full it becomes the old one, and whatever of that
 * is used again is young again. So the least used goes, at the price of a look-up and without a list.
 */
function createCache(bytes_max: number): Cache {
  let young = new Map<string, { value: unknown; bytes: number }>();
  let old = new Map<string, { value: unknown; bytes: number }>();
  let used = 0;

  function add(key: string, entry: { value: unknown; bytes: number }): void {
    if (used + entry.bytes > bytes_max / 2) {
      old = young;
      young = new Map();
      used = 0;
    }
    young.set(key, entry);
    used += entry.bytes;
  }

  return {
    get(key) {
      const present = young.get(key);
      if (present) return present.value;
      const aged = old.get(key);
      if (!aged) return undefined;
      old.delete(key);
      add(key, aged);
      return aged.value;
    },
    set: (key, value, bytes) => add(key, { value, bytes }),
    delete(key) {
      young.delete(key);
      old.delete(key);
    },
  };
}
