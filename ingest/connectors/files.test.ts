/** The connectors that read files, run as the runtime runs them, on real files and a real content store. */
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import type { Connector, ConnectorContext, SourceDefinition } from '../../lib/connector.ts';
import { EncodedDraft } from '../../lib/draft.ts';
import type { Json } from '../../lib/json.ts';
import { createLog } from '../../lib/log.ts';
import { openStore } from '../../lib/store.ts';
import { sourceOf } from '../imports.ts';
import { csv } from './csv.ts';
import { eml } from './eml.ts';
import { maildir } from './maildir.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-files-'));
const store = openStore(join(folder, 'store'));
const owner = { organization_id: 'test', mailbox: '', owner_id: '', team_id: '' };
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function put(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

interface Seen {
  /** The record as its line or mail says, or `dead: message`. */
  readonly what: string;
  readonly original?: string;
  /** Of a mail: replied, starred, opened; as a record of it ends. */
  readonly signals?: string;
  readonly position: Json;
}
interface Run {
  readonly seen: Seen[];
  readonly end: Json;
}

/** Ends after `max` records, as a crash would. */
async function runFrom(
  connector: Connector,
  source: SourceDefinition,
  { position = null as Json, again = false, max = Number.POSITIVE_INFINITY, onFirst = () => {} } = {},
): Promise<Run> {
  const seen: Seen[] = [];
  const stopping = new AbortController();
  const note = (one: Seen) => {
    seen.push(one);
    if (seen.length === 1) onFirst();
    if (seen.length >= max) stopping.abort();
    return Promise.resolve({ source: source.source, sequence: seen.length, committed: Promise.resolve() });
  };
  const context: ConnectorContext<unknown> = {
    config: connector.config.parse(JSON.parse(source.config)),
    source,
    position,
    again,
    store,
    signal: stopping.signal,
    log: createLog('test', 'silent'),
    emit: (_, draft, at) => note({ what: told(draft), position: at, ...signalsOf(draft) }),
    reject: (bytes, { message }, at) =>
      note({
        what: `dead: ${message}`,
        position: at,
        ...(bytes instanceof Uint8Array ? { original: Buffer.from(bytes).toString('latin1') } : {}),
      }),
  };
  return { seen, end: await connector.run(context) };
}

function told(draft: unknown): string {
  if (draft instanceof EncodedDraft) return `mail ${draft.key}`;
  const { object_id, stage, name, person_email } = draft as Record<string, string | null>;
  return name ? `${name} ${person_email}` : `${object_id} ${stage}`;
}

/** Each is the second of two kinds in Avro, null or a boolean, and then its value. */
function signalsOf(draft: unknown): Pick<Seen, 'signals'> {
  return draft instanceof EncodedDraft ? { signals: draft.body.subarray(-6).toString('hex') } : {};
}

const whats = ({ seen }: Run): string[] => seen.map(({ what }) => what);

describe('csv', () => {
  const header = 'Record ID,Deal Name,Deal Stage,Amount';
  const rows = ['1,One,open,5', '2,"Two\nlines",open,x', '', '3,Three,won', '4,Four,won,7'];
  const deals = put('deals.csv', `\ufeff${[header, ...rows].join('\r\n')}`);
  const expected = [
    '1 open',
    'dead: line 3: amount: "x" is no number',
    'dead: line 6: the row has 3 cells, the header 4',
    '4 won',
  ];

  it('reads every row; one that cannot be read is a dead letter with its line and its bytes', async () => {
    const source = await sourceOf(deals, null, owner, 0);
    expect(source).toMatchObject({ connector: 'csv', origin: 'backfill' });
    const run = await runFrom(csv, source);
    expect(whats(run)).toEqual(expected);
    expect(run.seen[1]?.original).toBe('2,"Two\nlines",open,x');
  });

  it('goes on after any row, with the line numbers it would have had', async () => {
    const source = await sourceOf(deals, null, owner, 0);
    for (let max = 1; max < expected.length; max++) {
      const first = await runFrom(csv, source, { max });
      const rest = await runFrom(csv, source, { position: first.seen.at(-1)?.position as Json });
      expect([...whats(first), ...whats(rest)]).toEqual(expected);
    }
  });

  it('asked for again reads what has been added, from gzip too', async () => {
    const grown = put('grown.csv', `${header}\n1,One,open,5`);
    const source = await sourceOf(grown, null, owner, 0);
    const { end } = await runFrom(csv, source);
    expect(whats(await runFrom(csv, source, { position: end, again: true }))).toEqual([]);
    appendFileSync(grown, '\n2,Two\n');
    expect(whats(await runFrom(csv, source, { position: end, again: true }))).toEqual([
      'dead: line 3: the row has 2 cells, the header 4',
    ]);
    const packed = await sourceOf(put('deals.csv.gz', gzipSync(`${header}\n1,One,open,5\n`)), null, owner, 0);
    expect(whats(await runFrom(csv, packed))).toEqual(['1 open']);
  });

  it('reads Windows-1252 where the text is not UTF-8', async () => {
    const path = put('latin.csv', Buffer.from(`${header}\n1,One,geschlo\xdfen,5\n`, 'latin1'));
    expect(whats(await runFrom(csv, await sourceOf(path, null, owner, 0)))).toEqual(['1 geschloßen']);
  });

  it('keeps a row that is too long as a dead letter, and reads the next', async () => {
    const path = put('long.csv', `${header}\n1,${'x'.repeat(300)},open,5\n2,Two,open,6\n`);
    const source = await sourceOf(path, null, owner, 0);
    const config = JSON.stringify({ ...JSON.parse(source.config), line_bytes_max: 100 });
    expect(whats(await runFrom(csv, { ...source, config }))).toEqual([
      'dead: line 2: the row has 310 bytes, more than is accepted',
      '2 open',
    ]);
  });

  it('reads mails with an address each', async () => {
    const path = put(
      'mails.csv',
      'From,To,Subject,Date,Body\n"Ada <ada@acme.example>",me@x.example,"Hi\nBcc: eve@x.example",2025-03-04 09:05,Hello\nnobody,me@x.example,Hi,,Hello\n',
    );
    expect(whats(await runFrom(csv, await sourceOf(path, null, owner, 0)))).toEqual([
      expect.stringMatching(/^mail test\/[0-9a-f]{32}$/),
      'dead: line 4: from: "nobody" has no e-mail address',
    ]);
  });

  it('is another source where another export has come under its name', async () => {
    const path = put('export.csv', `${header}\n1,One,open,5\n`);
    const first = await sourceOf(path, null, owner, 0);
    expect((await sourceOf(path, null, owner, 1)).source).toBe(first.source);
    writeFileSync(path, 'Record ID,Email,First Name,Last Name\n1,ada@acme.example,Ada,Byron\n');
    expect((await sourceOf(path, null, owner, 1)).source).not.toBe(first.source);
  });

  it('takes no file that is something else', async () => {
    const mail = 'From: ada@acme.example\nSubject: a,b,c\n\na,b,c\nd,e,f\n';
    expect((await sourceOf(put('a.csv.eml', mail), null, owner, 0)).connector).toBe('eml');
    const mbox = `From ada@acme.example Tue Mar  4 09:05:00 2025\n${mail}`;
    expect((await sourceOf(put('mbox', mbox), null, owner, 0)).connector).toBe('mbox');
    expect((await sourceOf(put('x.ndjson', '{"crm":"deal","id":"1"}\n'), null, owner, 0)).connector).toBe('ndjson');
    await expect(sourceOf(put('prose', 'Dear Ann,\n\nall is well.\n'), null, owner, 0)).rejects.toThrow(/neither/);
  });
});

describe('maildir', () => {
  const mail = (id: string): string => `From: ada@acme.example\nMessage-ID: <${id}@x>\nSubject: ${id}\n\nHi\n`;
  const root = join(folder, 'Maildir');
  for (const [name, id] of [
    ['new/1.a.host', 'one'],
    ['cur/2.b.host:2,S', 'two'],
    ['.Sent.2024/cur/3.c.host!2,RS', 'three'],
    ['.Sent.2024/new/.hidden', 'hidden'],
    ['.notes/4.d.host', 'none'],
    ['tmp/5.e.host', 'arriving'],
  ] as const)
    put(join('Maildir', name), mail(id));
  mkdirSync(join(root, '.Sent.2024/new'), { recursive: true });

  const positions = ({ seen }: Run): Json[] => seen.map(({ position }) => position);
  const keys = [{ mail: '.Sent.2024/3.c.host' }, { mail: '/1.a.host' }, { mail: '/2.b.host' }];

  it('reads cur and new of every folder, in an order that flags do not change', async () => {
    const source = await sourceOf(root, null, owner, 0);
    expect(source.connector).toBe('maildir');
    const run = await runFrom(maildir, source);
    expect(positions(run)).toEqual(keys);
    // What is in `new` nobody has looked at yet, and what was sent did not come.
    expect(run.seen.map(({ signals }) => signals?.endsWith('020002000201'))).toEqual([false, false, true]);
  });

  it('goes on after the last mail though it has been read since, and finds all there is when asked again', async () => {
    const source = await sourceOf(root, null, owner, 0);
    const first = await runFrom(maildir, source, { max: 2 });
    renameSync(join(root, 'new/1.a.host'), join(root, 'cur/1.a.host:2,FS'));
    const position = first.seen.at(-1)?.position as Json;
    expect(positions(await runFrom(maildir, source, { position }))).toEqual(keys.slice(2));
    put('Maildir/new/0.f.host', mail('zero'));
    const again = await runFrom(maildir, source, { position: keys.at(-1) as Json, again: true });
    expect(positions(again)).toEqual([keys[0], { mail: '/0.f.host' }, ...keys.slice(1)]);
    // The same mails under the same ids: what is known becomes a duplicate.
    expect(whats(again)).toEqual(expect.arrayContaining(whats(first)));
  });

  it('follows a mail that is moved before it is read, and does without one that is removed', async () => {
    // More than are read ahead of the first that is handed on.
    const names = Array.from({ length: 70 }, (_, i) => `${100 + i}.m.host`);
    for (const name of names) put(`Busy/new/${name}`, mail(name));
    const busy = join(folder, 'Busy');
    mkdirSync(join(busy, 'cur'));
    const onFirst = () => {
      renameSync(join(busy, 'new/168.m.host'), join(busy, 'cur/168.m.host:2,S'));
      rmSync(join(busy, 'new/169.m.host'));
    };
    const run = await runFrom(maildir, await sourceOf(busy, null, owner, 0), { onFirst });
    expect(positions(run)).toEqual(names.slice(0, -1).map(name => ({ mail: `/${name}` })));
  });
});

it('what is in folders of junk says nothing, however deep, and what lies above an import is no folder of it', async () => {
  const starred = 'X-Mozilla-Status: 0007\nFrom: a@x.example\n\n';
  const junk = put('drafts/kept/Junk/2024/a.eml', starred);
  put('drafts/kept/Offers/b.eml', starred);
  const saidIn = async (path: string): Promise<unknown> => {
    const { seen } = await runFrom(eml, await sourceOf(path, null, owner, 0));
    return seen.map(({ signals }) => signals);
  };
  const all_three = '020102010201';
  expect(await saidIn(join(folder, 'drafts/kept'))).toEqual([expect.stringMatching(/000000$/), all_three]);
  expect(await saidIn(join(folder, 'drafts/kept/Junk'))).toEqual([expect.stringMatching(/000000$/)]);
  expect(await saidIn(dirname(junk))).toEqual([all_three]);
});

it('a folder that has no cur and new is one of .eml files', async () => {
  put('plain/cur/a.eml', 'From: a@x.example\n\n');
  expect((await sourceOf(join(folder, 'plain'), null, owner, 0)).connector).toBe('eml');
});
