import { describe, expect, it } from 'vitest';
import { batch_events_max, cloudEventsOf } from './cloudevents.ts';

const event = { specversion: '1.0', id: 'e-1', source: '/app', type: 'signup', data: { plan: 'team' } };
const request = (headers: Record<string, string>, body: unknown) =>
  cloudEventsOf(new Map(Object.entries(headers)), Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));

describe('a CloudEvents request', () => {
  it('is one event in structured mode', () => {
    const type = 'application/cloudevents+json; charset=utf-8';
    expect(request({ 'content-type': type }, event)).toEqual({ events: [event] });
  });

  it('is several in batch mode', () => {
    const type = 'application/cloudevents-batch+json';
    expect(request({ 'content-type': type }, [event, 7])).toEqual({ events: [event, 7] });
    expect(request({ 'content-type': type }, [])).toEqual({ events: [] });
    const many = Array.from({ length: batch_events_max + 1 }, () => event);
    expect(request({ 'content-type': type }, many)).toMatchObject({ status: 400 });
    expect(request({ 'content-type': type }, event)).toMatchObject({ status: 400 });
  });

  it('is headers and data in binary mode', () => {
    const headers = { 'ce-specversion': '1.0', 'ce-id': 'e-1', 'ce-source': '/app', 'ce-type': 'sign%C3%BCp 100%' };
    expect(request({ ...headers, 'content-type': 'application/json' }, { plan: 'team' })).toEqual({
      events: [{ specversion: '1.0', id: 'e-1', source: '/app', type: 'signüp 100%', data: { plan: 'team' } }],
    });
    expect(request(headers, '')).toEqual({ events: [expect.not.objectContaining({ data: expect.anything() })] });
    expect(request({ ...headers, 'content-type': 'image/png' }, 'x')).toMatchObject({ status: 415 });
  });

  it.each([
    [{ 'content-type': 'text/plain' }, 'x', 415],
    [{ 'content-type': 'application/json' }, event, 415],
    [{ 'content-type': 'application/cloudevents+xml' }, '<event/>', 415],
    [{ 'content-type': 'application/cloudevents+json' }, '{', 400],
  ])('is refused as %j', (headers, body, status) => {
    expect(request(headers as unknown as Record<string, string>, body)).toMatchObject({ status });
  });
});
