import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Hub, HubStatus } from './hub.ts';
import { batch_gap_ms, batch_records_max, createHub } from './hub.ts';
import type { SocketLike } from './live.ts';

let socket: SocketLike;
let hub: Hub;

beforeEach(() => {
  vi.useFakeTimers();
  socket = { onopen: null, onmessage: null, onclose: null, send() {}, close() {} };
  hub = createHub({
    url: 'ws://localhost/live',
    credentials: { present: () => 'abc', renewed: async () => 'abc' },
    feeds: ['emails', 'customers'],
    onUnauthorized() {},
    connect: () => socket,
  });
});
afterEach(() => {
  hub.close();
  vi.useRealTimers();
});

function hear(feed: string, record: unknown): void {
  socket.onmessage?.({ data: JSON.stringify({ id: feed, type: 'record', cursor: 'c', record }) });
}

describe('createHub', () => {
  it('gathers what comes together into one batch for each feed', () => {
    const mails: unknown[][] = [];
    hub.listen(['emails'], { onRecords: batch => mails.push(batch) });
    hear('emails', 1);
    hear('customers', 'other');
    hear('emails', 2);
    expect(mails).toEqual([]);
    vi.advanceTimersByTime(batch_gap_ms);
    expect(mails).toEqual([[1, 2]]);
  });

  it('keeps the newest of a flood and says that some are missing', () => {
    let newest: unknown;
    let size = 0;
    let resyncs = 0;
    hub.listen(['emails'], {
      onRecords(batch) {
        newest = batch.at(-1);
        size = batch.length;
      },
      onResync: () => {
        resyncs += 1;
      },
    });
    for (let i = 0; i < 5 * batch_records_max; i += 1) hear('emails', i);
    vi.advanceTimersByTime(batch_gap_ms);
    expect([newest, size, resyncs]).toEqual([5 * batch_records_max - 1, batch_records_max, 1]);
  });

  it('tells watchers the status at once and counts records', () => {
    const seen: HubStatus[] = [];
    hub.watch(status => seen.push(status));
    expect(seen[0]).toMatchObject({ state: 'connecting', last_record_at: null });
    hear('emails', 1);
    vi.advanceTimersByTime(batch_gap_ms);
    expect(seen.at(-1)).toMatchObject({ records: 1, last_record_at: Date.now() - batch_gap_ms });
  });

  it('leaves a listener that has left alone', () => {
    const heard: unknown[] = [];
    const stop = hub.listen(['emails'], { onRecords: batch => heard.push(batch) });
    stop();
    hear('emails', 1);
    vi.advanceTimersByTime(batch_gap_ms);
    expect(heard).toEqual([]);
  });
});
