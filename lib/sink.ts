/**
 * A sink as data: one table, the topic its rows come from, and the mapping as SQL over the Avro record's fields. Three
 * columns more are there: `_topic_id`, `_partition` and `_offset`, the record's place in Kafka. A table that is not
 * `replacing` must keep them as `kafka_topic_id`, `kafka_partition` and `kafka_offset`: the runtime asks for them.
 */
import type { AvroRecord, AvroSchema } from './avro.ts';
import type { Topic } from './topic.ts';

export interface SinkDefinition<T> {
  readonly name: string;
  readonly input: Topic<T>;
  readonly table: string;
  /** Column name to SQL expression. */
  readonly columns: Readonly<Record<string, string>>;
  /** Rows to leave out, or an ARRAY JOIN: what follows FROM. */
  readonly tail?: string;
  /**
   * A query without rows where there is nothing to store, which spares the INSERT. It is asked for each range, after what the
   * sinks before this one have stored of it.
   */
  readonly needed?: string;
  /** Whether equal rows replace each other in the table, so that a repeated INSERT does no harm. */
  readonly replacing?: boolean;
}

export type Sink = SinkDefinition<never>;

export function defineSink<T>(definition: SinkDefinition<T>): Sink {
  // The cast forgets the record type: the runtime passes bytes through undecoded.
  return definition as unknown as Sink;
}

/** The INSERT of a batch, whose data is an Avro container. */
export function insertStatement(sink: Sink, topic_id: string): string {
  const columns = Object.entries(sink.columns);
  const names = columns.map(([name]) => `\`${name}\``).join(', ');
  const expressions = columns
    .map(([, expression]) => (expression === '_topic_id' ? `'${topic_id}'` : expression))
    .join(', ');
  const structure = structureOf(sink.input.schema).replaceAll("'", "\\'");
  const tail = sink.tail ? ` ${sink.tail}` : '';
  return `INSERT INTO ${sink.table} (${names}) SELECT ${expressions} FROM input('${structure}')${tail} FORMAT Avro`;
}

/** The record's fields as a ClickHouse structure, the position columns last. */
export function structureOf(schema: AvroRecord): string {
  const named = new Map<string, AvroSchema>();
  const fields = schema.fields.map(field => `\`${field.name}\` ${typeOf(field.type, named)}`);
  return [...fields, '_partition Int32', '_offset Int64'].join(', ');
}

const primitives: Record<string, string> = {
  boolean: 'Bool',
  int: 'Int32',
  long: 'Int64',
  float: 'Float32',
  double: 'Float64',
  string: 'String',
  bytes: 'String',
};

function typeOf(schema: AvroSchema, named: Map<string, AvroSchema>): string {
  if (typeof schema === 'string') {
    const reference = named.get(schema);
    return reference ? typeOf(reference, named) : primitive(schema);
  }
  if (Array.isArray(schema)) return nullable(schema, named);
  const type = schema as Exclude<AvroSchema, string | readonly AvroSchema[]>;
  if ('name' in type) named.set(type.name, type);
  switch (type.type) {
    case 'record':
      return `Tuple(${type.fields.map(field => `\`${field.name}\` ${typeOf(field.type, named)}`).join(', ')})`;
    case 'enum':
      return 'String';
    case 'array':
      return `Array(${typeOf(type.items, named)})`;
    case 'map':
      return `Map(String, ${typeOf(type.values, named)})`;
    default:
      return type.logicalType === 'timestamp-millis' ? "DateTime64(3, 'UTC')" : primitive(type.type);
  }
}

function nullable(union: readonly AvroSchema[], named: Map<string, AvroSchema>): string {
  const branches = union.filter(branch => branch !== 'null');
  if (branches.length !== 1) throw new Error('a union other than [null, T] has no ClickHouse type');
  const inner = typeOf(branches[0] as AvroSchema, named);
  return branches.length === union.length ? inner : `Nullable(${inner})`;
}

function primitive(name: string): string {
  const type = primitives[name];
  if (!type) throw new Error(`the Avro type ${name} has no ClickHouse type`);
  return type;
}
