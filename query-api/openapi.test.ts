import { expect, describe as group, it } from 'vitest';
import { z } from 'zod';
import { json } from '../lib/http.ts';
import { describe } from './contract.ts';
import { openApiOf } from './openapi.ts';
import { limit, name } from './parameters.ts';

const thing = z.object({ id: z.string(), at: z.iso.datetime() }).meta({ id: 'Thing' });
const read = describe({
  method: 'GET',
  path: '/api/things/:id',
  access: 'read',
  tag: 'Things',
  summary: 'A thing',
  query: z.strictObject({ owner: name, limit }),
  answers: { 200: { description: 'The thing', schema: thing } },
  problems: [409],
  handle: async ({ query, request }) => json(200, { ...query, id: request.parameters.id }),
});
const write = describe({
  method: 'POST',
  path: '/api/things',
  access: 'open',
  tag: 'Things',
  summary: 'A new thing',
  body: z.object({ things: z.array(thing) }),
  answers: { 201: { description: 'Made', content_type: 'text/csv' } },
  handle: async ({ body }) => json(201, body.things),
});
const document = openApiOf(
  [read, write, { method: 'GET', path: '/', access: 'open', handler: async () => json(200, {}) }],
  '1.2.3',
);

interface Operation {
  parameters: { name: string; in: string; required: boolean; schema: Record<string, unknown> }[];
  requestBody?: unknown;
  responses: Record<string, { headers?: object; content?: Record<string, { schema?: unknown }> }>;
  security: unknown[];
}
const operation = (path: string, method: string): Operation =>
  (document.paths as Record<string, Record<string, Operation>>)[path]?.[method] as Operation;

group('the OpenAPI document', () => {
  it('has the routes that have a contract', () => {
    expect(Object.keys(document.paths as object)).toEqual(['/api/things/{id}', '/api/things']);
    expect(document.info).toMatchObject({ version: '1.2.3' });
  });

  it('says what is asked for, as the text that it is', () => {
    const { parameters } = operation('/api/things/{id}', 'get');
    expect(parameters.map(one => [one.name, one.in, one.required])).toEqual([
      ['id', 'path', true],
      ['owner', 'query', true],
      ['limit', 'query', false],
      ['If-None-Match', 'header', false],
    ]);
    expect(parameters[2]?.schema).toMatchObject({
      type: 'string',
      description: 'Page size: 1 to 500, 50 unless given',
    });
  });

  it('says what is answered: by reference where a schema has a name, and every problem', () => {
    const { responses } = operation('/api/things/{id}', 'get');
    expect(responses['200']?.content?.['application/json']?.schema).toEqual({ $ref: '#/components/schemas/Thing' });
    expect(Object.keys(responses)).toEqual(['200', '304', '400', '401', '403', '404', '409', '429', '431', '503']);
    expect(responses['200']?.headers).toHaveProperty('ETag');
    expect(operation('/api/things', 'post').responses['201']?.headers).toEqual({});
    expect(responses['409']?.content).toHaveProperty(['application/problem+json']);
    expect(operation('/api/things', 'post').responses['201']?.content).toEqual({ 'text/csv': {} });
    const { schemas } = document.components as { schemas: Record<string, unknown> };
    expect(Object.keys(schemas)).toEqual(['Problem', 'Thing']);
    expect(schemas.Thing).toMatchObject({ type: 'object', required: ['id', 'at'] });
  });

  it('says who may ask', () => {
    expect(operation('/api/things/{id}', 'get').security).toEqual([{ token: [] }]);
    expect(operation('/api/things', 'post').security).toEqual([]);
  });
});
