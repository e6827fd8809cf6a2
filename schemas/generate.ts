/**
 * Writes schemas/generated.ts from schemas/avro/*.avsc: one TypeScript interface a named type, and each top-level
 * schema with every reference inlined, as a registry and an Avro container want it.
 *
 * `npm run generate` writes; `-- --check` fails when the committed file differs; `-- --release` also keeps the schemas in
 * schemas/released, which every later version must be able to read.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AvroField, AvroRecord, AvroSchema } from '../lib/avro.ts';

const root = process.cwd();
const folder = join(root, 'schemas/avro');
const target = join(root, 'schemas/generated.ts');
const released = join(root, 'schemas/released');

type Named = Exclude<AvroSchema, string | readonly AvroSchema[]> & { name: string };

const isNamed = (schema: AvroSchema): schema is Named =>
  typeof schema === 'object' && !Array.isArray(schema) && 'name' in schema;

/** Every named type by name, nested ones too: a schema may refer to a type that another file defines. */
function collect(schema: AvroSchema, into: Map<string, Named>): void {
  if (typeof schema === 'string') return;
  if (Array.isArray(schema)) {
    for (const branch of schema) collect(branch, into);
    return;
  }
  const type = schema as Exclude<AvroSchema, string | readonly AvroSchema[]>;
  if (isNamed(type)) {
    const known = into.get(type.name);
    if (known && JSON.stringify(known.type) !== JSON.stringify(type.type))
      throw new Error(`${type.name} defined twice`);
    if (!known) into.set(type.name, type);
  }
  if (type.type === 'record') for (const field of type.fields) collect(field.type, into);
  else if (type.type === 'array') collect(type.items, into);
  else if (type.type === 'map') collect(type.values, into);
}

/** The schema with each named type spelled out at its first use and named at the later ones, as Avro demands. */
function inline(schema: AvroSchema, named: Map<string, Named>, seen: Set<string>): AvroSchema {
  if (typeof schema === 'string') {
    const type = named.get(schema);
    return type && !seen.has(schema) ? inline(type, named, seen) : schema;
  }
  if (Array.isArray(schema)) return schema.map(branch => inline(branch, named, seen));
  const type = schema as Exclude<AvroSchema, string | readonly AvroSchema[]>;
  if (isNamed(type)) {
    if (seen.has(type.name)) return type.name;
    seen.add(type.name);
  }
  if (type.type === 'record') {
    const fields = type.fields.map(({ doc: _, ...field }) => ({ ...field, type: inline(field.type, named, seen) }));
    return { type: 'record', name: type.name, namespace: 'millrace', fields };
  }
  if (type.type === 'array') return { type: 'array', items: inline(type.items, named, seen) };
  if (type.type === 'map') return { type: 'map', values: inline(type.values, named, seen) };
  return type;
}

const primitives: Record<string, string> = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  string: 'string',
  bytes: 'Buffer',
};

function typeOf(schema: AvroSchema): string {
  if (typeof schema === 'string') return primitives[schema] ?? schema;
  if (Array.isArray(schema)) return schema.map(typeOf).sort(nullLast).join(' | ');
  const type = schema as Exclude<AvroSchema, string | readonly AvroSchema[]>;
  if (isNamed(type)) return type.name;
  if (type.type === 'array') return `${parenthesised(typeOf(type.items))}[]`;
  if (type.type === 'map') return `Record<string, ${typeOf(type.values)}>`;
  return primitives[type.type] ?? type.type;
}

const parenthesised = (type: string): string => (type.includes('|') ? `(${type})` : type);
const nullLast = (a: string, b: string): number => Number(a === 'null') - Number(b === 'null');

function comment(doc: string | undefined, indent: string): string {
  return doc ? `${indent}/** ${doc} */\n` : '';
}

function declare(type: Named): string {
  if (type.type === 'enum') {
    const union = type.symbols.map((symbol: string) => `'${symbol}'`).join(' | ');
    return `${comment(type.doc, '')}export type ${type.name} = ${union};\n`;
  }
  const record = type as AvroRecord;
  const fields = record.fields
    .map((field: AvroField) => `${comment(field.doc, '  ')}  ${field.name}: ${typeOf(field.type)};\n`)
    .join('');
  return `${comment(record.doc, '')}export interface ${record.name} {\n${fields}}\n`;
}

const constantName = (name: string): string => `${name[0]?.toLowerCase()}${name.slice(1)}Schema`;

function load(): { tops: Named[]; named: Map<string, Named> } {
  const files = readdirSync(folder)
    .filter(name => name.endsWith('.avsc'))
    .sort();
  const tops = files.map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Named);
  const named = new Map<string, Named>();
  for (const top of tops) collect(top, named);
  return { tops, named };
}

function generate(): string {
  const { tops, named } = load();
  const interfaces = [...named.values()].map(declare).join('\n');
  const constants = tops
    .map(top => {
      const schema = JSON.stringify(inline(top, named, new Set()), null, 2);
      return `export const ${constantName(top.name)}: AvroRecord = ${schema};\n`;
    })
    .join('\n');
  return `// Generated from schemas/avro/*.avsc by \`npm run generate\`. Do not edit.\nimport type { AvroRecord } from '../lib/avro.ts';\n\n${interfaces}\n${constants}`;
}

/** Keeps the present schemas as the released ones: from now on they are what every change must be able to read. */
function release(): void {
  mkdirSync(released, { recursive: true });
  const { tops, named } = load();
  for (const top of tops) {
    const schema = inline(top, named, new Set());
    writeFileSync(join(released, `${top.name}.json`), `${JSON.stringify(schema, null, 2)}\n`);
  }
  console.error(`released ${tops.length} schemas`);
}

const text = generate();
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('schemas/generated.ts does not match schemas/avro: run `npm run generate` and commit the result');
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
  console.error('wrote schemas/generated.ts');
  if (process.argv.includes('--release')) release();
}
