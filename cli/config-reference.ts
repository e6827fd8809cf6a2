/** docs/configuration.md, from the configuration's schema: what the documentation says is what is validated. */
import { z } from 'zod';
import { configSchema, environment } from '../config.ts';

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly format?: string;
}

/** One setting. */
export interface Leaf {
  /** `kafka.sasl.username`; `[]` stands for an item of a list. */
  readonly path: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

const root = z.toJSONSchema(configSchema, { unrepresentable: 'any' }) as JsonSchema;

export const leaves = (): Leaf[] => leavesOf(root, '', true);

function leavesOf(schema: JsonSchema, path: string, required: boolean): Leaf[] {
  if (schema.properties) {
    return Object.entries(schema.properties).flatMap(([name, inner]) =>
      leavesOf(inner, path === '' ? name : `${path}.${name}`, schema.required?.includes(name) ?? false),
    );
  }
  if (schema.items?.properties) return leavesOf(schema.items, `${path}[]`, required);
  return [{ path, schema, required: required && schema.default === undefined }];
}

const safe_integer_max = Number.MAX_SAFE_INTEGER;

function typeOf(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.map(value => `\`${value}\``).join(', ');
  if (schema.const !== undefined) return `\`${schema.const}\``;
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches) return [...new Set(branches.map(typeOf))].join(' or ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`;
  if (schema.type === 'integer' || schema.type === 'number') return `${schema.type}${boundsOf(schema)}`;
  if (schema.type === 'string') return schema.format === 'uri' ? 'URL' : `text${shapeOf(schema)}`;
  return schema.type ?? 'any';
}

function boundsOf({ minimum, maximum, exclusiveMinimum }: JsonSchema): string {
  const low = minimum ?? (exclusiveMinimum === undefined ? undefined : exclusiveMinimum + 1);
  const high = maximum === safe_integer_max ? undefined : maximum;
  if (low === undefined || low === -safe_integer_max) return high === undefined ? '' : ` ≤ ${high}`;
  return high === undefined ? ` ≥ ${low}` : ` ${low} to ${high}`;
}

function shapeOf({ minLength, pattern }: JsonSchema): string {
  if (pattern) return ` matching \`${pattern}\``;
  return minLength !== undefined && minLength > 1 ? `, at least ${minLength} characters` : '';
}

const variablesOf = (path: string): string[] =>
  Object.entries(environment).flatMap(([name, paths]) => (paths.split(' ').includes(path) ? [name] : []));

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function rowOf({ path, schema, required }: Leaf): string {
  const preset =
    schema.default === undefined ? (required ? 'required' : 'none') : `\`${JSON.stringify(schema.default)}\``;
  const variables = variablesOf(path).map(name => `\`${name}\``);
  const cells = [`\`${path}\``, variables.join(', '), typeOf(schema), preset, schema.description ?? ''];
  return `| ${cells.map(cell).join(' | ')} |`;
}

const heading = '| key | variable | type | default | meaning |\n| --- | --- | --- | --- | --- |';

function sections(): string {
  const all = leaves();
  const names = [...new Set(all.map(({ path }) => path.split(/[.[]/)[0] as string))];
  const nested = names.filter(name =>
    all.some(({ path }) => path.startsWith(`${name}.`) || path.startsWith(`${name}[`)),
  );
  const single = all.filter(
    ({ path }) => !nested.some(name => path.startsWith(`${name}.`) || path.startsWith(`${name}[`)),
  );
  const parts = nested.map(name => {
    const rows = all.filter(({ path }) => path.startsWith(`${name}.`) || path.startsWith(`${name}[`)).map(rowOf);
    const about = root.properties?.[name]?.description;
    return [`## ${name}`, ...(about ? [about] : []), [heading, ...rows].join('\n')].join('\n\n');
  });
  return [...parts, ['## General', [heading, ...single.map(rowOf)].join('\n')].join('\n\n')].join('\n\n');
}

/** A whole file with every default. Sections that are optional, and settings without a value to show, are commented out. */
export function yamlExample(): string {
  return linesOf(root).join('\n');
}

function linesOf(schema: JsonSchema): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    if (!inner.properties) return [yamlLine(name, inner)];
    const section = [`${name}:`, ...linesOf(inner).map(line => `  ${line}`)];
    return schema.required?.includes(name) ? section : section.map(line => `# ${line.replace('# ', '')}`);
  });
}

function yamlLine(name: string, schema: JsonSchema): string {
  const value = schema.default ?? schema.examples?.[0];
  // JSON is YAML.
  return value === undefined ? `# ${name}:` : `${name}: ${JSON.stringify(value)}`;
}

export function configReference(): string {
  return `<!-- Generated from config.ts by \`npm run generate\`. Do not edit. -->

# Configuration

A YAML file (\`--config FILE\`), and environment variables over it. Everything is validated at the start, and all faults are
printed at once, each with its line or variable. Unknown keys are refused. \`millrace up\` names what it embeds itself: with
neither \`KAFKA_BROKERS\` nor \`CLICKHOUSE_URL\` set, nothing is required.

Lists in variables are separated by commas. What is required in a section that may be left out is so where the section is given. Each variable may be given as \`NAME_FILE\` instead, the path of a file that holds
its value.

${sections()}

Commands that talk to an instance also read \`MILLRACE_URL\` and \`MILLRACE_TOKEN\`; nothing is coloured where \`NO_COLOR\` is set.
\`MILLRACE_PREFLIGHT=skip\` leaves out the check before \`npm ci\` compiles, for images that build elsewhere.

## Example

Every setting with its default; what is commented out is not set.

\`\`\`yaml
${yamlExample()}
\`\`\`
`;
}
