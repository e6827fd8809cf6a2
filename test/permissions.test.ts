/**
 * Who sees what, through every way in: REST, the views that SQL asks, and the live feeds tell each user the same records as a
 * reference that knows nothing of the code, and the words of a mail to nobody to whom its body was not granted.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { ClickHouse } from '../lib/clickhouse.ts';
import { createDatabases, type Databases } from '../query-api/permission/databases.ts';
import { sightOf } from '../query-api/permission/sight.ts';
import { type Instance, startInstance, until } from './instance.ts';
import { randomOf } from './mails.ts';
import {
  body_word,
  canary,
  handIn,
  isNobodys,
  mailboxes,
  type Owned,
  type OwnedMail,
  sees,
  seesMail,
  subject_word,
  usersOf,
} from './owned-records.ts';
import { type NewUser, type People, peopleOf, tablesOf } from './people.ts';

const seed = Number(process.env.MILLRACE_TEST_SEED ?? 20_260_105);
const users = usersOf(seed, 10);
const named = users.map(user => [`${user.user_id} (${user.role}, seed ${seed})`, user] as const);

let instance: Instance;
let people: People;
let tables: ClickHouse;
let databases: Databases;
let mails: OwnedMail[];
const tokens = new Map<string, string>();
const tokenOf = ({ user_id }: NewUser): string => tokens.get(user_id) ?? '';

beforeAll(async () => {
  instance = await startInstance();
  people = await peopleOf(instance);
  tables = await tablesOf(instance);
  databases = createDatabases(tables);
  for (const user of users) {
    await people.add(user);
    // It speaks for the user of its name, whatever role it was signed with.
    tokens.set(user.user_id, await people.operatorToken(user.user_id, 'admin'));
  }
  mails = await handIn(instance, people, seed);
});
afterAll(async () => {
  await databases?.close();
  await tables?.close();
  expect(await instance?.stop()).toBe(0);
});

interface Item {
  readonly id: string;
  readonly excerpt?: string;
}
const items = async (user: NewUser, path: string): Promise<readonly Item[]> =>
  (await people.json<{ items: Item[] }>(tokenOf(user), 'GET', path)).items;
const ids = (list: readonly { readonly id: string }[]): string[] => [...new Set(list.map(({ id }) => id))].sort();
const idsBy = async (user: NewUser, path: string): Promise<string[]> => ids(await items(user, path));
const random = randomOf(seed);
/** So many of them, others each time. */
const sampled = <T>(list: readonly T[], count: number): T[] =>
  list
    .map(one => [random(), one] as const)
    .sort(([a], [b]) => a - b)
    .slice(0, count)
    .map(([, one]) => one);

type Row = Owned & { readonly email_id?: string };
const whole = new Map<string, Promise<Row[]>>();
/** Of the tables themselves, each asked once but for the windows, which are told as their minutes close. */
function rowsIn(table: string, columns: string): Promise<Row[]> {
  const final = table.endsWith('_versions') ? 'FINAL' : '';
  const known = table.startsWith('metric_window') ? undefined : whole.get(table);
  const rows = known ?? tables.rows<Row>(`SELECT ${columns} FROM ${table} ${final}`);
  whole.set(table, rows);
  return rows;
}

/** Of a table's rows, those of owners that the user sees. */
async function reference(user: NewUser, table: string, id: string): Promise<string[]> {
  const rows = await tables.rows<Owned & { id: string }>(
    `SELECT toString(${id}) AS id, mailbox, owner_id, team_id FROM ${table}`,
  );
  return ids(rows.filter(row => sees(user, row)));
}

