/** The records of the fault tests, from a seed: skewed keys, hostile dates. What must come out is computed from them alone. */
import { createRandom } from '../../bench/random.ts';

export interface Event {
  event_id: string;
  key: string;
  at_ms: number;
  value: number;
  text: string;
}
export interface Total {
  event_id: string;
  key: string;
  count: number;
  sum: number;
}

export interface Input {
  readonly count: number;
  readonly seed: number;
  /** How many keys there are; of a few, small numbers come far more often, and many come one after the other. */
  readonly keys: number;
}

const many_keys = 50_000;
const hostile_ms = [-62_135_596_800_000, -1, 0, 253_402_300_799_000, 9_000_000_000_000_000];

export function* events({ count, seed, keys }: Input): Generator<Event> {
  const random = createRandom(seed);
  for (let i = 0; i < count; i++) {
    yield {
      event_id: `event-${i}`,
      key: `key-${keys >= many_keys ? i % keys : random.skewed(keys)}`,
      at_ms: random.chance(0.01) ? random.pick(hostile_ms) : 1_700_000_000_000 + i,
      value: random.int(-100, 100),
      text: random.hex(64),
    };
  }
}

/** What begins the key of a record that is none. */
export const corrupt_key = 'corrupt-';

/** Bytes that are no record, in the ways they come: foreign, of an unknown schema, random, cut short, with something left over. */
export function* corruptBytes(count: number, seed: number, sound: Buffer): Generator<Buffer> {
  const random = createRandom(seed);
  for (let i = 0; i < count; i++) {
    const noise = Buffer.from(random.hex(random.int(1, 200)));
    const header = sound.subarray(0, 5);
    const unknown = Buffer.from(header);
    unknown.writeInt32BE(1_000_000 + random.int(0, 20), 1);
    yield [
      noise,
      Buffer.concat([unknown, noise]),
      Buffer.concat([header, noise]),
      sound.subarray(0, random.int(5, sound.length - 1)),
      Buffer.concat([sound, noise]),
    ][i % 5] as Buffer;
  }
}

/** After each event the totals of its key: by event id. */
export function expectedTotals(input: Input): Map<string, Total> {
  const last = new Map<string, Total>();
  const all = new Map<string, Total>();
  for (const { event_id, key, value } of events(input)) {
    const before = last.get(key);
    const total = { event_id, key, count: (before?.count ?? 0) + 1, sum: (before?.sum ?? 0) + value };
    last.set(key, total);
    all.set(event_id, total);
  }
  return all;
}
