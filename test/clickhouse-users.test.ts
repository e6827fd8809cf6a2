/** The grants of compose's ClickHouse users, on the real engine: each may do its work and no more. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repeatable, statementsOf } from '../schemas/migrate.ts';
import { freshDir } from './instance.ts';

const root = join(import.meta.dirname, '..');
const dir = freshDir();

function outcomesOf(user: string, statements: readonly string[]): (string | null)[] {
  const args = [join(root, 'test/as-user.mjs'), dir, join(root, 'deploy/compose/clickhouse/users.xml'), user];
  const input = JSON.stringify(['USE millrace', ...statements]);
  return (JSON.parse(execFileSync(process.execPath, args, { input, encoding: 'utf8' })) as (string | null)[]).slice(1);
}

function may(user: string, statements: readonly string[]): void {
  const refused = outcomesOf(user, statements).flatMap((fault, i) => (fault ? [`${statements[i]}: ${fault}`] : []));
  expect(refused).toEqual([]);
}

function mayNot(user: string, statements: readonly string[]): void {
  const outcomes = outcomesOf(user, statements);
  for (const [i, fault] of outcomes.entries()) expect(fault, statements[i]).toMatch(/Code: (497|164|452)\./);
}

it('the writer migrates, again too, and inserts as the sink does; it drops nothing', () => {
  const folder = join(root, 'schemas/migrations');
  const files = readdirSync(folder).sort();
  const migrations = files.flatMap(name => statementsOf(readFileSync(join(folder, name), 'utf8'))).map(repeatable);
  may('millrace_writer', [
    'CREATE DATABASE IF NOT EXISTS millrace',
    'USE millrace',
    ...migrations,
    ...migrations,
    `INSERT INTO duplicates (record_id) SELECT id FROM input('id String') FORMAT Values ('a')`,
    'SELECT DISTINCT kafka_offset FROM duplicates',
  ]);
  mayNot('millrace_writer', [
    'DROP TABLE messages',
    'TRUNCATE TABLE messages',
    'CREATE DATABASE other',
    `SELECT * FROM url('http://127.0.0.1:1/', LineAsString)`,
    `SELECT * FROM file('/etc/hostname', LineAsString)`,
  ]);
});

it("the api reads and deletes an organisation's rows; it neither inserts nor alters", () => {
  may('millrace_api', [
    'SELECT * FROM reconciliation',
    `SELECT name FROM system.tables WHERE database = currentDatabase()`,
    `ALTER TABLE duplicates DELETE WHERE organization_id = 'x' SETTINGS mutations_sync = 2`,
    'CREATE DATABASE IF NOT EXISTS millrace_view_0123456789abcdef',
    "CREATE VIEW IF NOT EXISTS millrace_view_0123456789abcdef.duplicates AS SELECT record_id FROM millrace.duplicates WHERE mailbox IN ('a')",
    'SELECT * FROM millrace_view_0123456789abcdef.duplicates',
    "SELECT name FROM system.databases WHERE name = 'millrace_view_0123456789abcdef'",
  ]);
  mayNot('millrace_api', [
    `INSERT INTO duplicates (record_id) VALUES ('b')`,
    'ALTER TABLE duplicates ADD COLUMN more Int32',
    'CREATE VIEW more AS SELECT 1',
    'CREATE DATABASE other',
    'DROP DATABASE millrace_view_0123456789abcdef',
    `SELECT * FROM url('http://127.0.0.1:1/', LineAsString)`,
  ]);
});

it('the writer drops what callers saw, when tables have changed', () => {
  may('millrace_writer', [
    "SELECT name FROM system.databases WHERE startsWith(name, 'millrace_view_')",
    'DROP DATABASE IF EXISTS millrace_view_0123456789abcdef',
  ]);
});

it('the reader reads, within its limits', () => {
  may('millrace_reader', [
    'SELECT * FROM emails',
    'SHOW TABLES FROM millrace',
    'SELECT version(), timezone()',
    'SELECT count() FROM emails SETTINGS max_execution_time = 30',
  ]);
  mayNot('millrace_reader', [
    'SELECT count() FROM emails SETTINGS max_execution_time = 600',
    'SELECT count() FROM emails SETTINGS readonly = 0',
    `ALTER TABLE duplicates DELETE WHERE record_id = 'a'`,
    `INSERT INTO duplicates (record_id) VALUES ('b')`,
    `SELECT * FROM file('/etc/hostname', LineAsString)`,
  ]);
});
