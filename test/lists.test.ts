/** Lists and the search of a running instance, over the sample company and a few mails whose order is known. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Instance, startInstance } from './instance.ts';

interface Item {
  readonly id: string;
  readonly email_id: string;
  readonly score?: number;
  readonly highlights?: {
    readonly subject: readonly { readonly text: string; readonly hit: boolean }[];
    readonly content: readonly (readonly { readonly text: string; readonly hit: boolean }[])[];
  };
}
interface Page {
  readonly items: readonly Item[];
  readonly next: string | null;
}

let instance: Instance;
const organization_id = 'library';
const mails = [
  ['often', 'Quagga', 'The quagga. A quagga is no zebra, and no quagga is left.'],
  ['once', 'A visit', `I have seen a stuffed QUAGGA. ${'It was a long walk through the old rooms. '.repeat(40)}`],
  ['twice', 'A visit', `One quagga here, one Quagga there. ${'It was a long walk through the old rooms. '.repeat(40)}`],
  ['never', 'Zebras', 'There are quaggas in plural only.'],
  ['hostile', '<script>alert(1)</script> quagga', 'An Änderung: \u{1f993} <b>quagga</b>'],
] as const;

async function page(path: string): Promise<Page> {
  const answer = await instance.fetch(path);
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${path}: ${text}`);
  return JSON.parse(text) as Page;
}

/** All pages of it. */
async function whole(path: string): Promise<Item[]> {
  const rows: Item[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const found: Page = await page(next === '' ? path : `${path}&cursor=${next}`);
    rows.push(...found.items);
    next = found.next;
  }
  return rows;
}

const search = (q: string, more = ''): Promise<Page> =>
  page(`/api/search?organization_id=${organization_id}&q=${encodeURIComponent(q)}${more}`);
const idsOf = ({ items }: Page): string[] => items.map(({ email_id }) => email_id);

const ids = new Map<string, string>();
const named = (found: Page): (string | undefined)[] =>
  idsOf(found).map(id => [...ids].find(([, each]) => each === id)?.[0]);

beforeAll(async () => {
  instance = await startInstance({ sample: true });
  for (const [name, subject, content] of mails) {
    const answer = await instance.fetch('/api/emails', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        sender: `${name}@museum.example`,
        recipients: ['keeper@library.example'],
        subject,
        content,
        organization_id,
        message_id: `${name}@museum.example`,
      }),
    });
    const { email_id } = (await answer.json()) as Item;
    expect(answer.status).toBe(201);
    ids.set(name, email_id);
  }
  const { code } = await instance.run(['reconcile']);
  expect(code).toBe(0);
});
afterAll(async () => {
  expect(await instance?.stop()).toBe(0);
});

describe('a list', () => {
  it.each([
    ['emails', 'messages', 'received_at', 'importance', 'sentiment_score'],
    ['customers', 'customers', 'score', 'last_seen_at', 'first_seen_at', 'mails_in'],
    ['dead-letters', 'dead_letters', 'failed_at', 'original_size_bytes'],
  ])(
    'of %s comes page by page in each of its orders, with nothing twice and nothing left out',
    async (list, table, ...names) => {
      const [{ count } = { count: 0 }] = await instance.sql<{ count: number }>(
        `SELECT toUInt32(count()) AS count FROM ${table} WHERE organization_id = 'sample'`,
      );
      expect(count).toBeGreaterThan(1);
      for (const sort of names.flatMap(name => [name, `-${name}`])) {
        const rows = await whole(`/api/${list}?organization_id=sample&limit=${Math.ceil(count / 4)}&sort=${sort}`);
        expect(new Set(rows.map(({ id }) => id)).size, sort).toBe(count);
        expect(rows.length, sort).toBe(count);
        const values = rows.map(row => (row as unknown as Record<string, number>)[sort.replace('-', '')] as number);
        const rising = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
        expect(values, sort).toEqual(sort.startsWith('-') ? rising.reverse() : rising);
      }
    },
  );

  it('tells the fields that are asked for', async () => {
    const { items, next } = await page('/api/emails?limit=2&fields=subject,importance');
    expect(items.map(row => Object.keys(row))).toEqual([
      ['subject', 'importance'],
      ['subject', 'importance'],
    ]);
    expect((await page(`/api/emails?limit=2&fields=subject,importance&cursor=${next}`)).items).toHaveLength(2);
  });

  it('of mails is one person’s, or one thread’s', async () => {
    const mine = await page(`/api/emails?organization_id=${organization_id}&person=Keeper@library.example`);
    expect(mine.items).toHaveLength(mails.length);
    expect(named(await page('/api/emails?person=once@museum.example'))).toEqual(['once']);
    expect(named(await page('/api/emails?thread_id=twice@museum.example'))).toEqual(['twice']);
  });
});

