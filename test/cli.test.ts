/** The commands against one running instance: what they print, what they exit with, and the sample company's removal. */
import { execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandResult, freshDir, type Instance, millrace, runCommand, startInstance, until } from './instance.ts';
import { mboxOf } from './mails.ts';

interface Reconciliation {
  balanced: boolean;
  sources: { organization_id: string; source: string; done: boolean; in_flight: number; read: number }[];
}

const data_dir = freshDir();
const elsewhere = freshDir();
let instance: Instance;
let letter: { id: string; bytes: string };

beforeAll(async () => {
  instance = await startInstance({ data_dir, sample: true });
  const mine = join(freshDir(), 'mine.mbox');
  writeFileSync(mine, mboxOf({ seed: 41, count: 20 }).text);
  expect((await instance.run(['import', mine])).code).toBe(0);
  const broken = '{"specversion": "1.0", "type": "\u001b[2J"';
  expect((await instance.run(['import', '-'], `{"nothing": "known"}\n${broken}\n`)).code).toBe(0);
  await until('the sample company', async () => {
    const { sources, balanced } = await reconciliation();
    return balanced && sources.some(each => each.organization_id === 'sample') && sources.every(each => each.done);
  });
  const [row] = await instance.sql<{ id: string }>(
    "SELECT dead_letter_id AS id FROM dead_letters WHERE organization_id = 'default' AND original_size_bytes > 30",
  );
  letter = { id: row?.id ?? '', bytes: broken };
});
afterAll(async () => {
  await instance?.stop();
});

async function reconciliation(): Promise<Reconciliation> {
  const { stdout } = await instance.run(['reconcile', '--json', '--wait', '0']);
  return JSON.parse(stdout) as Reconciliation;
}

describe('exit codes', () => {
  const bad: [string[], number, RegExp][] = [
    [['tial', 'emails'], 2, /Did you mean tail/],
    [['sql'], 2, /one of them only/],
    [['sql', 'SELECT 1', '--file', 'x.sql'], 2, /one of them only/],
    [['sql', '--file', '/nowhere/x.sql'], 2, /no such file/],
    [['sql', 'SELECT nothing FROM nowhere'], 1, /UNKNOWN_TABLE/],
    [['sql', 'SELECT throwIf(number = 200000) FROM numbers(200001)', '--format', 'TSV'], 1, /FUNCTION_THROW_IF/],
    [['import', '/nowhere/x.mbox'], 2, /no such file or folder/],
    [['dlq', 'show', 'nothing'], 1, /no dead letter/],
    [['trace', 'nothing'], 1, /no record/],
    [['tail', 'emails', '--filter', 'colour=red'], 1, /cannot be filtered by colour/],
  ];
  it.concurrent.each(bad)('%j: %i', async (args, code, said) => {
    const result = await instance.run(args);
    expect(result.stderr).toMatch(said);
    expect(result.code).toBe(code);
  });

  const alone: [string[], number, RegExp][] = [
    [['reconcile', '--url', 'http://127.0.0.1:9'], 2, /--url needs --token/],
    [['reconcile', '--url', 'http://127.0.0.1:9', '--token', 'x'], 1, /nothing answers/],
    [['eval', '--data', '/nowhere'], 2, /no such folder/],
    [['health', '--data-dir', elsewhere], 1, /no instance is running/],
    [['status', '--data-dir', elsewhere], 1, /no instance is running/],
    [['health', '--url', 'http://127.0.0.1:9'], 1, /nothing answers/],
    [['lint', '/nowhere.yaml'], 1, /files: 1, errors: 1/],
    [['test', '/nowhere'], 2, /no such file/],
    [['import', '--mapping', '/nowhere.yaml', 'x.csv'], 2, /no such file/],
    [['sink', '--config', '/nowhere.yaml'], 2, /no such file/],
  ];
  it.concurrent.each(alone)('%j: %i', async (args, code, said) => {
    const result = await runCommand(args);
    expect(result.stdout + result.stderr).toMatch(said);
    expect(result.code).toBe(code);
  });
});

