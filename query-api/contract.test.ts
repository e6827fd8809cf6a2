import { expect, describe as group, it } from 'vitest';
import { type HttpRequest, json, type Method } from '../lib/http.ts';
import { describe } from './contract.ts';

const route = (method: Method) =>
  describe({
    method,
    path: '/api/things',
    access: 'read',
    tag: 'Things',
    summary: 'Things',
    answers: {},
    handle: async () => json(200, { things: [1, 2, 3] }),
  });

const ask = (method: Method, headers: Record<string, string> = {}) =>
  route(method).handler(
    {
      method,
      query: new URLSearchParams(),
      headers: new Map(Object.entries(headers)),
    } as unknown as HttpRequest,
    null,
  );

group('an answer', () => {
  it('has a tag, by which it is not sent again', async () => {
    const first = await ask('GET');
    const etag = first.headers?.etag ?? '';
    expect(etag).not.toBe('');
    const again = await ask('GET', { 'if-none-match': etag });
    expect(again).toMatchObject({ status: 304, headers: { etag } });
    expect(again).not.toHaveProperty('body');
    expect(await ask('GET', { 'if-none-match': '"older"' })).toEqual(first);
  });

  it('to what changes something has none', async () => {
    expect((await ask('POST', { 'if-none-match': '*' })).headers).not.toHaveProperty('etag');
  });
});
