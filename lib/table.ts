/** One broadcast table in memory: the newest record of each key, and never more than its limits allow. */
import { MillraceError } from './errors.ts';

export interface Table {
  /** The same map for good: it changes when `put` does it. */
  readonly records: ReadonlyMap<string, unknown>;
  /** Null deletes the key. `bytes` is what the record takes encoded. Throws MillraceError `table.full`. */
  put(key: string, record: unknown | null, bytes: number): void;
}

export interface TableLimits {
  readonly keys_max: number;
  /** Of keys and encoded records; as objects they take some times as much, in each instance. */
  readonly bytes_max: number;
}

export const table_limits: TableLimits = { keys_max: 100_000, bytes_max: 32 * 1024 * 1024 };

export function createTable(name: string, { keys_max, bytes_max }: TableLimits = table_limits): Table {
  const records = new Map<string, unknown>();
  const sizes = new Map<string, number>();
  let used = 0;

  function forget(key: string): void {
    used -= sizes.get(key) ?? 0;
    sizes.delete(key);
    records.delete(key);
  }

  return {
    records,
    put(key, record, bytes) {
      forget(key);
      if (record === null) return;
      const size = key.length + bytes;
      if (records.size >= keys_max || used + size > bytes_max) {
        throw new MillraceError('table.full', `${name} has more than ${keys_max} keys or ${bytes_max} bytes`, {
          remedy: 'make it an input that is keyed as the others are: each instance then keeps its share, on disk',
        });
      }
      records.set(key, record);
      sizes.set(key, size);
      used += size;
    },
  };
}
