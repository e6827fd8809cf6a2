import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../../../lib/http.ts';
import { withResolvers } from '../../../lib/lifecycle.ts';
import type { Identity } from '../../auth/identity.ts';
import { everything, type Sight } from '../../permission/sight.ts';
import type { Outlet } from '../outlet.ts';
import { type ServerMessage, type SubscribeQuery, socketForm } from '../protocol.ts';
import type { Subscription } from '../subscription.ts';
import { log } from '../test-topic.ts';
import type { Row } from './found.ts';
import { createQueries, type Queries, query_limits } from './queries.ts';

class FakeOutlet implements Outlet {
  readonly open = true;
  readonly form = socketForm;
  has_room = true;
  told: ServerMessage[] = [];
  hasRoom = (): boolean => this.has_room;
  room = async (): Promise<void> => undefined;
  send = (message: ServerMessage): void => void this.told.push(message);
  record = (): void => undefined;
  batch = (work: () => void): void => work();
}

const columns = [{ name: 'n', type: 'UInt64' }];
let rows: Row[];
let version: string;
/** The statements that were run. */
let ran: string[];
let run: () => Promise<void>;
let queries: Queries;
const tick = (ms = 1_100): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  rows = [[1]];
  version = 'a';
  ran = [];
  run = async () => undefined;
  queries = createQueries({
    log,
    version: async () => version,
    async runQuery(sql) {
      ran.push(sql);
      await run();
      return { columns, rows };
    },
  });
});
afterEach(() => {
  queries.close();
  vi.useRealTimers();
});

const seeing = (key: string): Identity =>
  ({ role: 'viewer', sight: { ...everything, key } as Sight }) as unknown as Identity;
const ask = (outlet: Outlet, sql = 'SELECT n', more: Partial<SubscribeQuery> = {}, sees = 'all'): Subscription =>
  queries.open({ op: 'subscribe', id: '1', feed: 'queries', sql, ...more }, { outlet, identity: seeing(sees) });
const types = ({ told }: FakeOutlet): string[] => told.map(({ type }) => type);

describe('a query that is followed', () => {
  it('is told whole, and then what has changed', async () => {
    const outlet = new FakeOutlet();
    ask(outlet);
    await tick();
    expect(outlet.told).toEqual([{ type: 'snapshot', id: '1', columns, rows: [[1]] }]);
    [rows, version] = [[[2], [1]], 'b'];
    await tick();
    expect(outlet.told[1]).toEqual({ type: 'changes', id: '1', added: [[2]], removed: [], changed: [] });
  });

  it('is evaluated when the tables have changed, and no more than once a second', async () => {
    ask(new FakeOutlet());
    await tick(5_000);
    expect(ran).toHaveLength(1);
    for (let i = 0; i < 30; i++) {
      version = `v${i}`;
      await tick(100);
    }
    expect(ran.length).toBeGreaterThanOrEqual(3);
    expect(ran.length).toBeLessThanOrEqual(4);
  });

  it('says nothing where it finds the same', async () => {
    const outlet = new FakeOutlet();
    ask(outlet);
    await tick();
    version = 'b';
    await tick();
    expect(ran).toHaveLength(2);
    expect(types(outlet)).toEqual(['snapshot']);
  });

  it('misses nothing that is stored while it is evaluated', async () => {
    const outlet = new FakeOutlet();
    run = async () => {
      version = 'b';
    };
    ask(outlet);
    await tick(100);
    rows = [[2]];
    await tick();
    expect(types(outlet)).toEqual(['snapshot', 'changes']);
  });

  it('is evaluated once for all who ask the same and see the same', async () => {
    const outlets = Array.from({ length: 3 }, () => new FakeOutlet());
    for (const outlet of outlets) ask(outlet);
    await tick();
    expect(ran).toHaveLength(1);
    const other = new FakeOutlet();
    ask(other, 'SELECT n', {}, 'less');
    await tick();
    expect(ran).toHaveLength(2);
    const late = new FakeOutlet();
    ask(late);
    expect([...outlets, other, late].map(types)).toEqual(Array(5).fill(['snapshot']));
  });

  it('tells a slow client a new snapshot once it has room', async () => {
    const outlet = new FakeOutlet();
    const subscription = ask(outlet);
    await tick();
    outlet.has_room = false;
    [rows, version] = [[[2]], 'b'];
    await tick();
    [rows, version] = [[[3]], 'c'];
    await tick();
    expect(types(outlet)).toEqual(['snapshot']);
    outlet.has_room = true;
    subscription.pump();
    expect(outlet.told.at(-1)).toMatchObject({ type: 'snapshot', rows: [[3]] });
    subscription.pump();
    expect(outlet.told).toHaveLength(2);
  });

  it('says why it fails, once, and goes on', async () => {
    const outlet = new FakeOutlet();
    ask(outlet);
    await tick();
    run = async () => {
      throw new Problem(400, 'no such table');
    };
    version = 'b';
    await tick(25_000);
    expect(ran.length).toBe(4);
    expect(outlet.told.slice(1)).toEqual([{ type: 'error', id: '1', code: 'query_failed', detail: 'no such table' }]);
    run = async () => undefined;
    rows = [[1], [4]];
    await tick(10_000);
    expect(outlet.told.at(-1)).toMatchObject({ type: 'changes', added: [[4]] });
  });

  it('tells no more of an error than it may', async () => {
    const outlet = new FakeOutlet();
    run = async () => {
      throw new Error('password of the engine');
    };
    ask(outlet);
    await tick();
    expect(outlet.told).toMatchObject([{ type: 'error', detail: 'the query failed' }]);
  });

  it('ends with the last who asks', async () => {
    const subscriptions = [ask(new FakeOutlet()), ask(new FakeOutlet())];
    await tick();
    for (const subscription of subscriptions) subscription.close();
    version = 'b';
    await tick();
    expect(ran).toHaveLength(1);
  });
});

describe('what queries cost is bounded', () => {
  it('for a socket, and for all', async () => {
    const outlet = new FakeOutlet();
    const opened = Array.from({ length: query_limits.per_socket_max }, (_, i) => ask(outlet, `SELECT ${i}`));
    expect(() => ask(outlet, 'SELECT 99')).toThrow('at most');
    opened[0]?.close();
    ask(outlet, 'SELECT 99');
    for (let i = 0; i < query_limits.queries_max - 4; i++) ask(new FakeOutlet(), `SELECT ${100 + i}`);
    expect(() => ask(new FakeOutlet(), 'SELECT 5')).toThrow('at most');
    ask(new FakeOutlet(), 'SELECT 99');
  });

  it('few are evaluated at once, in turn', async () => {
    const { promise, resolve } = withResolvers<void>();
    run = () => promise;
    for (let i = 0; i < 5; i++) ask(new FakeOutlet(), `SELECT ${i}`);
    await tick();
    expect(ran).toHaveLength(query_limits.concurrency_max);
    resolve();
    await tick();
    expect(ran.sort()).toEqual([0, 1, 2, 3, 4].map(i => `SELECT ${i}`));
  });
});
