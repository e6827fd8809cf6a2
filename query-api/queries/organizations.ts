/** What an organisation has in the tables, and its removal. */
import type { ClickHouse } from '../../lib/clickhouse.ts';

/** Whether a source of it is told, be it read to its end. */
export async function isRead(clickhouse: ClickHouse, organization_id: string): Promise<boolean> {
  const [row] = await clickhouse.rows<{ sources: number }>(
    'SELECT count() AS sources FROM source_positions WHERE organization_id = {organization_id:String}',
    { organization_id },
  );
  return (row?.sources ?? 0) > 0;
}

/**
 * Deletes its rows everywhere and answers how many there were. Every table that names the organisation is found by its
 * column, so a new one needs no line here. The positions go first: without them nothing is shown any more. `goesOn` is asked before each table.
 */
export async function deleteOrganization(
  clickhouse: ClickHouse,
  organization_id: string,
  goesOn: () => Promise<boolean> = async () => true,
): Promise<number> {
  if (!/^[\w.-]+$/.test(organization_id)) throw new Error('no organisation id');
  const tables = await clickhouse.rows<{ name: string }>(
    `SELECT name FROM system.tables
    WHERE database = currentDatabase() AND endsWith(engine, 'MergeTree')
      AND name IN (SELECT table FROM system.columns WHERE database = currentDatabase() AND name = 'organization_id')
    ORDER BY name != 'source_positions', name`,
  );
  let deleted = 0;
  for (const { name } of tables) {
    if (!(await goesOn())) break;
    const table = `\`${name.replaceAll('`', '\\`')}\``;
    const [row] = await clickhouse.rows<{ rows: number }>(
      `SELECT count() AS rows FROM ${table} WHERE organization_id = {organization_id:String}`,
      { organization_id },
    );
    // A mutation rewrites parts: not for nothing.
    if (!row || row.rows === 0) continue;
    deleted += row.rows;
    // 2 waits for every replica: whoever asks next is not shown what was there.
    await clickhouse.command(`ALTER TABLE ${table} DELETE WHERE organization_id = '${organization_id}'`, {
      mutations_sync: 2,
    });
  }
  return deleted;
}
