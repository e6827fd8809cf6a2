/**
 * Arrays and maps that believe no count. avsc reads as many items as a block claims to have, whatever lies behind it, and goes
 * back where a length is negative: a few corrupt bytes would keep it busy for good. Here a block that claims more items than
 * there are bytes, or does not go forward, is a fault.
 */
import avsc from 'avsc';

/** What avsc reads bytes by. */
interface Tap {
  pos: number;
  readLong(): number;
  readString(): string;
  skipString(): void;
}

/** A type as avsc uses it inside. What a reader makes of a writer's array has an item type too, and borrows `_read`. */
interface Inner {
  _read(tap: Tap): unknown;
  _skip(tap: Tap): void;
}
interface Holder {
  readonly itemsType: Inner;
  readonly valuesType: Inner;
}

type Constructor = new (schema: object, options: object) => avsc.Type;
const { ArrayType, MapType } = avsc.types as unknown as { ArrayType: Constructor; MapType: Constructor };

class BoundedArray extends ArrayType {
  _read(this: Holder, tap: Tap): unknown[] {
    const items: unknown[] = [];
    eachItem(tap, false, () => items.push(this.itemsType._read(tap)));
    return items;
  }

  _skip(this: Holder, tap: Tap): void {
    eachItem(tap, true, () => this.itemsType._skip(tap));
  }
}

class BoundedMap extends MapType {
  _read(this: Holder, tap: Tap): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    eachItem(tap, false, () => {
      const key = tap.readString();
      values[key] = this.valuesType._read(tap);
    });
    return values;
  }

  _skip(this: Holder, tap: Tap): void {
    eachItem(tap, true, () => {
      tap.skipString();
      this.valuesType._skip(tap);
    });
  }
}

/** For avsc's option `typeHook`. */
export function boundedType(schema: unknown, options: object): avsc.Type | undefined {
  const type = (schema as { type?: unknown } | null)?.type;
  if (type === 'array') return new BoundedArray(schema as object, options);
  if (type === 'map') return new BoundedMap(schema as object, options);
  return undefined;
}

/** The place behind the record that is being read. One at a time: reading waits for nothing. */
let limit = 0;

/** Reads, and lets no block go beyond `end`. */
export function readWithin<T>(end: number, read: () => T): T {
  limit = end;
  return read();
}

/** Blocks of items, until an empty one. A negative count is followed by the block's size in bytes. */
function eachItem(tap: Tap, skips: boolean, take: () => void): void {
  for (;;) {
    const before = tap.pos;
    let count = tap.readLong();
    if (count === 0) return;
    const size = count < 0 ? tap.readLong() : null;
    count = Math.abs(count);
    if (count > limit - tap.pos) throw new Error('a block claims more items than there are bytes');
    if (size !== null && skips) tap.pos += size;
    else for (; count > 0; count--) take();
    if (tap.pos <= before || tap.pos > limit) throw new Error('a block does not end where it must');
  }
}