describe('the search', () => {
  it('finds whole words in any case, the mail that is most about them first', async () => {
    expect(named(await search('quagga'))).toEqual(['often', 'hostile', 'twice', 'once']);
    expect(named(await search('Quagga WALK'))).toEqual(['twice', 'once']);
    expect(named(await search('änderung'))).toEqual(['hostile']);
    expect(named(await search('quagg'))).toEqual([]);
    expect(named(await search('quagga', '&sort=received_at'))).toEqual(['often', 'once', 'twice', 'hostile']);
    expect(named(await search('quagga', '&person=once@museum.example'))).toEqual(['once']);
  });

  it('goes on page by page', async () => {
    const first = await search('quagga', '&limit=3');
    const second = await search('quagga', `&limit=3&cursor=${first.next}`);
    expect([...named(first), ...named(second)]).toEqual(['often', 'hostile', 'twice', 'once']);
    expect(second.next).toBeNull();
  });

  it('shows the words in pieces of plain text', async () => {
    const [hostile] = (await search('quagga', '&person=hostile@museum.example')).items;
    expect(hostile?.highlights).toEqual({
      subject: [
        { text: '<script>alert(1)</script> ', hit: false },
        { text: 'quagga', hit: true },
      ],
      content: [
        [
          { text: 'An Änderung: \u{1f993} <b>', hit: false },
          { text: 'quagga', hit: true },
          { text: '</b>', hit: false },
        ],
      ],
    });
    const [once] = (await search('quagga', '&person=once@museum.example')).items;
    const passage = once?.highlights?.content[0]?.map(({ text }) => text).join('') ?? '';
    expect(passage).toMatch(/^I have seen a stuffed QUAGGA\./);
    expect(passage.length).toBeLessThan(150);
  });

  it('says what it cannot look for', async () => {
    for (const q of ['', '...', 'a b c d e f g h i']) {
      const answer = await instance.fetch(`/api/search?q=${encodeURIComponent(q)}`);
      expect(answer.status, q).toBe(400);
    }
  });

  it('reads the index instead of the mails', async () => {
    const plan = await instance.sql<{ explain: string }>(
      "EXPLAIN indexes = 1 SELECT count() FROM messages WHERE hasAllTokens(lowerUTF8(concat(subject, '\\n', content)), ['quagga'])",
    );
    expect(plan.map(({ explain }) => explain).join('\n')).toMatch(/Name: words[\s\S]*text/);
  });
});

it('a mail that is handed in again with its key is the same one, and another one is not taken for it', async () => {
  const send = async (key: string, content: string) => {
    const answer = await instance.fetch('/api/emails', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ sender: 'ada@key.example', subject: 'Again', content }),
    });
    return { status: answer.status, ...((await answer.json()) as { id?: string; detail?: string }) };
  };
  const [one, other] = [await send('"k-1"', 'The same'), await send('"k-2"', 'The same')];
  expect([one.status, other.status]).toEqual([201, 201]);
  expect(other.id).not.toBe(one.id);
  expect(await send('"k-1"', 'The same')).toMatchObject({ status: 200, id: one.id });
  expect(await send('k-1', 'Something else')).toMatchObject({
    status: 422,
    detail: expect.stringContaining('Idempotency-Key'),
  });
});