describe.each(named)('%s', (_, user) => {
  it('is told the mails by lists, searches and counts that are his, and finds only what he may read', async () => {
    const seen = ids(mails.filter(mail => seesMail(user, mail)));
    const readable = ids(mails.filter(mail => seesMail(user, mail, true)));
    const list = await items(user, '/api/emails?limit=500');
    expect(ids(list)).toEqual(seen);
    expect(ids(list.filter(({ excerpt }) => excerpt !== ''))).toEqual(readable);
    expect(await idsBy(user, `/api/search?limit=500&q=${subject_word}`)).toEqual(seen);
    expect(await idsBy(user, `/api/search?limit=500&q=${body_word}`)).toEqual(readable);
    expect(await idsBy(user, `/api/emails?limit=500&q=${subject_word}`)).toEqual(seen);
    expect(await idsBy(user, `/api/emails?limit=500&q=${body_word}`)).toEqual(readable);
    for (const mailbox of sampled(mailboxes, 1)) {
      const reached = mails.filter(mail => mail.owners.some(owned => owned.mailbox === mailbox && sees(user, owned)));
      expect(await idsBy(user, `/api/emails?limit=500&mailbox=${mailbox}`)).toEqual(ids(reached));
    }
    const span = `from=${new Date(Date.now() - 86_400_000).toISOString()}&to=${new Date(Date.now() + 60_000).toISOString()}`;
    const { totals, categories } = await people.json<{
      totals: { emails: number; customers: number };
      categories: { emails: number }[];
    }>(tokenOf(user), 'GET', `/api/metrics?${span}`);
    expect(totals.emails).toBe(seen.length);
    expect(categories.reduce((sum, { emails }) => sum + emails, 0)).toBe(seen.length);
    expect(totals.customers).toBe((await reference(user, 'customers', 'person_id')).length);
  });

  it('opens the mails that are his, with their words where he may read them, and the others are not there', async () => {
    for (const mail of sampled(mails, 8)) {
      const { status, text } = await people.ask(tokenOf(user), 'GET', `/api/emails/${mail.id}`);
      expect([mail.id, status]).toEqual([mail.id, seesMail(user, mail) ? 200 : 404]);
      if (status !== 200) continue;
      const { content, quoted, excerpt, deliveries } = JSON.parse(text) as Record<string, string> & {
        deliveries: Owned[];
      };
      expect([content, excerpt, quoted].map(words => words !== '')).toEqual(Array(3).fill(seesMail(user, mail, true)));
      expect(deliveries).toHaveLength(mail.owners.filter(owned => sees(user, owned)).length);
      const traced = await people.json<{ arrivals: { rows: object[] }[] }>(
        tokenOf(user),
        'GET',
        `/api/trace/${mail.id}`,
      );
      // One of each delivery that is his.
      expect(traced.arrivals).toHaveLength(deliveries.length);
    }
    const others = mails.filter(mail => !seesMail(user, mail));
    for (const { id } of sampled(others, 4))
      expect((await people.ask(tokenOf(user), 'GET', `/api/trace/${id}`)).status).toBe(404);
  });

  it('is told the customers and dead letters that are his', async () => {
    const customers = await reference(user, 'customers', 'person_id');
    const letters = await reference(user, 'dead_letters', 'dead_letter_id');
    expect(await idsBy(user, '/api/customers?limit=500')).toEqual(customers);
    expect(await idsBy(user, '/api/dead-letters?limit=500')).toEqual(letters);
    const { items: causes } = await people.json<{ items: { count: number }[] }>(
      tokenOf(user),
      'GET',
      '/api/dead-letters/causes',
    );
    expect(causes.reduce((sum, { count }) => sum + count, 0)).toBe(letters.length);
    for (const [path, table, id, his] of [
      ['/api/customers', 'customers', 'person_id', customers],
      ['/api/dead-letters', 'dead_letters', 'dead_letter_id', letters],
    ] as const) {
      for (const row of sampled(await tables.rows<{ id: string }>(`SELECT ${id} AS id FROM ${table}`), 4)) {
        const { status } = await people.ask(tokenOf(user), 'GET', `${path}/${encodeURIComponent(row.id)}`);
        expect([row.id, status]).toEqual([row.id, his.includes(row.id) ? 200 : 404]);
      }
    }
  });

  it('has in each table of his database the rows that are his, and no table that says of nobody whose its rows are', async () => {
    const theirs = await databases.of(
      sightOf(user.user_id, user.role as 'user', { mailboxes: [], teams: [], ...user }),
    );
    if (user.role === 'admin') return expect(theirs).toBe(tables);
    const { database } = theirs.config;
    const made = await tables.rows<{ name: string }>('SELECT name FROM system.databases');
    // By the API, under the name that is worked out here.
    expect(made.map(({ name }) => name)).toContain(database);
    const described = await tables.rows<{ table: string; columns: string[] }>(
      'SELECT table, groupArray(name) AS columns FROM system.columns WHERE database = {database:String} GROUP BY table',
      { database },
    );
    const present = described.map(({ table }) => table);
    for (const table of ['audit_events', 'erasures', 'erased_records', 'schema_migrations', '_schemas']) {
      expect(present).not.toContain(table);
    }
    const seen = new Set(ids(mails.filter(mail => seesMail(user, mail))));
    const readable = new Set(ids(mails.filter(mail => seesMail(user, mail, true))));
    let compared = 0;
    for (const { table, columns } of described.filter(({ columns }) => columns.includes('team_id'))) {
      const reaches = columns.includes('email_id') && table !== 'deliveries';
      const asked = `mailbox, owner_id, team_id${columns.includes('email_id') ? ', email_id' : ''}`;
      const his = (await rowsIn(table, asked)).filter(
        row => sees(user, row) || (reaches && seen.has(row.email_id ?? '')),
      );
      const sorted = (rows: readonly object[]): string[] => rows.map(row => JSON.stringify(row)).sort();
      expect([table, sorted(await theirs.rows(`SELECT ${asked} FROM ${table}`))]).toEqual([table, sorted(his)]);
      compared++;
      for (const column of ['content', 'quoted'].filter(name => columns.includes(name))) {
        const shown = await theirs.rows<{ id: string }>(`SELECT email_id AS id FROM ${table} WHERE ${column} != ''`);
        expect(ids(shown)).toEqual([...readable].sort());
      }
      // No other column tells them either.
      for (const row of await theirs.rows<Owned & { email_id?: string }>(`SELECT * FROM ${table}`)) {
        const mayRead = sees(user, row, true) || readable.has(row.email_id ?? '');
        if (!mayRead) expect([table, JSON.stringify(row)]).toEqual([table, expect.not.stringContaining(canary)]);
      }
    }
    expect(compared).toBeGreaterThanOrEqual(14);
    const turns = await theirs.rows<Owned>(
      "SELECT mailbox, owner_id, team_id FROM business_turns(time_zone = 'UTC', holidays = [], at = now64(3, 'UTC'))",
    );
    expect(turns.every(row => sees(user, row))).toBe(true);
  });
});

