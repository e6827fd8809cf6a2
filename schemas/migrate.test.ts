import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { insertStatement } from '../lib/sink.ts';
import { sinks } from '../sinks/index.ts';
import { statementsOf } from './migrate.ts';

const folder = join(import.meta.dirname, 'migrations');
const text = readdirSync(folder)
  .sort()
  .map(name => readFileSync(join(folder, name), 'utf8'))
  .join('\n');

describe('migrations', () => {
  it('split into statements that can be repeated', () => {
    const statements = statementsOf(text);
    expect(statements.length).toBeGreaterThan(10);
    for (const statement of statements)
      expect(statement).toMatch(/^(CREATE (TABLE|VIEW|OR REPLACE VIEW)|ALTER TABLE) /);
  });

  it('have every table a sink writes, with every column it names, and deduplication switched on', () => {
    for (const sink of sinks) {
      const table = statementsOf(text).find(statement => statement.startsWith(`CREATE TABLE ${sink.table}\n`)) ?? '';
      const added = new RegExp(`^ALTER TABLE ${sink.table} ADD COLUMN (\\w+ )`, 'gm');
      const columns = table + [...text.matchAll(added)].map(([, column]) => `\n    ${column}`).join('');
      for (const column of Object.keys(sink.columns))
        expect(columns, `${sink.table}.${column}`).toMatch(new RegExp(`^    ${column} `, 'm'));
      expect(table).toContain('non_replicated_deduplication_window');
      // What a repeated INSERT is held against.
      if (sink.replacing) expect(table).toContain('ReplacingMergeTree');
      else
        expect(Object.keys(sink.columns)).toEqual(
          expect.arrayContaining(['kafka_topic_id', 'kafka_partition', 'kafka_offset']),
        );
      expect(insertStatement(sink, '')).toContain(`INSERT INTO ${sink.table} `);
    }
  });
});
