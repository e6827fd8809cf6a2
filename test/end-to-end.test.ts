/** The main job through the commands that users run: real broker, real engine, real processes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { freshDir, type Instance, runCommand, startInstance, until } from './instance.ts';
import { mboxOf } from './mails.ts';

interface SourceRow {
  source: string;
  read: number;
  stored: number;
  duplicate: number;
  dead_letter: number;
  in_flight: number;
  repeated: number;
  balanced: boolean;
  error: string | null;
}
interface Report {
  balanced: boolean;
  sources: SourceRow[];
}

const files = freshDir();
let instance: Instance;

function write(name: string, content: string | Buffer): string {
  mkdirSync(files, { recursive: true });
  const path = join(files, name);
  writeFileSync(path, content);
  return path;
}

async function imported(name: string, content: string | Buffer): Promise<SourceRow> {
  const { sources } = await instance.json<Report>(['import', write(name, content)]);
  return sources[0] as SourceRow;
}

const mail = (headers: string[], body: string): string =>
  `${['From a@example.com Mon Jan 01 10:00:00 2024', ...headers, '', body, '', ''].join('\n')}`;

beforeAll(async () => {
  instance = await startInstance();
});
afterAll(async () => {
  expect(await instance?.stop()).toBe(0);
});

describe('import', () => {
  const mbox = mboxOf({ seed: 11, count: 300, duplicate_every: 50 });

  it('makes every mail queryable and says how it adds up', async () => {
    const row = await imported('inbox.mbox.gz', gzipSync(mbox.text));
    expect(row).toMatchObject({
      read: 300,
      stored: mbox.distinct,
      duplicate: mbox.duplicates,
      in_flight: 0,
      balanced: true,
    });
    const [counts] = await instance.sql<{ mails: number; ids: number; people: number }>(
      `SELECT count() AS mails, uniqExact(message_id) AS ids, uniqExact(sender) AS people FROM emails WHERE source = '${row.source}'`,
    );
    expect(counts).toEqual({ mails: mbox.distinct, ids: mbox.distinct, people: 40 });
  });

  it('adds no row the second time', async () => {
    const [before] = await instance.sql<{ n: number }>('SELECT count() AS n FROM messages');
    const row = await imported('inbox.mbox.gz', gzipSync(mbox.text));
    expect(row.balanced).toBe(true);
    expect(await instance.sql('SELECT count() AS n FROM messages')).toEqual([before]);
  });

  it('knows the mails of another file again by their Message-IDs', async () => {
    const row = await imported('copy.mbox', mbox.text);
    expect(row).toMatchObject({ read: 300, stored: 0, duplicate: 300, balanced: true });
  });

  it('reads on where a file has grown', async () => {
    const first = mboxOf({ seed: 12, count: 20 });
    const grown = `${first.text}${mail(['Message-ID: <grown@example.com>', 'From: g@example.com'], 'more')}`;
    expect(await imported('growing.mbox', first.text)).toMatchObject({ read: 20 });
    expect(await imported('growing.mbox', grown)).toMatchObject({ read: 21, stored: 21, duplicate: 0 });
  });

  it('takes CRM changes and events, and builds the customer from them', async () => {
    const person = 'buyer@acme.example';
    const lines = [
      {
        crm: 'contact',
        id: 'C1',
        changed_at: '2024-03-01T10:00:00Z',
        email: person,
        name: 'Ada Buyer',
        account: 'Acme',
      },
      { crm: 'deal', id: 'D1', changed_at: '2024-03-02T10:00:00Z', email: person, stage: 'proposal', amount: 12000 },
      {
        specversion: '1.0',
        id: 'e1',
        source: '/app',
        type: 'trial_started',
        time: '2024-03-03T10:00:00Z',
        data: { email: person },
      },
      {
        specversion: '1.0',
        id: 'e1',
        source: '/app',
        type: 'trial_started',
        time: '2024-03-03T10:00:00Z',
        data: { email: person },
      },
      { specversion: '1.0', id: 42, source: '/app', type: 'signup' },
    ];
    const row = await imported('crm.ndjson', lines.map(line => JSON.stringify(line)).join('\n'));
    expect(row).toMatchObject({ read: 5, stored: 3, duplicate: 1, dead_letter: 1, balanced: true });
    const customer = await until('the customer', async () => {
      const answer = await instance.fetch(`/api/customers/${encodeURIComponent(person)}`);
      const body = (await answer.json()) as { events: number; score: number; reasons: { log_odds: number }[] } & Record<
        string,
        number
      >;
      return body.events === 1 && body.crm_changes === 2 ? body : null;
    });
    expect(customer).toMatchObject({ name: 'Ada Buyer', account: 'Acme', stage: 'proposal', amount: 12000 });
    const log_odds = customer.reasons.reduce((sum, reason) => sum + reason.log_odds, customer.bias as number);
    expect(log_odds).toBeCloseTo(customer.log_odds as number, 9);
  });

  it('takes standard input', async () => {
    const { code, stdout } = await instance.run(['import', '-'], mboxOf({ seed: 13, count: 5 }).text);
    expect(stdout).toContain('read 5 = stored 5');
    expect(code).toBe(0);
  });
});

describe('bad input', () => {
  const good = mail(['Message-ID: <neighbour@example.com>', 'From: n@example.com', 'Subject: fine'], 'all well');

  it.each([
    ['a binary file', 'binary.mbox', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0xff, 0xfe])],
    ['an empty file', 'empty.mbox', Buffer.alloc(0)],
    ['a ZIP archive', 'archive.mbox', Buffer.from('PK\x03\x04rest')],
  ])('refuses %s with a clear line and exit code 2', async (_, name, content) => {
    const { code, stderr } = await instance.run(['import', write(name, content)]);
    expect(stderr).toContain(name);
    expect(code).toBe(2);
  });

  it('refuses a path that is not there', async () => {
    const { code, stderr } = await instance.run(['import', join(files, 'nowhere.mbox')]);
    expect(stderr).toContain('no such file');
    expect(code).toBe(2);
  });

  it('keeps what a truncated gzip still gives, and says where it ended', async () => {
    const whole = gzipSync(mboxOf({ seed: 14, count: 400 }).text);
    const { code, stdout, stderr } = await instance.run([
      'import',
      write('cut.mbox.gz', whole.subarray(0, whole.length / 2)),
      '--json',
    ]);
    const [row] = (JSON.parse(stdout) as Report).sources as [SourceRow];
    expect(row.stored).toBeGreaterThan(100);
    expect(row).toMatchObject({ dead_letter: 1, in_flight: 0, balanced: true });
    expect(stderr).toContain('ends too early');
    expect(code).toBe(0);
  });

  it('makes oversize mails dead letters with all their bytes, and takes their neighbours', async () => {
    const huge = mail(['Message-ID: <huge@example.com>', 'From: h@example.com'], 'x'.repeat(30_000_000));
    const row = await imported('huge.mbox', `${huge}${good}`);
    expect(row).toMatchObject({ read: 2, stored: 1, dead_letter: 1, balanced: true });
    const [letter] = await instance.sql<{ cause: string; bytes: number }>(
      `SELECT cause, original_size_bytes AS bytes FROM dead_letters WHERE source = '${row.source}'`,
    );
    expect(letter?.cause).toBe('too-large');
    expect(letter?.bytes).toBeGreaterThan(30_000_000);
  });

  it('survives a single line of 200 MB', async () => {
    const row = await imported('line.ndjson', Buffer.concat([Buffer.from('{"crm":"'), Buffer.alloc(200_000_000, 'x')]));
    expect(row).toMatchObject({ read: 1, stored: 0, dead_letter: 1, balanced: true });
  });

  it('takes hostile dates as data, and mails without From, Date or valid UTF-8', async () => {
    const text = [
      mail(['Message-ID: <2028@e>', 'From: a@example.com', 'Date: Tue, 01 Feb 2028 00:00:00 +0000'], 'from the future'),
      mail(['Message-ID: <102@e>', 'From: a@example.com', 'Date: Fri, 01 Mar 0102 00:00:00 +0000'], 'from antiquity'),
      mail(['Message-ID: <nobody@e>', 'Subject: no sender, no date'], 'hello'),
    ].join('');
    const broken = Buffer.concat([
      Buffer.from(
        'From a@example.com Mon Jan 01 10:00:00 2024\nMessage-ID: <utf8@e>\nFrom: b@example.com\nContent-Type: text/plain; charset=utf-8\n\n',
      ),
      Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x0a, 0x0a]),
    ]);
    const row = await imported('hostile.mbox', Buffer.concat([Buffer.from(text), broken]));
    expect(row).toMatchObject({ read: 4, stored: 4, dead_letter: 0, balanced: true });
    const rows = await instance.sql<{ message_id: string; sent: string | null; future: number }>(
      `SELECT message_id, toString(sent_at) AS sent, received_at > now() AS future FROM emails WHERE source = '${row.source}' ORDER BY message_id`,
    );
    expect(rows.every(({ future }) => future === 0)).toBe(true);
    expect(rows.find(({ message_id }) => message_id === '<2028@e>')?.sent).toContain('2028-02-01');
  });
});

describe('the API', () => {
  const post = (body: unknown): Promise<Response> =>
    instance.fetch('/api/emails', {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
  const submission = {
    sender: 'Eve@client.example',
    subject: 'Cannot log in',
    content: 'This is terrible, nothing works!',
  };

  it('answers a posted mail enriched, finds it by GET, and knows it again', async () => {
    const created = await post(submission);
    const body = (await created.json()) as Record<string, unknown>;
    expect(created.status, JSON.stringify(body)).toBe(201);
    expect(body).toMatchObject({ sender: 'eve@client.example', subject: submission.subject, email_id: body.id });
    expect(body.sentiment_score).toBeLessThan(0);
    const found = await instance.fetch(`/api/emails/${body.id}`);
    expect(await found.json()).toMatchObject({ id: body.id, content: submission.content });
    const again = await post(submission);
    expect([again.status, ((await again.json()) as { id: string }).id]).toEqual([200, body.id]);
  });

  it('refuses bad mails, bad tokens and big bodies', async () => {
    expect((await post({ ...submission, sender: 'nobody' })).status).toBe(400);
    expect((await post({ ...submission, content: 'x'.repeat(30_000_000) })).status).toBe(413);
    expect((await fetch(new URL('/api/emails', instance.url))).status).toBe(401);
    expect((await fetch(new URL('/health', instance.url))).status).toBe(200);
    expect((await fetch(new URL('/ready', instance.url))).status).toBe(200);
  });

  it('answers SQL to whoever may read, and lets nobody write by it', async () => {
    const viewer = { authorization: `Bearer ${await instance.token('viewer')}` };
    const ask = (query: string, headers: Record<string, string> = viewer): Promise<Response> =>
      fetch(new URL(`/sql?query=${encodeURIComponent(query)}`, instance.url), { headers });
    expect((await ask('SELECT count() FROM emails')).status).toBe(200);
    expect((await ask('SELECT count() FROM millrace.messages')).status).toBe(403);
    expect((await ask('SELECT 1', {})).status).toBe(401);
    for (const query of [
      'DROP TABLE millrace.messages',
      'INSERT INTO schema_migrations (name) VALUES (1)',
      "SELECT file('/etc/hostname')",
    ]) {
      const { code } = await instance.run(['sql', query]);
      expect(code, query).toBe(1);
    }
  });

  it('shows the trace of a mail from its source to its row', async () => {
    const trace = await instance.json<{ arrivals: { end: string; hops: { stage: string }[] }[] }>([
      'trace',
      '<neighbour@example.com>',
    ]);
    const stages = trace.arrivals[0]?.hops.map(hop => hop.stage);
    expect(stages).toEqual(expect.arrayContaining(['deduplicate', 'enrich-mail', 'sink:messages']));
  });

  it('streams arriving mail to whoever subscribed', async () => {
    const url = `${instance.url.replace('http', 'ws')}/live?token=${await instance.token()}`;
    const socket = new WebSocket(url, 'millrace.v1');
    const seen: { type: string; record?: { subject: string } }[] = [];
    socket.on('message', data => void seen.push(JSON.parse(String(data))));
    await new Promise(done => socket.once('open', done));
    socket.send(JSON.stringify({ op: 'subscribe', id: '1', feed: 'emails' }));
    await until('the subscription', async () => seen.some(({ type }) => type === 'subscribed'));
    await post({ ...submission, subject: 'Live as it comes', message_id: '<live@client.example>' });
    await until('the mail', async () => seen.some(({ record }) => record?.subject === 'Live as it comes'));
    socket.close();
  });
});

describe('the commands', () => {
  it('reconcile everything and say so by their exit code', async () => {
    const { code, stdout } = await instance.run(['reconcile']);
    expect(stdout).toMatch(/^read [\d,]+ = stored [\d,]+ \+ duplicate/m);
    expect(code).toBe(0);
  });

  it('refuse a second instance on the same directory', async () => {
    const { code, stderr } = await runCommand(['up', '--data-dir', instance.data_dir, '--port', '0', '--no-sample']);
    expect(stderr).toContain('another instance is running');
    expect(code).toBe(1);
  });

  it('say that a port is taken', async () => {
    const port = new URL(instance.url).port;
    const { code, stderr } = await runCommand(['up', '--data-dir', freshDir(), '--port', port, '--no-sample']);
    expect(stderr).toContain(port);
    expect(code).toBe(1);
  });

  it('enrich without a server', async () => {
    const { stdout } = await runCommand(['enrich'], '{"text": "I love it, thank you!"}\nnonsense\n');
    const [first, second] = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(first).toMatchObject({ sentiment: 'positive' });
    expect(second).toHaveProperty('error');
  });

  it('explain themselves', async () => {
    const { code, stdout } = await runCommand(['import', '--help']);
    expect(stdout).toContain('Examples:');
    expect(code).toBe(0);
    expect((await runCommand(['imprt'])).stderr).toContain('Did you mean import?');
  });
});