describe('what they print', () => {
  it('status and health', async () => {
    expect(await instance.run(['health'])).toMatchObject({ code: 0, stdout: 'ready\n' });
    expect(await runCommand(['health', '--url', instance.url])).toMatchObject({ code: 0 });
    const status = await instance.json<Record<string, unknown>>(['status']);
    expect(status).toMatchObject({ running: true, ready: true, url: instance.url, in_flight: 0 });
    const processes = status.processes as { name: string; pid: number; running: boolean }[];
    expect(processes.map(({ name }) => name)).toEqual(expect.arrayContaining(['up', 'kafka', 'ingest', 'api']));
    expect(processes.every(({ running }) => running)).toBe(true);
    expect((await instance.run(['status'])).stdout).toContain(instance.url);
  });

  it('a query from the arguments, a file and standard input', async () => {
    const file = join(elsewhere, 'query.sql');
    writeFileSync(file, 'SELECT 40 + 2 AS answer');
    expect((await instance.run(['sql', '--file', file, '--format', 'TSV'])).stdout).toBe('42\n');
    expect((await instance.run(['sql', '-', '--format', 'TSV'], 'SELECT 1 + 1')).stdout).toBe('2\n');
    expect(JSON.parse((await instance.run(['sql', 'SELECT 7 AS n', '--json'])).stdout)).toMatchObject({
      data: [{ n: 7 }],
    });
  });

  it('dead letters by cause, one whole, and its bytes', async () => {
    const causes = await instance.json<{ cause: string; count: number; example: { id: string } }[]>(['dlq', 'list']);
    expect(causes.reduce((sum, each) => sum + each.count, 0)).toBe(4);
    const [own, ...others] = await instance.json<{ count: number }[]>([
      'dlq',
      'list',
      '--organization',
      'default',
      '--limit',
      '1',
    ]);
    expect(others).toEqual([]);
    expect(own?.count).toBeGreaterThan(0);
    expect(await instance.json(['dlq', 'list', '--cause', 'no.such'])).toEqual([]);
    expect((await instance.run(['dlq', 'list'])).stdout).toMatch(/^cause +count/);

    const shown = await instance.run(['dlq', 'show', letter.id]);
    expect(shown.stdout).toContain('original_sha256');
    expect(shown.stdout).toContain('\\x1b[2J');
    expect(shown.stdout).not.toContain('\u001b');
    expect((await instance.run(['dlq', 'show', letter.id, '--raw'])).stdout).toBe(letter.bytes);
    const answer = await fetch(new URL(`/api/dead-letters/${encodeURIComponent(letter.id)}/original`, instance.url), {
      headers: { authorization: `Bearer ${await instance.token('viewer')}` },
    });
    expect(answer.status).toBe(403);
  });

  it('a feed from its beginning, filtered', async () => {
    const { stdout, code } = await instance.run([
      'tail',
      'emails',
      '--from',
      'earliest',
      '--filter',
      'organization_id=sample',
      '--filter',
      'direction=inbound',
      '--count',
      '3',
    ]);
    expect(code).toBe(0);
    const records = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Record<string, unknown>);
    expect(records).toHaveLength(3);
    for (const record of records) expect(record).toMatchObject({ organization_id: 'sample', direction: 'inbound' });
  });

  it('nothing to complain of when nobody reads on', async () => {
    const command = `node ${millrace} sql "SELECT number FROM numbers(3000000)" --format TSV --data-dir ${data_dir}`;
    const { code, stdout, stderr } = await shell(`set -o pipefail; ${command} | head -n 1`);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '0\n', stderr: '' });
  });

  it('130 after Ctrl-C, and no more', async () => {
    const child = spawn(process.execPath, [millrace, 'tail', 'emails', '--from', 'earliest', '--data-dir', data_dir]);
    const stderr: string[] = [];
    child.stderr.on('data', chunk => stderr.push(String(chunk)));
    await new Promise(done => child.stdout.once('data', done));
    child.kill('SIGINT');
    expect(await new Promise(done => child.once('exit', done))).toBe(130);
    expect(stderr.join('')).toBe('');
  });
});

function shell(script: string): Promise<CommandResult> {
  return new Promise(done => {
    execFile('bash', ['-c', script], (error, stdout, stderr) => {
      done({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr });
    });
  });
}

interface Probe {
  name: string;
  ok: boolean;
  detail: string;
  remedy?: string;
}

describe('millrace check', () => {
  it('finds a running instance ready', async () => {
    const { code, stdout } = await instance.run(['check', '--json']);
    const probes = JSON.parse(stdout) as Probe[];
    expect(probes.map(({ name, ok }) => [name, ok])).toEqual([
      ['data directory', true],
      ['instance', true],
    ]);
    expect(code).toBe(0);
  });

  it('tells of everything that does not answer, each with its remedy', async () => {
    const config = join(freshDir(), 'external.yaml');
    const nobody = '127.0.0.1:9';
    const lines = [
      `kafka: {brokers: '${nobody}'}`,
      `clickhouse: {url: 'http://${nobody}'}`,
      `schema_registry: {url: 'http://${nobody}'}`,
    ];
    writeFileSync(config, lines.join('\n'));
    const { code, stdout } = await runCommand(['check', '--config', config, '--data-dir', elsewhere, '--json']);
    const probes = JSON.parse(stdout) as Probe[];
    expect(probes.map(({ name, ok }) => [name, ok])).toEqual([
      [`Kafka ${nobody}`, false],
      [`ClickHouse http://${nobody}`, false],
      [`schema registry http://${nobody}`, false],
      ['data directory', true],
    ]);
    expect(probes.filter(({ ok }) => !ok).every(({ remedy }) => remedy !== undefined)).toBe(true);
    expect(code).toBe(1);
  });
});

it('millrace test runs the fixtures that are shipped', async () => {
  const fixtures = join(import.meta.dirname, '..', 'ingest', 'fixtures');
  const { code, stderr } = await runCommand(['test', fixtures]);
  expect(stderr).toMatch(new RegExp(`^${readdirSync(fixtures).length} passed, 0 failed$`, 'm'));
  expect(code).toBe(0);
});

