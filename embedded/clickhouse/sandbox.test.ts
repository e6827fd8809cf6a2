import { describe, expect, it } from 'vitest';
import { readOnlyFault } from './sandbox.ts';
import { parseStatement } from './sql.ts';

const unsafe_calls = new Set(['file', 'url', 's3', 'format', 'executable']);
const faultOf = (sql: string, params: [string, string][] = []) => {
  const statement = parseStatement(sql);
  if (statement.kind === 'data_insert') throw new Error('not a query');
  return readOnlyFault(
    { rows: statement.kind === 'rows', tokens: statement.tokens, params: new Map(params) },
    unsafe_calls,
  );
};

describe('readOnlyFault', () => {
  it.each([
    "SELECT file('/etc/hostname')",
    "SELECT `file`('/etc/hostname')",
    'SELECT "file" /* */ (\'/etc/hostname\')',
    "SELECT arrayMap(file, ['/etc/hostname'])",
    "SELECT arrayMap(`fi\\x6ce`, ['/etc/hostname'])",
    "SELECT * APPLY file FROM (SELECT '/etc/hostname')",
    "EXPLAIN SELECT file('/etc/hostname')",
    "DESCRIBE url('http://127.0.0.1/')",
    "DESCRIBE TABLE executable('x', 'CSV', 'a Int8')",
    'KILL QUERY WHERE 1',
    'SET ROLE NONE',
    'USE other',
    'GRANT SELECT ON *.* TO x',
    'DROP TABLE t',
    'INSERT INTO t SELECT 1',
  ])('refuses %s', sql => expect(faultOf(sql)?.code).toBe(164));

  it('refuses the name as the value of an Identifier parameter', () => {
    const sql = "SELECT arrayMap({f:Identifier}, ['/etc/hostname'])";
    expect(faultOf(sql, [['f', 'file']])?.code).toBe(164);
    expect(faultOf(sql, [['f', '`file`']])?.code).toBe(164);
    expect(faultOf(sql, [['f', 'upper']])).toBeNull();
    expect(faultOf('SELECT {f:String}', [['f', 'file']])).toBeNull();
  });

  it.each([
    'SELECT 1',
    'SELECT t.file FROM t',
    "SELECT 'file(1)' AS url",
    "SELECT format('{}', 1)",
    'WITH 1 AS x SELECT x',
    'SHOW TABLES',
    'EXPLAIN SELECT 1',
    'DESCRIBE t',
    'EXISTS TABLE t',
  ])('lets %s through', sql => expect(faultOf(sql)).toBeNull());
});
