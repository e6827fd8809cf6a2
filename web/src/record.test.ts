import { describe, expect, it } from 'vitest';
import type { Api } from './api.ts';
import { ApiError } from './api.ts';
import * as decode from './decode.ts';
import { findRecord } from './record.ts';

const signal = new AbortController().signal;
const notFound = (): Promise<never> => Promise.reject(new ApiError(404, 'Not found', ''));
const now = async (): Promise<void> => {};

function api(part: Pick<Api, 'email' | 'trace'>): Api {
  return part as Api;
}

describe('findRecord', () => {
  it('finds a mail and its trace', async () => {
    const found = await findRecord(
      api({
        email: async id => decode.mailDetail({ email_id: id }),
        trace: async id => decode.trace({ record_id: id }),
      }),
      'e',
      signal,
      now,
    );
    expect(found).toMatchObject({ mail: { email_id: 'e' }, trace: { record_id: 'e' }, trace_error: null });
  });

  it('shows the mail where the trace fails', async () => {
    const found = await findRecord(
      api({
        email: async id => decode.mailDetail({ email_id: id }),
        trace: () => Promise.reject(new ApiError(500, 'Broken', '')),
      }),
      'e',
      signal,
      now,
    );
    expect(found).toMatchObject({ mail: { email_id: 'e' }, trace: null, trace_error: 'Broken' });
  });

  it('follows an interaction to its mail', async () => {
    const rows = [{ table: 'interactions', kind: 'mail_in', record_id: 'e' }];
    const found = await findRecord(
      api({
        email: id => (id === 'e' ? Promise.resolve(decode.mailDetail({ email_id: id })) : notFound()),
        trace: async id => decode.trace({ record_id: id, arrivals: [{ rows }] }),
      }),
      'interaction',
      signal,
      now,
    );
    expect(found.mail?.email_id).toBe('e');
  });

  it('is content with a trace alone', async () => {
    const found = await findRecord(api({ email: notFound, trace: async () => decode.trace({}) }), 'x', signal, now);
    expect(found.mail).toBeNull();
  });

  it('waits for a record that was live before it was stored', async () => {
    let asked = 0;
    const found = await findRecord(
      api({
        email: id => (++asked < 3 ? notFound() : Promise.resolve(decode.mailDetail({ email_id: id }))),
        trace: notFound,
      }),
      'e',
      signal,
      now,
    );
    expect([asked, found.mail?.email_id]).toEqual([3, 'e']);
  });

  it('gives up in the end, and at once for any other fault', async () => {
    await expect(findRecord(api({ email: notFound, trace: notFound }), 'e', signal, now)).rejects.toMatchObject({
      status: 404,
    });
    const broken = api({ email: () => Promise.reject(new ApiError(500, 'Broken', '')), trace: notFound });
    await expect(findRecord(broken, 'e', signal, now)).rejects.toMatchObject({ status: 500 });
  });
});