// ── The live feeds ───────────────────────────────────────────────────────────────────────────────────────────────────

const feeds = ['emails', 'interactions', 'conversations', 'dead_letters', 'duplicates', 'customers'] as const;
type Followed = Record<(typeof feeds)[number], Item[]>;

const openSocket = (token: string): WebSocket =>
  new WebSocket(new URL('/live', instance.url.replace('http', 'ws')), ['millrace.v1', `bearer.${token}`]);

/** Everything that is kept, up to the feed's end, which a heartbeat's cursor shows. */
async function follow(user: NewUser, ends: ReadonlyMap<string, string>): Promise<Followed> {
  const socket = openSocket(tokenOf(user));
  const told = Object.fromEntries(feeds.map(feed => [feed, []])) as unknown as Followed;
  const reached = new Set<string>();
  const refusals: string[] = [];
  socket.on('open', () => {
    for (const feed of feeds) socket.send(JSON.stringify({ op: 'subscribe', id: feed, feed, from: 'earliest' }));
  });
  socket.on('message', data => {
    const { type, id, record, cursor } = JSON.parse(String(data));
    if (type === 'record') told[id as keyof Followed].push(record as Item);
    if (type === 'error') refusals.push(String(data));
    if (type === 'heartbeat' && cursor === ends.get(id as string)) reached.add(id as string);
  });
  await until('the feeds’ ends', async () => reached.size === feeds.length || refusals.length > 0);
  expect(refusals).toEqual([]);
  socket.close();
  return told;
}

/** Where each feed ends by now, for as long as the socket is open. */
async function followEnds(): Promise<{ ends: ReadonlyMap<string, string>; socket: WebSocket }> {
  const socket = openSocket(people.admin);
  const ends = new Map<string, string>();
  socket.on('open', () => {
    for (const feed of feeds) socket.send(JSON.stringify({ op: 'subscribe', id: feed, feed }));
  });
  socket.on('message', data => {
    const { id, cursor } = JSON.parse(String(data));
    ends.set(id, cursor);
  });
  await until('the ends', async () => ends.size === feeds.length);
  return { ends, socket };
}

/** Each catches up by readers of its own, of which an instance has sixteen. */
const together = 2;

it('the live feeds tell the same records, a mail in several mailboxes by its first one alone', async () => {
  const { ends, socket } = await followEnds();
  const followed: (readonly [NewUser, Followed])[] = [];
  for (let n = 0; n < users.length; n += together) {
    const some = users.slice(n, n + together).map(async user => [user, await follow(user, ends)] as const);
    followed.push(...(await Promise.all(some)));
  }
  socket.close();
  for (const [user, told] of followed) {
    const whose = (mail: OwnedMail): Owned => mail.owners[0] as Owned;
    const seen = mails.filter(mail => sees(user, whose(mail)));
    expect(ids(told.emails), user.user_id).toEqual(ids(seen));
    const readable = seen.filter(mail => sees(user, whose(mail), true));
    expect(ids(told.emails.filter(({ excerpt }) => excerpt !== ''))).toEqual(ids(readable));
    expect(ids(told.interactions)).toEqual(await reference(user, 'interactions', 'interaction_id'));
    expect(ids(told.conversations)).toEqual(await reference(user, 'conversations', 'conversation_id'));
    expect(ids(told.dead_letters)).toEqual(await reference(user, 'dead_letters', 'dead_letter_id'));
    expect(ids(told.duplicates)).toEqual(await reference(user, 'duplicates', 'record_id'));
    // Each of a customer's versions is told by whose it was.
    expect(ids(told.customers)).toEqual(await reference(user, 'lead_scores', 'person_id'));
    const words = JSON.stringify(told);
    expect(words.includes(canary)).toBe(readable.some(mail => !mail.owners.every(isNobodys)));
  }
});
