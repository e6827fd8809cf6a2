/** Avro schemas as data, and the codec between typed records and bytes. */
import avsc from 'avsc';
import { boundedType, limitReading } from './avro-bounds.ts';

export interface AvroField {
  readonly name: string;
  readonly type: AvroSchema;
  readonly default?: unknown;
  readonly doc?: string;
}
export interface AvroRecord {
  readonly type: 'record';
  readonly name: string;
  readonly namespace?: string;
  readonly doc?: string;
  readonly fields: readonly AvroField[];
}
interface AvroEnum {
  readonly type: 'enum';
  readonly name: string;
  readonly namespace?: string;
  readonly doc?: string;
  readonly symbols: readonly string[];
}
interface AvroArray {
  readonly type: 'array';
  readonly items: AvroSchema;
}
interface AvroMap {
  readonly type: 'map';
  readonly values: AvroSchema;
}
interface AvroPrimitive {
  readonly type: 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'string' | 'bytes';
  readonly logicalType?: string;
}
export type AvroSchema = string | readonly AvroSchema[] | AvroRecord | AvroEnum | AvroArray | AvroMap | AvroPrimitive;

/** Encodes and decodes one schema. Longs are JavaScript numbers: exact to 2^53, beyond any clock or offset here. */
export interface Codec<T> {
  readonly schema: AvroRecord;
  /** Throws when the value does not fit the schema: a bug in the caller, never a matter of input. */
  encode(value: T): Buffer;
  /** The same, at a place of the buffer: the place behind it, or a negative number where it does not fit. */
  write(value: T, into: Buffer, at: number): number;
  /** Reads the one value that lies there. Throws on bytes that are not this schema's, or on bytes left over. */
  readonly decode: Decode<T>;
  /** Throws as `decode` does, but for values inside that are none, such as an enum's; makes nothing of the bytes. */
  readonly check: Decode<void>;
}

/** `start` is the first byte by default, `end` the place behind the last. */
export type Decode<T> = (bytes: Buffer, start?: number, end?: number) => T;

const parse = (schema: AvroRecord): avsc.Type =>
  // The cast: avsc's own schema typings are narrower than what it accepts.
  avsc.Type.forSchema(schema as unknown as avsc.Schema, { wrapUnions: false, typeHook: boundedType as never });

export function codecOf<T>(schema: AvroRecord): Codec<T> {
  const type = parse(schema);
  // A reader that wants no field passes over all of them.
  const nothing = parse({ ...schema, fields: [] });
  const passing = nothing.createResolver(type);
  return {
    schema,
    encode: value => type.toBuffer(value),
    write: (value, into, at) => type.encode(value, into, at),
    decode: (bytes, start = 0, end = bytes.length) => decodeWhole(type, bytes, start, end),
    check: (bytes, start = 0, end = bytes.length) => void decodeWhole(nothing, bytes, start, end, passing),
  };
}

/** Reads values that an earlier version of the schema wrote. */
export function evolvingDecoder<T>(writer: AvroRecord, reader: AvroRecord): Decode<T> {
  const written = parse(writer);
  const wanted = parse(reader);
  const resolver = wanted.createResolver(written);
  return (bytes, start = 0, end = bytes.length) => decodeWhole(wanted, bytes, start, end, resolver);
}

/** Whether a record written by `writer` can be read as `reader`; the reason where it cannot. */
export function incompatibility(reader: AvroRecord, writer: AvroRecord): string | null {
  try {
    parse(reader).createResolver(parse(writer));
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

const primitives = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'string', 'bytes']);

/** The schema with each of its types in a namespace below `prefix`: one schema can then hold two that have names in common. */
export function namespaced(schema: AvroRecord, prefix: string): AvroRecord {
  const below = (namespace: string): string => (namespace === '' ? prefix : `${prefix}.${namespace}`);

  function typeOf(type: AvroSchema, namespace: string): AvroSchema {
    if (typeof type === 'string') {
      if (primitives.has(type)) return type;
      return type.includes('.') ? below(type) : `${below(namespace)}.${type}`;
    }
    if (isUnion(type)) return type.map(one => typeOf(one, namespace));
    if (type.type === 'array') return { ...type, items: typeOf(type.items, namespace) };
    if (type.type === 'map') return { ...type, values: typeOf(type.values, namespace) };
    if (type.type === 'enum') return { ...type, namespace: below(type.namespace ?? namespace) };
    return type.type === 'record' ? recordOf(type, namespace) : type;
  }

  function recordOf(record: AvroRecord, enclosing: string): AvroRecord {
    const namespace = record.namespace ?? enclosing;
    const fields = record.fields.map(field => ({ ...field, type: typeOf(field.type, namespace) }));
    return { ...record, namespace: below(namespace), fields };
  }

  return recordOf(schema, '');
}

const isUnion = (type: AvroSchema): type is readonly AvroSchema[] => Array.isArray(type);

function decodeWhole<T>(type: avsc.Type, bytes: Buffer, start: number, end: number, resolver?: object): T {
  limitReading(end);
  const { value, offset } = type.decode(bytes, start, resolver as never);
  // What lies behind it may be its neighbour, which a corrupt record would go on into.
  if (offset !== end) {
    const isShort = offset < 0 || offset > end;
    throw new Error(`${type.name ?? 'record'}: ${isShort ? 'the record is cut short' : 'bytes left over'}`);
  }
  return value as T;
}

/** The zig-zag variable-length form of an Avro long (specification 1.11, "Binary Encoding"), appended at `at`. */
export function writeLong(into: Buffer, at: number, value: number): number {
  // Arithmetic, not shifts: offsets pass 2^31.
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  let position = at;
  while (rest > 0x7f) {
    into[position++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  into[position++] = rest;
  return position;
}

/**
 * An Avro object container around records that are already encoded, each with its position behind it, which makes two fields
 * more: `_partition` and `_offset`. What Kafka carries after its schema header is exactly what a container's block holds, so
 * nothing is decoded. `block` is the records and positions in one or more pieces.
 */
export function container(schema: AvroRecord, count: number, block: readonly Buffer[]): Buffer[] {
  const positions = [
    { name: '_partition', type: 'int' },
    { name: '_offset', type: 'long' },
  ];
  const header = JSON.stringify({ ...schema, fields: [...schema.fields, ...positions] });
  const size = block.reduce((sum, piece) => sum + piece.length, 0);
  const head = [MAGIC, ...metadata({ 'avro.schema': header, 'avro.codec': 'null' }), SYNC, long(count), long(size)];
  return [Buffer.concat(head), ...block, SYNC];
}

/** What follows a record in a container, appended at `at`. */
export const writePosition = (into: Buffer, at: number, partition: number, offset: number): number =>
  writeLong(into, writeLong(into, at, partition), offset);

export function positionBytes(partition: number, offset: number): Buffer {
  const bytes = Buffer.alloc(20);
  return bytes.subarray(0, writePosition(bytes, 0, partition, offset));
}

const MAGIC = Buffer.from('Obj\x01', 'latin1');
// The sync marker separates blocks; with one block its value is free, and a fixed one makes equal input equal bytes.
const SYNC = Buffer.alloc(16, 0x4d);

function metadata(entries: Record<string, string>): Buffer[] {
  const parts = [long(Object.keys(entries).length)];
  for (const [key, value] of Object.entries(entries)) parts.push(sized(key), sized(value));
  return [...parts, long(0)];
}

function sized(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([long(bytes.length), bytes]);
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(10);
  return bytes.subarray(0, writeLong(bytes, 0, value));
}
