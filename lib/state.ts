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
  changes(): readonly { readonly key: string; readonly value: unknown | null }[];
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

/** Of keys and encoded values that are only read; as objects they take some times as much. */
const cache_bytes_max = 4 * 1024 * 1024;
/** Of one beside its key and value. */
const entry_bytes = 64;

/** A key in memory. Those that are open or unsaved stay there; the others are a cache of the copy. */
interface Entry {
  readonly key: string;
  /** Within the open transaction; null where the key is forgotten. */
  value: unknown | null;
  committed: unknown | null;
  open: boolean;
  unsaved: boolean;
  /** What it counts for in the cache. A changed value's size is known when it is saved, and before that it stays anyway. */
  bytes: number;
}

export function createPartitionState(local: LocalPartition, codec: StateCodec): PartitionState {
  const entries = createEntries();
  let open: Entry[] = [];
  let unsaved: Entry[] = [];

  /** Null where the key is unknown in memory and on disk. */
  function find(key: string): Entry | null {
    const present = entries.get(key);
    if (present) return present;
    const bytes = local.get(key);
    if (bytes === null) return null;
    return entries.add(newEntry(key, codec.decode(bytes), bytes.length));
  }

  function get(key: string): unknown | null {
    return find(key)?.value ?? null;
  }

  function* changed() {
    for (const entry of unsaved) {
      const { key, committed } = entry;
      const value = committed === null ? null : codec.encode(committed);
      entries.weigh(entry, value?.length ?? 0);
      yield { key, value, due_ms: committed === null ? null : codec.due_ms(committed) };
    }
  }

  return {
    get,
    set(key, value) {
      const entry = find(key) ?? entries.add(newEntry(key, null, 0));
      entry.value = value;
      if (entry.open) return;
      entry.open = true;
      open.push(entry);
    },
    *due(now_ms) {
      // Taken first: whoever walks through the keys may change them on the way, and is not told of a key twice.
      const keys = [...local.due(now_ms), ...unsaved.map(entry => entry.key), ...open.map(entry => entry.key)];
      for (const key of new Set(keys)) {
        const value = get(key);
        const due_ms = value === null ? null : codec.due_ms(value);
        if (due_ms !== null && due_ms <= now_ms) yield [key, value];
      }
    },
    changes: () => open,
    apply() {
      for (const entry of open) {
        entry.committed = entry.value;
        entry.open = false;
        if (entry.unsaved) continue;
        entry.unsaved = true;
        unsaved.push(entry);
      }
      open = [];
    },
    discard() {
      for (const entry of open) {
        entry.value = entry.committed;
        entry.open = false;
      }
      open = [];
    },
    unsaved: () => unsaved.length,
    save(checkpoint, schema_id) {
      const ids = new Set(local.checkpoint()?.schema_ids ?? []).add(schema_id);
      local.write(changed(), { ...checkpoint, schema_ids: [...ids] });
      for (const entry of unsaved) entry.unsaved = false;
      unsaved = [];
      entries.trim();
    },
    size: local.size,
  };
}

const newEntry = (key: string, committed: unknown | null, value_bytes: number): Entry => ({
  key,
  value: committed,
  committed,
  open: false,
  unsaved: false,
  bytes: bytesOf(key, value_bytes),
});

const bytesOf = (key: string, value_bytes: number): number => entry_bytes + key.length + value_bytes;

interface Entries {
  get(key: string): Entry | undefined;
  add(entry: Entry): Entry;
  /** Its value takes so much by now. */
  weigh(entry: Entry, value_bytes: number): void;
  /** What did not have to go while it was unsaved may go now. */
  trim(): void;
}

/**
 * Keeps what was used lately, in two generations: when the young one is full it becomes the old one, and whatever of that
 * is used again is young again. So the least used goes, at the price of a look-up and without a list. What is open or
 * unsaved does not go: nowhere else is it.
 */
function createEntries(): Entries {
  let young = new Map<string, Entry>();
  let old = new Map<string, Entry>();
  let used = 0;

  const trim = (bytes = 0): void => {
    if (used + bytes > cache_bytes_max / 2) turn();
  };

  function add(entry: Entry): Entry {
    trim(entry.bytes);
    young.set(entry.key, entry);
    used += entry.bytes;
    return entry;
  }

  function turn(): void {
    const kept = [...old.values()].filter(entry => entry.open || entry.unsaved);
    old = young;
    young = new Map(kept.map(entry => [entry.key, entry]));
    // They are not the cache's: were they counted, a large transaction would turn at each key.
    used = 0;
  }

  return {
    get(key) {
      const present = young.get(key);
      if (present) return present;
      const aged = old.get(key);
      if (!aged) return undefined;
      old.delete(key);
      return add(aged);
    },
    add,
    weigh(entry, value_bytes) {
      const bytes = bytesOf(entry.key, value_bytes);
      if (young.has(entry.key)) used += bytes - entry.bytes;
      entry.bytes = bytes;
    },
    trim: () => trim(),
  };
}
