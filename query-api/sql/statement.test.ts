import { describe, expect, it } from 'vitest';
import { readStatement, type Statement } from './statement.ts';

function read(text: string): Statement {
  const statement = readStatement(text);
  if ('code' in statement) throw new Error(`${statement.code} ${statement.message}`);
  return statement;
}

describe('FORMAT and SETTINGS', () => {
  it.each([
    ["SELECT 1 SETTINGS a = 1, b = 'x\\'y' FORMAT JSON", 'SELECT 1', 'JSON', { a: '1', b: "x'y" }],
    ['SELECT 1 FORMAT JSON SETTINGS a = -1, c = true', 'SELECT 1', 'JSON', { a: '-1', c: 'true' }],
    ['SELECT 1 SETTINGS a = 1 FORMAT CSV SETTINGS a = 2', 'SELECT 1', 'CSV', { a: '2' }],
    ['SELECT x AS FORMAT', 'SELECT x AS FORMAT', null, {}],
    ['SELECT t.FORMAT FROM t', 'SELECT t.FORMAT FROM t', null, {}],
    ['SELECT (SELECT 1 SETTINGS a = 1)', 'SELECT (SELECT 1 SETTINGS a = 1)', null, {}],
  ])('%s', (text, rest, format, settings) => {
    const statement = read(text);
    expect(statement).toMatchObject({ text: rest, format });
    expect(Object.fromEntries(statement.settings)).toEqual(settings);
  });

  it.each(['SELECT 1 SETTINGS a = DEFAULT', 'SELECT 1 SETTINGS a = [1]', 'SELECT 1 SETTINGS a = 1, b = f(2)'])(
    '%s is refused',
    text => expect(() => read(text)).toThrow(/164|344/),
  );
});

describe('what the tree does not say', () => {
  it.each([
    'SELECT * APPLY file',
    'SELECT * APPLY (x -> file(x))',
    'SELECT * APPLY `file`',
    'SELECT * APPLY quantile((SELECT 1))',
    "SELECT 1 INTO OUTFILE 'x'",
    'SHOW TABLES WHERE name = 1',
    'SHOW PROCESSLIST',
    'SHOW CLUSTERS',
    'SHOW CREATE USER x',
    'SELECT x::AggregateFunction(sum, UInt8)',
    'SELECT {x:AggregateFunction(sum, UInt8)}',
    'SELECT file(1)',
    'INSERT INTO t FORMAT Values',
    'CREATE TABLE t (a UInt8) ENGINE = Memory',
  ])('%s is refused', text => expect(() => read(text)).toThrow(/^(?:344|497|48|164) /));

  it.each([
    'SELECT * APPLY sum',
    'SELECT * APPLY quantile(0.5)',
    "SELECT x::Array(Nullable(Int8)), CAST(x AS Map(String, Tuple(a Int8, b Enum8('c' = 1))))",
    'SELECT {x:Array(LowCardinality(String))}',
    'SELECT sum(x) OVER (PARTITION BY y) FROM numbers(3) WHERE a IN (1, 2)',
    "SHOW TABLES FROM a LIKE 'b'",
    'SELECT 1 AS into, 2 AS outfile',
  ])('%s is not', text => expect(read(text).text).toBe(text));

  it('tells what a parameter names, and what SHOW COLUMNS does', () => {
    expect(read('SELECT {a:String}, {b:Identifier} FROM {c:Identifier}').identifier_parameters).toEqual(['b', 'c']);
    expect(read("SHOW FULL COLUMNS FROM t FROM `a b` LIKE 'x'").shown).toEqual({ table: 't', database: 'a b' });
    expect(read('SHOW COLUMNS FROM t').shown).toEqual({ table: 't', database: null });
  });
});
