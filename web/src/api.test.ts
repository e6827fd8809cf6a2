import { describe, expect, it } from 'vitest';
import { ApiError, createApi, queryString } from './api.ts';
import { SessionEnded } from './session.ts';

interface Call {
  method: string;
  url: string;
  authorization: string | null;
}

function apiThat(answer: () => Response | Promise<Response>, renewed?: string) {
  const calls: Call[] = [];
  const reasons: string[] = [];
  const api = createApi({
    credentials: {
      token: async () => 'abc',
      renewed: async () => {
        if (renewed === undefined) throw new SessionEnded('ended');
        return renewed;
      },
    },
    onUnauthorized: reason => reasons.push(reason),
    fetch: async (url, init) => {
      calls.push({
        method: init?.method ?? '',
        url: String(url),
        authorization: new Headers(init?.headers).get('authorization'),
      });
      return answer();
    },
  });
  return { api, calls, reasons };
}

function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status });
}

describe('createApi', () => {
  it('asks with the token and leaves empty filters out', async () => {
    const { api, calls } = apiThat(() => json(200, { items: [], next: null }));
    await api.emails({ organization_id: undefined, category: '', q: 'a b&c', limit: 50 });
    expect(calls).toEqual([{ method: 'GET', url: '/api/emails?q=a+b%26c&limit=50', authorization: 'Bearer abc' }]);
  });

  it('escapes ids, which may be Message-IDs', async () => {
    const { api, calls } = apiThat(() => json(200, {}));
    await api.trace('<a/b?c@d>');
    expect(calls[0]?.url).toBe('/api/trace/%3Ca%2Fb%3Fc%40d%3E');
  });

  it('removes an organisation, and says why it may not', async () => {
    const { api, calls } = apiThat(() => json(200, { organization_id: 'sample', deleted_rows: 3 }));
    await api.removeOrganization('sample');
    expect(calls).toEqual([{ method: 'DELETE', url: '/api/organizations/sample', authorization: 'Bearer abc' }]);
    const refused = apiThat(() => json(503, { title: 'Service Unavailable', detail: 'still under way' }));
    await expect(refused.api.removeOrganization('sample')).rejects.toThrow('still under way');
  });

  it('decodes what it was answered', async () => {
    const { api } = apiThat(() => json(200, { items: [{ email_id: 'e', importance: '7' }], next: 'c' }));
    const page = await api.emails({});
    expect(page.next).toBe('c');
    expect(page.items[0]).toMatchObject({ email_id: 'e', importance: 7 });
  });

  it('turns a problem into an ApiError', async () => {
    const { api, reasons } = apiThat(() => json(403, { title: 'Forbidden', status: 403, detail: 'needs role admin' }));
    const error = await api.reconciliation(undefined).catch(fault => fault);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 403, message: 'Forbidden: needs role admin', retryable: false });
    expect(reasons).toEqual([]);
  });

  it('reports a 401 with the reason that the server gave', async () => {
    const { api, reasons } = apiThat(() => json(401, { title: 'Unauthorized', detail: 'the token expired' }));
    await expect(api.email('e')).rejects.toMatchObject({ status: 401 });
    expect(reasons).toEqual(['the token expired']);
  });

  it('asks once more with a renewed token after a 401', async () => {
    let answers = 0;
    const { api, calls, reasons } = apiThat(() => {
      answers += 1;
      return answers === 1 ? json(401, { title: 'Unauthorized' }) : json(200, { subject: 'ada', role: 'viewer' });
    }, 'next');
    expect(await api.me()).toEqual({ subject: 'ada', name: '', role: 'viewer' });
    expect(calls.map(({ authorization }) => authorization)).toEqual(['Bearer abc', 'Bearer next']);
    expect(reasons).toEqual([]);
  });

  it('keeps quiet about the 401 of an aborted request, whose reason is lost', async () => {
    const controller = new AbortController();
    const { api, reasons } = apiThat(() => {
      controller.abort();
      return new Response('', { status: 401 });
    });
    await expect(api.email('e', controller.signal)).rejects.toMatchObject({ status: 401 });
    expect(reasons).toEqual([]);
  });

  it('needs no problem body to tell of a fault', async () => {
    const { api } = apiThat(() => new Response('<html>', { status: 502, statusText: 'Bad Gateway' }));
    await expect(api.email('e')).rejects.toMatchObject({ status: 502, title: 'Bad Gateway', retryable: true });
  });

  it('refuses a body that is not JSON', async () => {
    const { api } = apiThat(() => new Response('<html>', { status: 200 }));
    await expect(api.email('e')).rejects.toMatchObject({ title: 'Unreadable answer' });
  });

  it('says that the server cannot be reached', async () => {
    const { api } = apiThat(() => Promise.reject(new TypeError('fetch failed')));
    await expect(api.email('e')).rejects.toMatchObject({ status: 0, retryable: true });
  });

  it('passes the caller’s own abort through', async () => {
    const { api } = apiThat(() => Promise.reject(new DOMException('gone', 'AbortError')));
    await expect(api.email('e', AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('queryString', () => {
  it('is empty for no query, and keeps zero', () => {
    expect(queryString({})).toBe('');
    expect(queryString({ a: 0, b: undefined, c: '' })).toBe('?a=0');
  });
});
