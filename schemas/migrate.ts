/** Brings the tables to the newest version: numbered SQL files, each applied once and in order. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ClickHouse, type ClickHouseConfig, createClickHouse } from '../lib/clickhouse.ts';
import { MillraceError } from '../lib/errors.ts';

/** Applies what is missing and answers the names of the files applied. `folder` holds the numbered SQL files. */
export async function migrate(config: ClickHouseConfig, folder: string): Promise<string[]> {
  await createDatabase(config);
  const clickhouse = createClickHouse(config);
  try {
    await clickhouse.command(
      'CREATE TABLE IF NOT EXISTS schema_migrations (name String, applied_at DateTime64(3) DEFAULT now64(3)) ENGINE = MergeTree ORDER BY name',
    );
    const applied = new Set(
      (await clickhouse.rows<{ name: string }>('SELECT name FROM schema_migrations')).map(row => row.name),
    );
    const files = readdirSync(folder)
      .filter(name => /^\d{3}_.*\.sql$/.test(name))
      .sort();
    const missing = files.filter(name => !applied.has(name));
    for (const name of missing) await apply(clickhouse, name, readFileSync(join(folder, name), 'utf8'));
    if (missing.length > 0) await dropViewDatabases(clickhouse);
    return missing;
  } finally {
    await clickhouse.close();
  }
}

async function createDatabase(config: ClickHouseConfig): Promise<void> {
  if (!/^\w+$/.test(config.database)) throw new MillraceError('config', `"${config.database}" is no database name`);
  const server = createClickHouse({ ...config, database: 'default' });
  try {
    await server.command(`CREATE DATABASE IF NOT EXISTS ${config.database}`);
  } finally {
    await server.close();
  }
}

/** What callers see of the tables as they were (query-api/permission/databases.ts), which makes itself anew. */
async function dropViewDatabases(clickhouse: ClickHouse): Promise<void> {
  const names = await clickhouse.rows<{ name: string }>(
    'SELECT name FROM system.databases WHERE startsWith(name, {prefix:String})',
    {
      prefix: `${clickhouse.config.database}_view_`,
    },
  );
  for (const { name } of names) await clickhouse.command(`DROP DATABASE IF EXISTS ${name}`);
}

// ClickHouse has no transaction over DDL: a crash inside a file leaves its first statements applied, so a file is made
// of statements that can be repeated; CREATE and ADD become … IF NOT EXISTS here, once for all.
async function apply(clickhouse: ClickHouse, name: string, text: string): Promise<void> {
  for (const statement of statementsOf(text)) await clickhouse.command(repeatable(statement));
  await clickhouse.command(`INSERT INTO schema_migrations (name) VALUES ('${name}')`);
}

export function statementsOf(text: string): string[] {
  return text
    .replace(/^--.*$/gm, '')
    .split(/;\s*(?:\n|$)/)
    .map(statement => statement.trim())
    .filter(statement => statement !== '');
}

export function repeatable(statement: string): string {
  return statement
    .replace(/^CREATE (TABLE|VIEW) /, 'CREATE $1 IF NOT EXISTS ')
    .replace(/ADD (INDEX|COLUMN|PROJECTION) /, 'ADD $1 IF NOT EXISTS ');
}
