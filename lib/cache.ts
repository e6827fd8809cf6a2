/**
 * Values that were worked out before, as long as what they were made of has not changed. What is wanted several times at once is
 * worked out once. The least used goes where there are too many bytes.
 */

export interface Cache<T> {
  /** Of the key; `make` works it out where it is not there. */
  get(key: string, make: () => Promise<T>): Promise<T>;
  /** Of the key, where it is there and nobody has to be asked for the version; null otherwise. */
  peek(key: string): T | null;
  /** Whatever was worked out until now may be wrong. */
  invalidate(): void;
}

/** What other processes have worked out, and are told by this one. It never rejects and never takes long. */
export interface SecondLayer<T> {
  /** With how long it still holds. */
  get(key: string): Promise<{ value: T; ttl_ms: number } | null>;
  put(key: string, value: T, ttl_ms: number): void;
}

export interface CacheOptions<T> {
  readonly bytes_max: number;
  /** However little has changed. */
  readonly ttl_ms: number;
  /** What the value takes; null for one that is not kept. */
  bytesOf(value: T): number | null;
  /** Of what values are made of: while it is the same, so are they. Nothing is kept where it rejects. */
  version(): Promise<string>;
  /** For so long a version is taken for the present one. */
  readonly version_ms: number;
  onLookup(result: 'hit' | 'miss' | 'bypass'): void;
  /** Asked for what is not here, under the key and the version. */
  readonly second?: SecondLayer<T> | undefined;
}

interface Entry<T> {
  /** Since it was last passed over for room. */
  used: boolean;
  readonly value: T;
  readonly bytes: number;
  readonly version: string;
  readonly until_ms: number;
}

/** Of an entry beside its key and value. */
const entry_bytes = 128;

export function createCache<T>(options: CacheOptions<T>): Cache<T> {
  const { bytes_max, ttl_ms, bytesOf, version_ms, onLookup, second } = options;
  const entries = new Map<string, Entry<T>>();
  const under_way = new Map<string, Promise<T>>();
  let bytes = 0;
  let known: { readonly text: string; readonly at_ms: number } | null = null;
  let asking: Promise<string> | null = null;
  /** A part of every version, so that one that was asked for before an invalidation is none of those after it. */
  let invalidations = 0;
  /** The first version after an invalidation: others may have made values of it before, and told them. */
  let avoided: string | null = null;
  let avoids_next = false;

  const ageOf = ({ at_ms }: { readonly at_ms: number }): number => performance.now() - at_ms;
  const knownVersion = (): string | null => (known !== null && ageOf(known) < version_ms ? known.text : null);
  const versionNow = (): string | Promise<string> => knownVersion() ?? ask();

  function ask(): Promise<string> {
    if (asking !== null) return asking;
    const asked = askVersion().finally(() => {
      if (asking === asked) asking = null;
    });
    asking = asked;
    return asked;
  }

  /** Before it is too old, so that whoever only looks need not wait for it. */
  function askAhead(): void {
    if (known !== null && asking === null && ageOf(known) > version_ms / 2) ask().catch(() => undefined);
  }

  async function askVersion(): Promise<string> {
    const before = invalidations;
    // What changes while it is asked is in the next one.
    const at_ms = performance.now();
    const text = `${before} ${await options.version()}`;
    if (before === invalidations) {
      // The same string where it says the same: each look-up compares it.
      known = { text: text === known?.text ? known.text : text, at_ms };
      if (avoids_next) avoided = shared(text);
      avoids_next = false;
    }
    return text;
  }

  function drop(key: string): void {
    bytes -= entries.get(key)?.bytes ?? 0;
    entries.delete(key);
  }

  function keep(key: string, value: T, value_bytes: number, version: string, held_ms: number): void {
    drop(key);
    const size = value_bytes + 2 * key.length + entry_bytes;
    if (size > bytes_max) return;
    entries.set(key, { used: false, value, bytes: size, version, until_ms: performance.now() + held_ms });
    bytes += size;
    makeRoom();
  }

  /** The oldest goes, unless it was used: then it is a newest one again. A place that moves at each use would cost more than the rest of it. */
  function makeRoom(): void {
    for (const [key, entry] of entries) {
      if (bytes <= bytes_max) break;
      if (!entry.used) drop(key);
      else {
        entry.used = false;
        entries.delete(key);
        entries.set(key, entry);
      }
    }
  }

  function find(key: string, version: string): Entry<T> | null {
    const entry = entries.get(key);
    if (entry === undefined) return null;
    if (entry.version !== version || performance.now() >= entry.until_ms) {
      drop(key);
      return null;
    }
    entry.used = true;
    return entry;
  }

  function work(key: string, version: string, make: () => Promise<T>): Promise<T> {
    const name = `${version} ${key}`;
    const present = under_way.get(name);
    if (present) return present;
    const made = (second ? toldOrMade(second, key, version, make) : makeAndKeep(key, version, make)).finally(() =>
      under_way.delete(name),
    );
    under_way.set(name, made);
    return made;
  }

  async function makeAndKeep(key: string, version: string, make: () => Promise<T>): Promise<T> {
    const value = await make();
    const bytes = bytesOf(value);
    if (bytes === null) return value;
    keep(key, value, bytes, version, ttl_ms);
    second?.put(`${shared(version)} ${key}`, value, ttl_ms);
    return value;
  }

  async function toldOrMade(others: SecondLayer<T>, key: string, version: string, make: () => Promise<T>): Promise<T> {
    const told = shared(version) === avoided ? null : await others.get(`${shared(version)} ${key}`);
    if (told === null) return makeAndKeep(key, version, make);
    keep(key, told.value, bytesOf(told.value) ?? 0, version, Math.min(told.ttl_ms, ttl_ms));
    return told.value;
  }

  return {
    async get(key, make) {
      let version: string;
      try {
        const now = versionNow();
        version = typeof now === 'string' ? now : await now;
      } catch {
        onLookup('bypass');
        return make();
      }
      const entry = find(key, version);
      onLookup(entry ? 'hit' : 'miss');
      return entry ? entry.value : work(key, version, make);
    },
    peek(key) {
      const version = knownVersion();
      const entry = version === null ? null : find(key, version);
      if (entry === null) return null;
      askAhead();
      onLookup('hit');
      return entry.value;
    },
    invalidate() {
      invalidations++;
      known = null;
      avoids_next = true;
      // Whoever comes next must not be told a version that was asked for before.
      asking = null;
    },
  };
}

/** The version as every process knows it: without this one's count of invalidations. */
const shared = (version: string): string => version.slice(version.indexOf(' ') + 1);
