import { describe, expect, it } from 'vitest';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { createDatabases, type TableText, viewsOf } from './databases.ts';
import { everything, sightOf } from './sight.ts';

const owners = ['organization_id', 'mailbox', 'owner_id', 'team_id'];
const table = (name: string, columns: readonly string[], more: Partial<TableText> = {}): TableText => ({
  name,
  engine: 'MergeTree',
  columns,
  parameters: [],
  ...more,
});
const tables = [
  table('messages', ['email_id', ...owners, 'subject', 'content', 'quoted', 'summary', 'entities', 'headers']),
  table('deliveries', ['email_id', ...owners]),
  table('interactions', ['interaction_id', ...owners, 'data']),
  table('customer_versions', ['person_id', ...owners], { engine: 'ReplacingMergeTree' }),
  table('shared_versions', ['person_id', ...owners], { engine: 'SharedReplacingMergeTree' }),
  table('business_turns', [], { engine: 'View', parameters: ['at = {at:DateTime64(3)}', 'zone = {zone:String}'] }),
  table('reconciliation', ['organization_id', 'source'], { engine: 'View' }),
  table('source_positions', ['organization_id', 'source'], { engine: 'ReplacingMergeTree' }),
  table('trace', ['organization_id', 'source'], { engine: 'ReplacingMergeTree' }),
  // They say nothing of an owner, or not all of it.
  table('erasures', ['organization_id', 'person_id']),
  table('erased_records', ['organization_id', 'source', 'sequence']),
  table('schema_migrations', ['name', 'applied_at']),
  table('audit_events', ['organization_id', 'actor', 'action', 'object']),
  table('half', ['organization_id', 'mailbox', 'owner_id']),
  table('added_later', ['id', 'secret']),
];
const sight = sightOf('ada', 'user', {
  mailboxes: [
    { name: 'open@acme.example', bodies: true },
    { name: 'closed@acme.example', bodies: false },
  ],
  teams: [],
});
const views = new Map(viewsOf(sight, tables, 'db').map(text => [/^CREATE VIEW `(\w+)`/.exec(text)?.[1] ?? '', text]));

describe('the views of a sight', () => {
  it('are of what says whose it is, and of three that belong to all', () => {
    expect([...views.keys()]).toEqual([
      ...['messages', 'deliveries', 'interactions', 'customer_versions', 'shared_versions', 'business_turns'],
      ...['reconciliation', 'source_positions', 'trace'],
    ]);
  });

  it('ask for the owner wherever there is one', () => {
    const everybodys = ['reconciliation', 'source_positions', 'trace'];
    for (const [name, text] of views) {
      expect([name, text.includes("owner_id IN ('ada')")]).toEqual([name, !everybodys.includes(name)]);
    }
  });

  it('show a mail to whom any mailbox that it reached is granted, and a delivery to whom it is his', () => {
    expect(views.get('messages')).toContain('OR email_id IN (SELECT email_id FROM db.deliveries WHERE ');
    expect(views.get('deliveries')).not.toContain('email_id IN');
  });

  it('withhold the words where bodies were not granted', () => {
    const text = views.get('messages') ?? '';
    for (const column of ['content', 'quoted', 'summary', 'entities']) {
      const withheld = `if\\(((?:(?!if\\().)*?), ${column}, defaultValueOfArgumentType\\(${column}\\)\\) AS ${column}`;
      const [, condition = ''] = new RegExp(withheld).exec(text) ?? [];
      expect(condition).toContain("mailbox IN ('open@acme.example')");
      expect(condition).not.toContain('closed@acme.example');
    }
    expect(text.split(' WHERE ').at(-1)).toContain("'closed@acme.example', 'open@acme.example'");
  });

  it('read the newest row of what replaces its rows, whoever runs the tables', () => {
    expect(views.get('customer_versions')).toContain('FROM db.customer_versions FINAL WHERE');
    expect(views.get('shared_versions')).toContain('FROM db.shared_versions FINAL WHERE');
    expect(views.get('messages')).not.toContain('FINAL');
  });

  it('hand parameters on, and ask for the owner of what comes back', () => {
    expect(views.get('business_turns')).toMatch(
      /^CREATE VIEW `business_turns` AS SELECT \* FROM db\.business_turns\(at = \{at:DateTime64\(3\)\}, zone = \{zone:String\}\) WHERE .*owner_id IN \('ada'\)/,
    );
  });
});

describe('databases', () => {
  function fake(present = 0) {
    const commands: string[] = [];
    const client = {
      config: { url: 'http://127.0.0.1:9', user: 'u', password: 'p', database: 'db' },
      rows: async (sql: string) =>
        sql.includes('as_select')
          ? tables.slice(0, 2).map(({ parameters: _, ...one }) => ({ ...one, definition: '' }))
          : [{ views: present }],
      command: async (sql: string) => void commands.push(sql),
    } as unknown as ClickHouse;
    return { client, commands };
  }

  it('are not made for who sees everything', async () => {
    const { client, commands } = fake();
    expect(await createDatabases(client).of(everything)).toBe(client);
    expect(commands).toEqual([]);
  });

  it('are one for those who see the same, and made once', async () => {
    const { client, commands } = fake();
    const databases = createDatabases(client);
    const again = sightOf('ada', 'viewer', {
      mailboxes: [
        { name: 'closed@acme.example', bodies: false },
        { name: 'open@acme.example', bodies: true },
      ],
      teams: [],
    });
    const [one, same] = [await databases.of(sight), await databases.of(again)];
    expect(same).toBe(one);
    expect(one.config.database).toMatch(/^db_view_[0-9a-f]{16}$/);
    expect(commands[0]).toBe(`CREATE DATABASE IF NOT EXISTS ${one.config.database}`);
    expect(commands).toHaveLength(3);
    for (const text of commands.slice(1)) {
      expect(text).toContain(`CREATE VIEW IF NOT EXISTS ${one.config.database}.\``);
    }
    const other = await databases.of(sightOf('eve', 'user'));
    expect(other.config.database).not.toBe(one.config.database);
    await databases.close();
  });

  it('that are there are not made again', async () => {
    const { client, commands } = fake(2);
    const databases = createDatabases(client);
    await databases.of(sight);
    expect(commands).toEqual([]);
    await databases.close();
  });
});
