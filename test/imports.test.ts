/** The files an import reads beside mbox and NDJSON, end to end: maildirs and CSV, read again as they change. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDataDir } from '../cli/data-dir.ts';
import { createClickHouse } from '../lib/clickhouse.ts';
import { freshDir, type Instance, startInstance } from './instance.ts';

const files = freshDir();
const file = (name: string, content: string | Buffer): string => {
  const path = join(files, name);
  writeFileSync(path, content);
  return path;
};
let instance: Instance;

beforeAll(async () => {
  instance = await startInstance();
});
afterAll(async () => {
  expect(await instance?.stop()).toBe(0);
  rmSync(files, { recursive: true, force: true });
});

interface Counts {
  read: number;
  stored: number;
  duplicate: number;
  dead_letter: number;
}
async function imported(...args: string[]): Promise<Counts> {
  const { sources } = await instance.json<{ sources: Counts[] }>(['import', ...args]);
  const [{ read, stored, duplicate, dead_letter } = { read: 0, stored: 0, duplicate: 0, dead_letter: 0 }] = sources;
  return { read, stored, duplicate, dead_letter };
}

describe('a maildir', () => {
  const root = join(files, 'Maildir');
  const put = (name: string, id: string): void =>
    writeFileSync(
      join(root, name),
      `From: ada@acme.example\nTo: me@example.com\nMessage-ID: <${id}@md>\nSubject: ${id}\n\nHi\n`,
    );

  it('is read with its subfolders, without what is still being delivered', async () => {
    for (const folder of ['cur', 'new', 'tmp', '.Sent/cur', '.Sent/new', '.notes'])
      mkdirSync(join(root, folder), { recursive: true });
    put('new/1.a.host', 'one');
    put('cur/2.b.host:2,S', 'two');
    put('.Sent/cur/3.c.host:2,RS', 'three');
    put('tmp/4.d.host', 'four');
    expect(await imported(root)).toEqual({ read: 3, stored: 3, duplicate: 0, dead_letter: 0 });
  });

  it('is read again for what has come, and knows a mail whose flags have changed', async () => {
    renameSync(join(root, 'new/1.a.host'), join(root, 'cur/1.a.host:2,FS'));
    put('new/0.e.host', 'five');
    expect(await imported(root)).toEqual({ read: 7, stored: 4, duplicate: 3, dead_letter: 0 });
    const subjects = await instance.sql<{ s: string }>(
      "SELECT subject AS s FROM emails WHERE endsWith(message_id, '@md>') OR endsWith(message_id, '@md') ORDER BY s",
    );
    expect(subjects.map(row => row.s)).toEqual(['five', 'one', 'three', 'two']);
  });
});

describe('CSV', () => {
  it('of a known export needs no mapping, gzip or not', async () => {
    const deals = [
      '\ufeff"Record ID","Deal Name","Deal Stage","Amount","Last Modified Date","Deal owner"',
      '"101","Big, ""the"" one","Closed Won","1200.50","2025-03-04 09:05","Ada"',
      '"102","Two\nlines","proposal","","2025-03-05 10:00",""',
    ].join('\r\n');
    expect(await imported(file('deals.csv.gz', gzipSync(deals)))).toEqual({
      read: 2,
      stored: 2,
      duplicate: 0,
      dead_letter: 0,
    });
    const rows = await instance.sql(
      `SELECT JSONExtractString(data, 'Deal Name') AS title, person_name, stage, outcome, amount, occurred_at FROM interactions WHERE kind = 'crm' AND JSONExtractString(data, 'Record ID') IN ('101', '102') ORDER BY occurred_at`,
    );
    expect(rows).toMatchObject([
      {
        title: 'Big, "the" one',
        person_name: '',
        stage: 'Closed Won',
        outcome: 'won',
        amount: 1200.5,
        occurred_at: expect.stringContaining('2025-03-04 09:05:00'),
      },
      { title: 'Two\nlines', stage: 'proposal', outcome: null, amount: null },
    ]);
  });

  const mapping = file(
    'orders.yaml',
    'record: event\ncolumns:\n  id: No\n  type: {value: order_placed}\n  time: Datum\n  email: Kunde\ntimezone: Europe/Berlin\ndelimiter: ";"\n',
  );
  const orders =
    'No;Datum;Kunde;Summe\n1;04.03.2025 09:05;ada@acme.example;12,50\n2;gestern;ada@acme.example;1\n3;05.03.2025;bob@acme.example\n';

  it('with a mapping becomes what that says; rows that cannot be read are dead letters, and no others', async () => {
    const path = file('orders.csv', orders);
    expect(await imported('--mapping', mapping, path)).toEqual({ read: 3, stored: 1, duplicate: 0, dead_letter: 2 });
    expect(
      await instance.sql("SELECT toString(occurred_at) AS at, account FROM interactions WHERE name = 'order_placed'"),
    ).toMatchObject([{ at: expect.stringContaining('2025-03-04 08:05:00') }]);
    const letters = await instance.sql<{ message: string }>(
      "SELECT message FROM dead_letters WHERE cause = 'csv' ORDER BY message",
    );
    expect(letters.map(row => row.message)).toEqual([
      expect.stringMatching(/^line 3: time: "gestern" is no time/),
      'line 4: the row has 3 cells, the header 4',
    ]);
  });

  it('that has grown is read on, and the same again adds nothing', async () => {
    const path = file('orders.csv', `${orders}4;06.03.2025 10:00;eve@acme.example;3\n`);
    expect(await imported('--mapping', mapping, path)).toEqual({ read: 4, stored: 2, duplicate: 0, dead_letter: 2 });
    expect(await imported('--mapping', mapping, path)).toEqual({ read: 4, stored: 2, duplicate: 0, dead_letter: 2 });
  });

  it('of mails becomes mails, from standard input', async () => {
    const mails =
      'date,from,to,subject,body\n2025-03-04 09:05,Ada <ada@acme.example>,me@example.com,From a table,Thank you very much!\n2025-03-04,nobody,,,\n';
    const { code, stdout } = await instance.run(['import', '-', '--json'], mails);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).sources).toMatchObject([{ read: 2, stored: 1, duplicate: 0, dead_letter: 1 }]);
    expect(await instance.sql("SELECT * FROM emails WHERE subject = 'From a table'")).toMatchObject([
      {
        sender: 'ada@acme.example',
        content: 'Thank you very much!',
        received_at: expect.stringContaining('2025-03-04 09:05:00'),
      },
    ]);
  });

  it('that nobody knows is refused with a mapping to begin with, and a wrong mapping with what is wrong', async () => {
    const unknown = await instance.run(['import', file('stock.csv', 'Article,Amount\nscrew,3\nnail,4\n')]);
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toContain('of no export that is known: Article, Amount');
    expect(unknown.stderr).toContain('amount: "Amount"');
    const wrong = await instance.run([
      'import',
      '--mapping',
      file('w.yaml', 'record: deal\ncolumns: {id: Nr, nam: X}\n'),
      join(files, 'stock.csv'),
    ]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('w.yaml:2:24 columns.nam: unknown key; did you mean "name"?');
    const absent = await instance.run([
      'import',
      '--mapping',
      file('x.yaml', 'record: deal\ncolumns: {id: Artcle}\n'),
      join(files, 'stock.csv'),
    ]);
    expect(absent.stderr).toContain('"Artcle" (did you mean "Article"?)');
  });
});

it('leaves out who is erased, and says so: read = stored + erased', async () => {
  const dir = openDataDir(instance.data_dir);
  const url = dir.readRun()?.clickhouse ?? '';
  const config = { url, user: 'default', password: dir.secrets().clickhouse, database: 'millrace' };
  const clickhouse = createClickHouse(config);
  await clickhouse.command(
    "INSERT INTO erasures (organization_id, person_id) SELECT DISTINCT organization_id, 'gone@acme.example' FROM source_positions",
  );
  await clickhouse.close();
  const mail = (from: string, to: string, id: string): string =>
    `From x Thu Mar  6 10:00:00 2025\nFrom: ${from}\nTo: ${to}\nMessage-ID: <${id}@erased>\nSubject: ${id}\n\nHi\n\n`;
  const path = file(
    'erased.mbox',
    mail('gone@acme.example', 'me@example.com', 'a') + mail('ada@acme.example', 'gone@acme.example', 'b'),
  );
  const events = ['gone@acme.example', 'ada@acme.example'].map((email, i) =>
    JSON.stringify({ specversion: '1.0', id: `e${i}`, source: '/s', type: 'seen', data: { email } }),
  );
  const lines = file('erased.ndjson', `${events.join('\n')}\n`);
  const { sources, balanced } = await instance.json<{ sources: object[]; balanced: boolean }>(['import', path, lines]);
  expect(sources).toMatchObject([
    { read: 2, stored: 1, erased: 1, in_flight: 0 },
    { read: 2, stored: 1, erased: 1, in_flight: 0 },
  ]);
  expect(balanced).toBe(true);
  for (const [table, person] of [
    ['messages', 'sender'],
    ['interactions', 'person_id'],
    ['customers', 'person_id'],
    ['lead_scores', 'person_id'],
  ]) {
    expect(await instance.sql(`SELECT 1 FROM ${table} WHERE ${person} = 'gone@acme.example'`), table).toEqual([]);
  }
});
