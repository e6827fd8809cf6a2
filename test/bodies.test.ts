/**
 * The words of a mail: who may see that it is there, and may not read it, gets them from no operation of the contract, whatever it
 * is asked for; and nobody gets them by saying that the mail is his.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ClickHouse } from '../lib/clickhouse.ts';
import { type Instance, startInstance, until } from './instance.ts';
import { body_word, canary, handIn, isNobodys, type OwnedMail, seesMail, usersOf } from './owned-records.ts';
import { type NewUser, type People, peopleOf, tablesOf } from './people.ts';

const seed = Number(process.env.MILLRACE_TEST_SEED ?? 20_260_105);
const reader = usersOf(seed, 0).at(-1) as NewUser;
let instance: Instance;
let people: People;
let tables: ClickHouse;
let mails: OwnedMail[];
let token: string;

beforeAll(async () => {
  instance = await startInstance();
  people = await peopleOf(instance);
  tables = await tablesOf(instance);
  await people.add(reader);
  for (const user_id of ['thief', 'clerk'])
    await people.add({ user_id, role: user_id === 'clerk' ? 'manager' : 'user' });
  token = await people.operatorToken(reader.user_id, 'manager');
  mails = await handIn(instance, people, seed);
});
afterAll(async () => {
  await tables?.close();
  expect(await instance?.stop()).toBe(0);
});

interface Operation {
  readonly 'x-access': string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
}
const some = async (id: string, table: string): Promise<string[]> =>
  (await tables.rows<{ id: string }>(`SELECT DISTINCT ${id} AS id FROM ${table} LIMIT 3`)).map(row => row.id);

it(`no operation tells the words to who may not read them (seed ${seed})`, async () => {
  const hidden = mails.filter(mail => !seesMail(reader, mail, true));
  expect(hidden.length).toBeGreaterThan(15);
  const admins = await people.operatorToken('boss', 'admin');
  const ids = hidden.map(({ id }) => id);
  const threads = await until('their conversations', async () => {
    const rows = await tables.rows<{ id: string }>(
      'SELECT conversation_id AS id FROM conversations WHERE hasAny(email_ids, {ids:Array(String)})',
      { ids },
    );
    return rows.length >= 6 && rows;
  });
  // Who may read them is told the word: that it is in what is said in a conversation is what makes the rest a test.
  for (const { id } of threads.slice(0, 6)) {
    const { text } = await people.ask(admins, 'GET', `/api/conversations/${encodeURIComponent(id)}`);
    expect([id, text.includes(canary)]).toEqual([id, true]);
  }
  const known = [
    ...threads.slice(0, 6).map(({ id }) => id),
    ...hidden.slice(0, 3).map(({ id }) => id),
    ...(await some('person_id', 'customers')),
    ...(await some('dead_letter_id', 'dead_letters')),
    ...['none', reader.user_id],
  ];
  const queries = ['', `q=${canary}`, `q=${body_word}`, 'limit=500', 'limit=500&sort=-received_at', `cause=${canary}`];
  const { paths } = await people.json<{ paths: Record<string, Record<string, Operation>> }>(
    null,
    'GET',
    '/openapi.json',
  );
  let asked = 0;
  let answered = 0;
  for (const [path, { get }] of Object.entries(paths)) {
    if (get === undefined) continue;
    const names = get.parameters.filter(one => one.in === 'query').map(one => one.name);
    const fitting = queries.filter(query => names.includes(query.split('=')[0] as string) || query === '');
    for (const id of path.includes('{') ? known : ['']) {
      for (const query of fitting) {
        const address = `${path.replace(/\{\w+\}/, encodeURIComponent(id))}?${query}`;
        const { status, text } = await people.ask(token, 'GET', address);
        asked++;
        if (status === 200) answered++;
        // What is asked for may be said again, in a fault.
        if (status < 300 || !query.includes(canary)) expect([address, text.includes(canary)]).toEqual([address, false]);
      }
    }
  }
  const feeds = ['emails', 'interactions', 'customers', 'conversations', 'dead_letters', 'duplicates', 'metrics'];
  await Promise.all(
    feeds.map(async feed => {
      const response = await fetch(new URL(`/live/sse?feed=${feed}&from=earliest&token=${token}`, instance.url));
      const words = response.body?.pipeThrough(new TextDecoderStream());
      let text = '';
      for await (const chunk of words ?? []) {
        text += chunk;
        // The first heartbeat comes after what there was.
        if (text.includes('event: heartbeat')) break;
      }
      expect([feed, response.status, text.includes(canary)]).toEqual([feed, 200, false]);
    }),
  );
  console.info(`${asked} requests, ${answered} answered with 200: the word in none of them`);
  expect(answered).toBeGreaterThan(30);
});

it('a mail is opened to nobody by handing in one of its name', async () => {
  const victim = mails.find(mail => !mail.owners.some(isNobodys) && !mail.owners.some(one => one.mailbox === ''));
  const id = victim?.id ?? '';
  const { message_id, subject } = await people.json<{ message_id: string; subject: string }>(
    people.admin,
    'GET',
    `/api/emails/${id}`,
  );
  for (const [user_id, role] of [
    ['thief', 'user'],
    ['clerk', 'manager'],
  ] as const) {
    const his = await people.operatorToken(user_id, role);
    const claim = { sender: 'a@customer.example', subject, content: 'Mine', message_id, owner_id: user_id };
    const posted = await fetch(new URL('/api/emails', instance.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${his}`, prefer: 'wait=8' },
      body: JSON.stringify(claim),
    });
    expect([user_id, posted.status]).toEqual([user_id, 202]);
    for (const path of [`/api/emails/${id}`, `/api/emails?limit=500&q=${canary}`, `/api/search?q=${canary}`]) {
      const { text } = await people.ask(his, 'GET', path);
      expect([user_id, path, text.includes(canary), text.includes(id)]).toEqual([user_id, path, false, false]);
    }
    expect((await people.ask(his, 'GET', `/api/emails/${id}`)).status).toBe(404);
  }
  const delivered = await tables.rows(`SELECT owner_id FROM deliveries WHERE owner_id IN ('thief', 'clerk')`);
  expect(delivered).toEqual([]);
});
