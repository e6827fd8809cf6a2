/**
 * A sight as a database of its own: of each table and view that says whose its rows are, a view of the same name and columns
 * that holds what is seen. REST and SQL ask it by the same text as they would ask the tables, so that no query needs to know
 * of permissions, and none can forget them.
 *
 * What does not say whose its rows are is not in it, but for the few numbers that belong to all. The name holds the sight
 * and the text of its views: what changes is another database, and one that is there is right.
 */
import { createHash } from 'node:crypto';
import { type ClickHouse, createClickHouse } from '../../lib/clickhouse.ts';
import { sqlOf } from './predicate.ts';
import { body_columns, type Sight } from './sight.ts';

export interface Databases {
  /** A client whose tables hold what is seen. */
  of(sight: Sight): Promise<ClickHouse>;
  close(): Promise<void>;
}

/** Clients that are kept; a database stays where its client goes. */
const clients_max = 256;
/** Migrations can come while this process runs, and take the databases of before with them (schemas/migrate.ts). */
const checked_ms = 60_000;

const owner_columns = ['organization_id', 'mailbox', 'owner_id', 'team_id'];
/** They belong to all: how far sources were read, how records ended, which steps they took. */
const shared_tables: ReadonlySet<string> = new Set(['reconciliation', 'source_positions', 'trace']);

export function createDatabases(clickhouse: ClickHouse): Databases {
  const clients = new Map<string, { readonly client: Promise<ClickHouse>; readonly until_ms: number }>();
  /** The text of a sight's views, by its key, of these tables. */
  const made = new Map<
    string,
    { readonly of: readonly TableText[]; readonly name: string; readonly views: string[] }
  >();
  let described: { readonly tables: Promise<readonly TableText[]>; readonly at_ms: number } | null = null;

  function tables(): Promise<readonly TableText[]> {
    if (described === null || Date.now() - described.at_ms > checked_ms) {
      const found = describeTables(clickhouse);
      described = { tables: found, at_ms: Date.now() };
      found.catch(() => {
        described = null;
      });
    }
    return described.tables;
  }

  function clientOf(name: string, views: readonly string[]): Promise<ClickHouse> {
    const known = clients.get(name);
    if (known && Date.now() < known.until_ms) return known.client;
    const client = (known?.client ?? Promise.resolve(createClickHouse({ ...clickhouse.config, database: name }))).then(
      async one => {
        await create(clickhouse, name, views);
        return one;
      },
    );
    // The last place is the newest's.
    clients.delete(name);
    clients.set(name, { client, until_ms: Date.now() + checked_ms });
    client.catch(() => clients.delete(name));
    for (const [oldest, { client }] of clients) {
      if (clients.size <= clients_max) break;
      clients.delete(oldest);
      // Whoever asks it now has his answer before the connections are closed.
      void client.then(one => one.close());
    }
    return client;
  }

  return {
    async of(sight) {
      if (sight.rows.kind === 'all' && sight.bodies.kind === 'all') return clickhouse;
      const present = await tables();
      const known = made.get(sight.key);
      if (known?.of === present) return clientOf(known.name, known.views);
      const { database } = clickhouse.config;
      const views = viewsOf(sight, present, database);
      const name = `${database}_view_${createHash('sha256').update(views.join('\n')).digest('hex').slice(0, 16)}`;
      if (made.size >= clients_max) made.delete(made.keys().next().value as string);
      made.set(sight.key, { of: present, name, views });
      return clientOf(name, views);
    },
    async close() {
      const open = [...clients.values()];
      clients.clear();
      await Promise.allSettled(open.map(async ({ client }) => (await client).close()));
    },
  };
}

async function create(clickhouse: ClickHouse, name: string, views: readonly string[]): Promise<void> {
  const [present] = await clickhouse.rows<{ views: number }>(
    'SELECT count() AS views FROM system.tables WHERE database = {name:String}',
    { name },
  );
  if (present?.views === views.length) return;
  await clickhouse.command(`CREATE DATABASE IF NOT EXISTS ${name}`);
  for (const view of views) await clickhouse.command(view.replace('VIEW ', `VIEW IF NOT EXISTS ${name}.`));
}

export interface TableText {
  readonly name: string;
  readonly engine: string;
  readonly columns: readonly string[];
  /** Of a view that has parameters: each as `name = {name:Type}`. */
  readonly parameters: readonly string[];
}

async function describeTables(clickhouse: ClickHouse): Promise<readonly TableText[]> {
  const rows = await clickhouse.rows<{ name: string; engine: string; columns: string[]; definition: string }>(
    `SELECT t.name AS name, t.engine AS engine, c.names AS columns, t.as_select AS definition
    FROM system.tables AS t LEFT JOIN
    (
      SELECT table, arrayMap(pair -> pair.2, arraySort(groupArray((position, name)))) AS names
      FROM system.columns WHERE database = {database:String} GROUP BY table
    ) AS c ON c.table = t.name
    WHERE t.database = {database:String} ORDER BY name`,
    { database: clickhouse.config.database },
  );
  return rows.map(({ definition, ...table }) => ({ ...table, parameters: parametersIn(definition) }));
}

const parametersIn = (definition: string): string[] => [
  ...new Set(Array.from(definition.matchAll(/\{(\w+):([^{}]+)\}/g), ([text, name]) => `${name} = ${text}`)),
];

/** The statements that make a sight's views, without their database. */
export function viewsOf(sight: Sight, tables: readonly TableText[], database: string): string[] {
  return tables.flatMap(table => {
    const from = `${database}.${table.name}${isReplacing(table.engine) ? ' FINAL' : ''}`;
    if (shared_tables.has(table.name)) return [viewText(table, '*', from)];
    // The columns of a view with parameters are not known before it is asked; without an owner's, making it fails.
    if (table.parameters.length > 0) {
      return [viewText(table, '*', `${from}(${table.parameters.join(', ')}) WHERE ${sqlOf(sight.rows)}`)];
    }
    if (!owner_columns.every(column => table.columns.includes(column))) return [];
    const columns = table.columns.map(column =>
      body_columns.includes(column)
        ? `if(${reaches(sight.bodies, table, database)}, ${column}, defaultValueOfArgumentType(${column})) AS ${column}`
        : `\`${column}\``,
    );
    return [viewText(table, columns.join(', '), `${from} WHERE ${reaches(sight.rows, table, database)}`)];
  });
}

/** Or a row of before would be told to whom it belonged. A cluster's engines have a word before it: Replicated, Shared. */
const isReplacing = (engine: string): boolean => engine.includes('Replacing');

const viewText = ({ name }: TableText, columns: string, from: string): string =>
  `CREATE VIEW \`${name}\` AS SELECT ${columns} FROM ${from}`;

/** A mail is seen by whom one of the mailboxes that it reached is granted to, and not the first alone. */
function reaches(predicate: Sight['rows'], { name, columns }: TableText, database: string): string {
  const own = sqlOf(predicate);
  if (name === 'deliveries' || !columns.includes('email_id')) return own;
  return `(${own} OR email_id IN (SELECT email_id FROM ${database}.deliveries WHERE ${own}))`;
}
