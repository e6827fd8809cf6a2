/** `/openapi.json`: OpenAPI 3.1, made of the routes' contracts. */
import { z } from 'zod';
import { json } from '../lib/http.ts';
import type { ApiRoute } from './auth/access.ts';
import { type Answer, type Contract, type DescribedRoute, describe, isDescribed } from './contract.ts';
import { freshness_headers } from './freshness.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

const problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    faults: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });

export function openApiOf(routes: readonly ApiRoute[], version: string): JsonSchema {
  const described = routes.filter(isDescribed);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of described) {
    const path = pathOf(route.path);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Millrace',
      version,
      description: 'Mail, customers and how they came to be. Times are ISO 8601 in UTC; faults are RFC 9457 problems.',
    },
    paths,
    components: {
      schemas: componentsOf(described),
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

const pathOf = (path: string): string => path.replace(/:(\w+)/g, '{$1}');

function operationOf({ method, path, access, contract }: DescribedRoute): JsonSchema {
  const { tag, summary, body, answers } = contract;
  return {
    operationId: `${method.toLowerCase()}${path.replace(/[/:-]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    tags: [tag],
    summary,
    description: access === 'open' ? 'Answered to anybody.' : `Needs a token with: ${access}.`,
    security: access === 'open' ? [] : [{ token: [] }],
    'x-access': access,
    parameters: [...pathParameters(path), ...queryParameters(contract), ...headerParameters(contract)],
    ...(body === null ? {} : { requestBody: { required: true, content: contentOf(body, 'input') } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [status, responseOf(answer, method, contract.fresh)]),
      ),
      ...(method === 'GET' ? { 304: not_modified } : {}),
      ...Object.fromEntries(problemsOf(access, contract).map(status => [status, problem_response])),
      431: head_too_long,
    },
  };
}

const problem_response = {
  description: 'A problem',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

function headersOf(headers: Readonly<Record<string, string>>): JsonSchema {
  const described = Object.entries(headers).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' } },
  ]);
  return Object.fromEntries(described);
}

const etag_header = { ETag: 'Of this answer, for `If-None-Match`' };
const not_modified = {
  description: 'The answer is still the one that `If-None-Match` names',
  headers: headersOf(etag_header),
};

/** Answered before the request is one. */
const head_too_long = { description: 'The address and headers are too long' };

/** Of the route's own work, of what it is given, of who asks, and of engines that are away. */
function problemsOf(access: ApiRoute['access'], { body, problems }: Contract): number[] {
  const ofBody = body === null ? [] : [408, 413];
  const ofAccess = access === 'open' ? [] : [401, 403];
  return [...new Set([400, 404, ...ofBody, ...ofAccess, 429, 503, ...problems])].sort();
}

const pathParameters = (path: string): JsonSchema[] =>
  Array.from(path.matchAll(/:(\w+)/g), ([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', minLength: 1 },
  }));

/** Every value arrives as text: what it must look like is told, and what it becomes is not. */
function queryParameters({ query }: Contract): JsonSchema[] {
  const { properties = {}, required = [] } = schemaOf(query, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

const headerParameters = ({ headers }: Contract): JsonSchema[] =>
  Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  }));

function responseOf(answer: Answer, method: string, fresh: boolean): JsonSchema {
  const { description, headers } = answer;
  return {
    description,
    headers: headersOf({ ...headers, ...(fresh ? freshness_headers : {}), ...(method === 'GET' ? etag_header : {}) }),
    ...('empty' in answer
      ? {}
      : { content: contentOf('schema' in answer ? answer.schema : answer.content_type, 'output') }),
  };
}

function contentOf(body: z.ZodType | string | readonly string[], io: 'input' | 'output'): JsonSchema {
  if (body instanceof z.ZodType) return { 'application/json': { schema: schemaOf(body, io) } };
  return Object.fromEntries([body].flat().map(type => [type, {}]));
}

// ── Schemas ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Schemas with an id become components, and references to them. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $defs: _, $schema: __, ...rest } = definitionsOf(schema, io);
  return rest;
}

function componentsOf(routes: readonly DescribedRoute[]): JsonSchema {
  const components: Record<string, unknown> = { ...(definitionsOf(z.array(problem), 'output').$defs as object) };
  for (const { contract } of routes) {
    for (const answer of Object.values(contract.answers)) {
      if ('schema' in answer) Object.assign(components, definitionsOf(answer.schema, 'output').$defs);
    }
    if (contract.body !== null && typeof contract.body !== 'string') {
      Object.assign(components, definitionsOf(contract.body, 'input').$defs);
    }
  }
  return Object.fromEntries(
    Object.entries(components)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, schema]) => [name, withoutId(schema as JsonSchema)]),
  );
}

const withoutId = ({ id: _, $id: __, ...schema }: JsonSchema): JsonSchema => schema;

/** In an array, so that a schema with an id of its own is a reference there as well. */
function definitionsOf(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const whole = z.toJSONSchema(z.tuple([schema]), {
    io,
    target: 'draft-2020-12',
    reused: 'inline',
    unrepresentable: 'any',
  });
  const text = JSON.stringify(whole).replaceAll('"#/$defs/', '"#/components/schemas/');
  const { $defs, prefixItems } = JSON.parse(text) as { $defs?: object; prefixItems: [Record<string, unknown>] };
  return { ...prefixItems[0], ...($defs ? { $defs } : {}) };
}

/** The answer is made once: anybody may ask. */
export function openApiRoute(routes: readonly ApiRoute[], version: string): DescribedRoute {
  const reply = json(200, openApiOf(routes, version));
  return describe({
    method: 'GET',
    path: '/openapi.json',
    access: 'open',
    tag: 'About',
    summary: 'This contract',
    answers: { 200: { description: 'OpenAPI 3.1', schema: z.looseObject({}) } },
    handle: async () => reply,
  });
}