describe('the sample company', () => {
  /** Rows by table; every table that names the organisation. */
  async function rowsOf(organization_id: string): Promise<Record<string, number>> {
    const tables = await instance.sql<{ name: string }>(
      `SELECT name FROM system.tables WHERE database = currentDatabase() AND endsWith(engine, 'MergeTree')
      AND name IN (SELECT table FROM system.columns WHERE database = currentDatabase() AND name = 'organization_id')`,
    );
    const each = tables.map(
      ({ name }) =>
        `SELECT '${name}' AS name, count() AS rows FROM \`${name}\` WHERE organization_id = '${organization_id}'`,
    );
    const rows = await instance.sql<{ name: string; rows: string | number }>(each.join(' UNION ALL '));
    return Object.fromEntries(rows.map(({ name, rows }) => [name, Number(rows)] as const).sort());
  }
  const nothing = async (): Promise<true | false> => Object.values(await rowsOf('sample')).every(count => count === 0);

  it('is the only one that can be removed, and by an administrator', async () => {
    const refused = await instance.fetch('/api/organizations/default', { method: 'DELETE' });
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('only the sample company');
    const authorization = `Bearer ${await instance.token('manager')}`;
    const url = new URL('/api/organizations/sample', instance.url);
    expect((await fetch(url, { method: 'DELETE', headers: { authorization } })).status).toBe(403);
    expect((await rowsOf('sample')).messages).toBeGreaterThan(100);
  });

  it('goes from every table and every answer, and takes nothing else along', async () => {
    const before = await rowsOf('default');
    expect(before.messages).toBe(20);
    const removed = await instance.json<{ deleted_rows: number }>(['sample', 'remove']);
    expect(removed.deleted_rows).toBeGreaterThan(1_000);
    // A minute that was still open is told when it closes, and deleted by the sweep after that.
    await until('no rows', nothing, 100_000);
    const { sources, balanced } = await reconciliation();
    expect(sources.filter(each => each.organization_id === 'sample')).toEqual([]);
    expect(balanced).toBe(true);
    for (const path of ['/api/emails', '/api/customers', '/api/dead-letters', '/api/imports']) {
      expect(await (await instance.fetch(path)).text()).not.toContain('"organization_id":"sample"');
    }
    // The removal itself is in the audit log.
    const { audit_events: _, ...rows } = await rowsOf('default');
    const { audit_events: __, ...present } = before;
    expect(rows).toEqual(present);
  });

  it('keeps what is read of it anew', async () => {
    const anew = join(freshDir(), 'anew.mbox');
    writeFileSync(anew, mboxOf({ seed: 44, count: 5 }).text);
    await instance.run(['import', anew, '--organization', 'sample']);
    const log = join(data_dir, 'logs', 'api.log');
    await until('a sweep', async () => readFileSync(log, 'utf8').includes('read anew since its removal'), 100_000);
    expect((await rowsOf('sample')).messages).toBe(5);
  });

  it('goes while it is still being read, and when the removal is interrupted and asked for again', async () => {
    const more = join(freshDir(), 'theirs.mbox');
    writeFileSync(more, mboxOf({ seed: 43, count: 2_000 }).text);
    const body = JSON.stringify({ paths: [more], organization_id: 'sample' });
    expect((await instance.fetch('/api/imports', { method: 'POST', body })).status).toBe(202);
    await until('some of it read', async () => {
      const { sources } = await reconciliation();
      return sources.some(each => each.organization_id === 'sample' && each.read > 0);
    });
    const authorization = `Bearer ${await instance.token()}`;
    const ask = (path: string, method: string): Promise<Response> =>
      fetch(new URL(path, instance.url), { method, headers: { authorization } });
    const deletions = async (): Promise<number> =>
      Number(await (await ask('/sql?query=SELECT+count()+FROM+system.mutations', 'GET')).text());
    const before = await deletions();
    const cutOff = ask('/api/organizations/sample', 'DELETE').catch(() => null);
    await until('the first deletion', async () => (await deletions()) > before);
    process.kill(instance.pid('api'), 'SIGKILL');
    await cutOff;
    await until('the api again', async () => (await instance.run(['health'])).code === 0);
    expect(await instance.run(['sample', 'remove'])).toMatchObject({
      stderr: '',
      code: 0,
      stdout: expect.stringContaining('removed the sample company'),
    });
    await until('no rows', nothing, 100_000);
    expect((await reconciliation()).sources.map(each => each.organization_id)).not.toContain('sample');
  });

  it('is not brought back by a restart, and everything else goes on', async () => {
    expect(await instance.stop()).toBe(0);
    instance = await startInstance({ data_dir, sample: true });
    const again = await instance.fetch('/api/imports', {
      method: 'POST',
      body: JSON.stringify({ connector: 'sample', organization_id: 'sample' }),
    });
    expect(again.status).toBe(409);
    const more = join(freshDir(), 'more.mbox');
    writeFileSync(more, mboxOf({ seed: 42, count: 10 }).text);
    expect((await instance.run(['import', more])).stdout).toContain('read 10 = stored 10');
    expect(await rowsOf('default')).toMatchObject({ messages: 30 });
    await until('no rows', nothing, 100_000);
  });
});
