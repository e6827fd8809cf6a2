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
    const { itemsType } = this;
    const items: unknown[] = [];
    for (let at = tap.pos, count = countOf(tap); count > 0; at = checked(tap, at), count = countOf(tap)) {
      for (; count > 0; count--) items.push(itemsType._read(tap));
    }
    return items;
  }

  _skip(this: Holder, tap: Tap): void {
    const { itemsType } = this;
    for (let at = tap.pos, count = countOf(tap); count > 0; at = checked(tap, at), count = countOf(tap)) {
      for (; count > 0; count--) itemsType._skip(tap);
    }
  }
}

class BoundedMap extends MapType {
  _read(this: Holder, tap: Tap): Record<string, unknown> {
    const { valuesType } = this;
    const values: Record<string, unknown> = {};
    for (let at = tap.pos, count = countOf(tap); count > 0; at = checked(tap, at), count = countOf(tap)) {
      for (; count > 0; count--) {
        const key = tap.readString();
        values[key] = valuesType._read(tap);
      }
    }
    return values;
  }

  _skip(this: Holder, tap: Tap): void {
    const { valuesType } = this;
    for (let at = tap.pos, count = countOf(tap); count > 0; at = checked(tap, at), count = countOf(tap)) {
      for (; count > 0; count--) {
        tap.skipString();
        valuesType._skip(tap);
      }
    }
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

/** What is read next ends there at the latest. */
export function limitReading(end: number): void {
  limit = end;
}

/** Of the block that begins here; 0 behind the last. A negative one is followed by the block's size in bytes. */
function countOf(tap: Tap): number {
  const count = tap.readLong();
  if (count < 0) tap.readLong();
  if (Math.abs(count) > limit - tap.pos) throw new Error('a block claims more items than there are bytes');
  return Math.abs(count);
}

/** The place behind a block that began at `start`. */
function checked({ pos }: Tap, start: number): number {
  if (pos <= start || pos > limit) throw new Error('a block does not end where it must');
  return pos;
}
