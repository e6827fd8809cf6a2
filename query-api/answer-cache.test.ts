import { Registry } from 'prom-client';
import { expect, describe as group, it, vi } from 'vitest';
import { z } from 'zod';
import { type HttpRequest, json, Problem } from '../lib/http.ts';
import { createAnswerCache } from './answer-cache.ts';
import type { Caller } from './auth/access.ts';
import { describe } from './contract.ts';
import { sightOf } from './permission/sight.ts';

let offsets = new Map([['emails/0', 1]]);
vi.mock('../lib/kafka-admin.ts', () => ({
  openOffsetReader: async () => ({ committed: async () => offsets, close: async () => undefined }),
}));

function rig() {
  const metrics = new Registry();
  const answers = createAnswerCache({ kafka: {} as never, sink: { group_id: 'sink', topics: ['emails'] }, metrics });
  let worked_out = 0;
  const route = answers.cached(
    describe({
      method: 'GET',
      path: '/api/things',
      access: 'read',
      tag: 'Things',
      summary: 'Things',
      query: z.strictObject({ q: z.string().optional() }),
      answers: {},
      cached: true,
      handle: async ({ query }) => {
        worked_out++;
        if (query.q === 'missing') throw new Problem(404, 'missing');
        return json(200, { worked_out });
      },
    }),
  );
  const ask = async (query = '', role: Caller['role'] = 'viewer', headers: Record<string, string> = {}) => {
    const request = {
      method: 'GET',
      path: '/api/things',
      query_text: query,
      query: new URLSearchParams(query),
      headers: new Map(Object.entries(headers)),
    } as unknown as HttpRequest;
    return route.handler(request, { role, sight: sightOf('ada', role) } as unknown as Caller);
  };
  return { ask, answers, metrics, count: () => worked_out };
}

group('an answer', () => {
  it('is told again to whoever asks the same, with its tag, and to nobody who sees something else', async () => {
    const { ask, count, metrics } = rig();
    const first = await ask('q=a');
    expect(await ask('q=a')).toEqual(first);
    expect(count()).toBe(1);
    await ask('q=b');
    await ask('q=a', 'admin');
    expect(count()).toBe(3);
    const known = await ask('q=a', 'viewer', { 'if-none-match': first.headers?.etag ?? '' });
    expect(known).toMatchObject({ status: 304 });
    expect(known).not.toHaveProperty('body');
    expect(count()).toBe(3);
    expect(await metrics.metrics()).toContain('answer_cache_lookups_total{result="hit"} 2');
  });

  it('that is a fault is worked out each time', async () => {
    const { ask, count } = rig();
    await expect(ask('q=missing')).rejects.toThrow('missing');
    await expect(ask('q=missing')).rejects.toThrow('missing');
    await expect(ask('colour=red')).rejects.toThrow(/colour/);
    expect(count()).toBe(2);
  });

  it('is another one once the sink has stored something, or this process has', async () => {
    const { ask, answers, count } = rig();
    await ask();
    answers.invalidate();
    await ask();
    expect(count()).toBe(2);
    offsets = new Map([['emails/0', 2]]);
    await vi.waitFor(async () => {
      await ask();
      expect(count()).toBe(3);
    });
  });
});
