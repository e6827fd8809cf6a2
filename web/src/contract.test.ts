import { describe, expect, it } from 'vitest';
import { curlOf, fieldsOf, type OpenApi, operationsOf, typeOf } from './contract.ts';

const thing = {
  type: 'object',
  required: ['id'],
  properties: {
    id: { type: 'string', description: 'Its name' },
    size: { type: 'integer', minimum: 1, maximum: 500 },
    parts: { type: 'array', items: { type: 'object', properties: { at: { type: 'string', format: 'date-time' } } } },
    other: { $ref: '#/components/schemas/Thing' },
  },
} as const;
const document: OpenApi = {
  info: { title: 'A', version: '1', description: '' },
  components: { schemas: { Thing: thing } },
  paths: {
    '/api/things/{id}': {
      get: {
        operationId: 'getThing',
        tags: ['Things'],
        summary: 'One',
        'x-access': 'read',
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
          { name: 'q', in: 'query', required: true, schema: { type: 'string', maxLength: 9 } },
          { name: 'n', in: 'query', required: false, schema: { enum: ['a', 'b'] } },
        ],
        responses: {
          200: {
            description: 'It',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } },
          },
          304: { description: 'As it was' },
          404: { description: 'A problem', content: { 'application/problem+json': {} } },
        },
      },
      post: {
        operationId: 'postThing',
        tags: ['Things'],
        summary: 'New',
        'x-access': 'open',
        parameters: [],
        requestBody: { content: { 'application/json': { schema: thing } } },
        responses: {},
      },
    },
  },
};

describe('the contract', () => {
  const [read, write] = operationsOf(document).get('Things') ?? [];

  it('has operations under their headings', () => {
    expect(read).toMatchObject({ id: 'getThing', method: 'GET', access: 'read', problems: ['404'], body: null });
    expect(read?.answers).toEqual([
      {
        status: '200',
        description: 'It',
        content_type: 'application/json',
        schema: { $ref: '#/components/schemas/Thing' },
      },
    ]);
    expect(write).toMatchObject({ method: 'POST', access: null, body: { content_type: 'application/json' } });
  });

  it('says in words what a schema is', () => {
    const words = (read?.parameters ?? []).map(({ schema }) => typeOf(schema, document));
    expect(words).toEqual(['string', 'string up to 9 characters', '"a" | "b"']);
    expect(typeOf({ type: 'array', items: { $ref: '#/components/schemas/Thing' } }, document)).toBe('list of Thing');
    expect(typeOf({ anyOf: [{ type: 'null' }, { const: 1 }] }, document)).toBe('null | 1');
    expect(typeOf({ type: 'integer', minimum: -Number.MAX_SAFE_INTEGER }, document)).toBe('integer');
    expect(typeOf({ type: ['string', 'null'] }, document)).toBe('string | null');
    expect(typeOf({}, document)).toBe('anything');
  });

  it('tells members with those below them, and a reference by its name', () => {
    expect(fieldsOf({ $ref: '#/components/schemas/Thing' }, document)).toEqual([
      { name: 'id', type: 'string', required: true, description: 'Its name' },
      { name: 'size', type: 'integer 1 to 500', required: false, description: '' },
      { name: 'parts', type: 'list of object', required: false, description: '' },
      { name: 'parts[].at', type: 'date-time', required: false, description: '' },
      { name: 'other', type: 'Thing', required: false, description: '' },
    ]);
  });

  it('gives a command for each', () => {
    expect(read && curlOf(read, 'http://a')).toBe(
      `curl -sS -H "authorization: Bearer $TOKEN" 'http://a/api/things/{id}?q=…'`,
    );
    expect(write && curlOf(write, 'http://a')).toBe(
      `curl -sS -X POST -H 'content-type: application/json' -d @body 'http://a/api/things/{id}'`,
    );
  });
});
