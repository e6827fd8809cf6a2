/**
 * State on disk: the values of partitions' keys, as their changelog has them, in one LMDB file for each instance. It is a
 * copy, which saves reading the changelog again; what it vouches for is in its checkpoint, written in the same local
 * transaction as the values. Losing the file costs time, never data.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open as openDatabase, type RootDatabase } from 'lmdb';

/** How far a partition's copy goes. */
export interface Checkpoint {
  /** The changelog's own id: a topic of the same name, made anew, is another one. */
  readonly topic_id: string;
  /** Everything below it is in the copy. */
  readonly next_offset: number;
  /** Changes when what is stored beside the values does. */
  readonly layout: string;
  /** Of the schemas that the values are written with. */
  readonly schema_ids: readonly number[];
  readonly at_ms: number;
}

/** A key's new value, encoded; null forgets it. */
export interface Change {
  readonly key: string;
  readonly value: Buffer | null;
  /** When the key is to be woken, in milliseconds since 1970; null for never. */
  readonly due_ms: number | null;
}

/** The copy of one partition. */
export interface LocalPartition {
  checkpoint(): Checkpoint | null;
  /** The value's bytes, which are valid until the next call; null where there is none. */
  get(key: string): Buffer | null;
  /** The keys whose time has come. */
  due(now_ms: number): string[];
  /** All of it or nothing. */
  write(changes: Iterable<Change>, checkpoint: Checkpoint): void;
  clear(): void;
  /** How many keys there are. */
  size(): number;
}

export interface StateFile {
  /** `timed`: keys have times at which to be woken. */
  partition(changelog: string, partition: number, timed: boolean): LocalPartition;
  close(): Promise<void>;
}

/** LMDB takes keys of up to 1,978 bytes; a longer one is stored under its beginning and its hash. */
const key_bytes_max = 1_900;
const key_beginning_bytes = 256;
const databases_max = 4_096;

/** Throws where the directory cannot be used. */
export function openStateFile(dir: string): StateFile {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const root = openDatabase({
    path: join(dir, 'state.lmdb'),
    encoding: 'json',
    maxDbs: databases_max,
    // Otherwise every page ever touched counts as this process's memory.
    remapChunks: true,
  }) as RootDatabase<unknown, string>;
  // Of two processes that hold the file, such as one that was thought dead and its successor, only the later may write.
  const owner = randomUUID();
  root.putSync('owner', owner);

  function exclusively(work: () => void): void {
    root.transactionSync(() => {
      if (root.get('owner') !== owner) throw new Error(`${dir}: another process has taken the state over`);
      work();
    });
  }

  return {
    partition: (changelog, partition, timed) => {
      const name = `${changelog}/${partition}`;
      return localPartition(root, exclusively, name, timed ? timedValues(root, name) : plainValues(root, name));
    },
    close: () => root.close(),
  };
}

interface Values {
  get(key: string): Buffer | null;
  due(now_ms: number): string[];
  put(change: Change): void;
  clear(): void;
  size(): number;
}

function localPartition(
  root: RootDatabase<unknown, string>,
  exclusively: (work: () => void) => void,
  name: string,
  values: Values,
): LocalPartition {
  const checkpoint_key = `checkpoint ${name}`;
  return {
    ...values,
    checkpoint: () => (root.get(checkpoint_key) as Checkpoint | undefined) ?? null,
    write(changes, checkpoint) {
      exclusively(() => {
        for (const change of changes) values.put(change);
        root.putSync(checkpoint_key, checkpoint);
      });
    },
    clear() {
      exclusively(() => {
        values.clear();
        root.removeSync(checkpoint_key);
      });
    },
  };
}

type Bytes = Database<Buffer, string>;
const sizeOf = (database: Bytes): number => (database.getStats() as { entryCount: number }).entryCount;

function plainValues(root: RootDatabase<unknown, string>, name: string): Values {
  const values: Bytes = root.openDB({ name, encoding: 'binary' });
  return {
    get: key => values.getBinaryFast(storedKey(key)) ?? null,
    due: () => [],
    put({ key, value }) {
      if (value === null) values.removeSync(storedKey(key));
      else values.putSync(storedKey(key), value);
    },
    clear: () => values.clearSync(),
    size: () => sizeOf(values),
  };
}

/** The time of each key stands before its value, and in an index of its own. */
const due_bytes = 8;
const never = Number.POSITIVE_INFINITY;

function timedValues(root: RootDatabase<unknown, string>, name: string): Values {
  const values: Bytes = root.openDB({ name, encoding: 'binary' });
  const dues: Database<string, [number, string]> = root.openDB({ name: `${name}/due`, encoding: 'string' });
  return {
    get: key => values.getBinaryFast(storedKey(key))?.subarray(due_bytes) ?? null,
    due: now_ms => [...dues.getRange({ end: [now_ms, '\uffff'] })].map(({ value }) => value),
    put({ key, value, due_ms }) {
      const stored = storedKey(key);
      const due_before = values.getBinaryFast(stored)?.readDoubleLE(0) ?? never;
      const due = value === null ? never : (due_ms ?? never);
      if (due_before !== never && due_before !== due) dues.removeSync([due_before, stored]);
      if (due !== never && due_before !== due) dues.putSync([due, stored], key);
      if (value === null) return void values.removeSync(stored);
      const bytes = Buffer.allocUnsafe(due_bytes + value.length);
      bytes.writeDoubleLE(due, 0);
      value.copy(bytes, due_bytes);
      values.putSync(stored, bytes);
    },
    clear() {
      values.clearSync();
      dues.clearSync();
    },
    size: () => sizeOf(values),
  };
}

function storedKey(key: string): string {
  if (key === '') return '\u0001';
  if (key.length * 3 <= key_bytes_max) return key;
  const bytes = Buffer.from(key);
  if (bytes.length <= key_bytes_max) return key;
  const hash = createHash('sha256').update(bytes).digest('hex');
  return `${bytes.toString('latin1', 0, key_beginning_bytes)}#${hash}`;
}
