import { describe, expect, it } from 'vitest';
import type { Allowed } from './catalog.ts';
import { treeFault } from './rules.ts';
import { readStatement } from './statement.ts';

const limited: Allowed = { databases: new Set(['mine']), definitions: false };
const full: Allowed = { databases: new Set(['mine']), definitions: true };

/** `SELECT <column> FROM <table>`, as the engine dumps it. */
const select = (column: readonly string[], table = 'TableIdentifier t') => [
  'SelectWithUnionQuery (children 1)',
  ' ExpressionList (children 1)',
  '  SelectQuery (children 2)',
  '   ExpressionList (children 1)',
  ...column.map(line => `    ${line}`),
  '   TablesInSelectQuery (children 1)',
  '    TablesInSelectQueryElement (children 1)',
  '     TableExpression (children 1)',
  `      ${table}`,
];

function faultOf(lines: readonly string[], text = 'SELECT x FROM t', allowed = limited): number | null {
  const statement = readStatement(text);
  if ('code' in statement) throw new Error(statement.message);
  const engine = { forbidden: new Set(['file']), table_functions: new Set(['merge', 'numbers']) };
  return treeFault(lines, { statement, database: 'mine', allowed, ...engine })?.code ?? null;
}

describe('a tree', () => {
  it.each<[string, readonly string[]]>([
    ['a column', select(['Identifier x'])],
    ['a column of a forbidden name', select(['Identifier file'])],
    [
      'one that is qualified',
      select(['Function arrayMap (children 1)', ' ExpressionList (children 1)', '  Identifier t.file']),
    ],
    ['a function', select(['Function sum (children 1)', ' ExpressionList (children 1)', '  Identifier x'])],
    ['its database’s table', select(['Identifier x'], 'TableIdentifier mine.t (alias a)')],
    ['a table of the system', select(['Identifier x'], 'TableIdentifier system.functions')],
    ['a view with parameters', select(['Identifier x'], 'Function mine.by_team')],
    ['rows out of nothing', select(['Identifier x'], 'Function numbers')],
    ['a list of tables', select(['Identifier name'], 'TableIdentifier system.tables')],
  ])('of %s is allowed', (_, lines) => expect(faultOf(lines)).toBeNull());

  it.each<[string, readonly string[], number]>([
    ['another’s table', select(['Identifier x'], 'TableIdentifier other.t'), 497],
    ['a table of three parts', select(['Identifier x'], 'TableIdentifier mine.t.u'), 497],
    ['another’s table with a blank in its name', select(['Identifier x'], 'TableIdentifier other.a b'), 497],
    ['a table of the system that is not listed', select(['Identifier x'], 'TableIdentifier system.users'), 497],
    ['a table function', select(['Identifier x'], 'Function merge'), 497],
    ['another’s view', select(['Identifier x'], 'Function other.by_team'), 497],
    ['a table function among values', select(['Function numbers']), 344],
    ['a function', select(['Function file']), 344],
    [
      'a function as a value',
      select(['Function arrayMap (children 1)', ' ExpressionList (children 1)', '  Identifier file']),
      344,
    ],
    ['a function by another name', select(['Identifier file (alias f)']), 344],
    ['a kind of node that is not known', select(['Sorcery']), 497],
    ['a setting in a part', select(['Identifier x', 'Set']), 497],
    ['a name that looks like lines', select(['Identifier a', '  Function file (children 1)`']), 497],
    ['another statement', ['CreateQuery mine t'], 164],
    ['a view’s text', ['ShowCreateTableQuery t (children 1)', ' Identifier t'], 497],
    ['all of a list of tables', select(['Asterisk'], 'TableIdentifier system.tables'), 497],
    ['a text in a list of tables', select(['Identifier t.as_select'], 'TableIdentifier system.tables'), 497],
    [
      'what fails by a value beside a list of tables',
      select(
        ['Function throwIf (children 1)', ' ExpressionList (children 1)', '  Identifier name'],
        'TableIdentifier system.tables',
      ),
      497,
    ],
  ])('of %s is refused', (_, lines, code) => expect(faultOf(lines)).toBe(code));

  it('of a table’s name as a set is looked at as a table', () => {
    const set = (name: string) =>
      select(['Function in (children 1)', ' ExpressionList (children 2)', '  Identifier x', `  ${name}`]);
    expect(faultOf(set('Identifier mine.u'))).toBeNull();
    expect(faultOf(set('Identifier other.secret'))).toBe(497);
    expect(faultOf(set('Identifier system.databases'))).toBe(497);
  });

  it('may show a definition to who may see it', () => {
    expect(faultOf(['ShowCreateTableQuery t (children 1)', ' Identifier t'], 'SHOW CREATE TABLE t', full)).toBeNull();
    const explain = ['Explain EXPLAIN (children 1)', ...select(['Identifier x']).map(line => ` ${line}`)];
    expect(faultOf(explain, 'EXPLAIN SELECT x FROM t', full)).toBeNull();
    expect(faultOf(explain, 'EXPLAIN SELECT x FROM t')).toBe(497);
  });

  it('hides no SELECT', () => expect(faultOf(select(['Identifier x']), 'SELECT (SELECT 1) FROM t')).toBe(497));

  it('holds a type against its name', () => {
    const cast = (type: string) =>
      select(['Function CAST (children 1)', ' ExpressionList (children 2)', '  Identifier x', `  ${type}`]);
    expect(faultOf(cast("Literal 'UInt8'"))).toBeNull();
    expect(faultOf(cast("Literal 'AggregateFunction(sum, UInt8)'"))).toBe(344);
    expect(faultOf(cast('Identifier t'))).toBe(344);
  });
});
