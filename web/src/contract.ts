/** `/openapi.json` as the documentation tells it: operations under their headings, and schemas in words. */

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
}

interface Content {
  readonly [content_type: string]: { readonly schema?: Schema };
}
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Schema;
}
interface PathItem {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly 'x-access': string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}
export interface OpenApi {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, PathItem>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  /** The right it takes; null where anybody may. */
  readonly access: string | null;
  readonly parameters: readonly Parameter[];
  readonly body: { readonly content_type: string; readonly schema: Schema } | null;
  /** Where all goes well. */
  readonly answers: readonly Answer[];
  /** Statuses of problems. */
  readonly problems: readonly string[];
}
export interface Answer {
  readonly status: string;
  readonly description: string;
  readonly content_type: string;
  readonly schema: Schema;
}

/** By heading, in the order of the document. */
export function operationsOf({ paths }: OpenApi): Map<string, Operation[]> {
  const found = new Map<string, Operation[]>();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, item] of Object.entries(methods)) {
      const tag = item.tags[0] ?? '';
      found.set(tag, [...(found.get(tag) ?? []), operationOf(method, path, item)]);
    }
  }
  return found;
}

function operationOf(method: string, path: string, item: PathItem): Operation {
  const answers = Object.entries(item.responses);
  const body = firstOf(item.requestBody?.content);
  return {
    id: item.operationId,
    method: method.toUpperCase(),
    path,
    summary: item.summary,
    access: item['x-access'] === 'open' ? null : item['x-access'],
    parameters: item.parameters,
    body,
    answers: answers.flatMap(([status, { description, content }]) => {
      const first = firstOf(content);
      return status.startsWith('2') && first ? [{ status, description, ...first }] : [];
    }),
    problems: answers.map(([status]) => status).filter(status => status.startsWith('4') || status.startsWith('5')),
  };
}

function firstOf(content: Content | undefined): { content_type: string; schema: Schema } | null {
  const [first] = Object.entries(content ?? {});
  return first ? { content_type: first[0], schema: first[1].schema ?? {} } : null;
}

/** The schema behind a reference, and its name where it has one. */
export function resolve(schema: Schema, { components }: OpenApi): { schema: Schema; name: string | null } {
  const name = schema.$ref?.replace('#/components/schemas/', '') ?? null;
  return { schema: name === null ? schema : (components.schemas[name] ?? {}), name };
}

/** A schema in a few words: `integer 1 to 500`, `list of Email`, `A | B`. */
export function typeOf(schema: Schema, document: OpenApi): string {
  const { schema: found, name } = resolve(schema, document);
  if (name !== null) return name;
  if (found.const !== undefined) return JSON.stringify(found.const);
  if (found.enum) return found.enum.map(value => JSON.stringify(value)).join(' | ');
  if (found.anyOf) return found.anyOf.map(each => typeOf(each, document)).join(' | ');
  if (Array.isArray(found.type)) return found.type.map(type => typeOf({ ...found, type }, document)).join(' | ');
  if (found.type === 'array') return `list of ${typeOf(found.items ?? {}, document)}`;
  if (found.type === undefined) return 'anything';
  return [String(found.format ?? found.type), rangeOf(found)].filter(Boolean).join(' ');
}

function rangeOf({ minimum, maximum, maxLength }: Schema): string {
  // What every safe integer is within says nothing.
  const told = (bound: number | undefined): bound is number =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  if (told(minimum) && told(maximum)) return `${minimum} to ${maximum}`;
  if (told(minimum)) return `≥ ${minimum}`;
  if (told(maximum)) return `≤ ${maximum}`;
  return maxLength === undefined ? '' : `up to ${maxLength} characters`;
}

export interface Field {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly description: string;
}

/** The members of an object, those of its members and of lists of objects below them; what has a name is told once, on its own. */
export function fieldsOf(schema: Schema, document: OpenApi, before = ''): Field[] {
  const { schema: found } = resolve(schema, document);
  if (found.type === 'array') return fieldsOf(found.items ?? {}, document, `${before}[].`);
  return Object.entries(found.properties ?? {}).flatMap(([name, member]) => {
    const field = {
      name: before + name,
      type: typeOf(member, document),
      required: found.required?.includes(name) ?? false,
      description: member.description ?? '',
    };
    const inner = member.type === 'array' ? (member.items ?? {}) : member;
    const below = `${before}${name}${member.type === 'array' ? '[]' : ''}.`;
    return inner.$ref === undefined && inner.properties ? [field, ...fieldsOf(inner, document, below)] : [field];
  });
}

/** What to type into a shell. */
export function curlOf({ method, path, access, parameters, body }: Operation, origin: string): string {
  const required = parameters.filter(one => one.in === 'query' && one.required).map(one => `${one.name}=…`);
  const address = `${origin}${path}${required.length > 0 ? `?${required.join('&')}` : ''}`;
  return [
    'curl -sS',
    method === 'GET' ? '' : `-X ${method}`,
    access === null ? '' : '-H "authorization: Bearer $TOKEN"',
    body === null ? '' : `-H 'content-type: ${body.content_type}' -d @body`,
    `'${address}'`,
  ]
    .filter(Boolean)
    .join(' ');
}
