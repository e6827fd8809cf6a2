import { expect, it } from 'vitest';
import { argumentsOf, treeOf } from './syntax-tree.ts';

const dump = `SelectWithUnionQuery (children 1)
 ExpressionList (children 1)
  SelectQuery (children 2)
   ExpressionList (children 2)
    Function sum (alias total) (children 1)
     ExpressionList (children 1)
      Literal 'x (children 3)'
    Identifier a.b
   TablesInSelectQuery`.split('\n');

it('reads names, aliases and what is below what', () => {
  const nodes = treeOf(dump) ?? [];
  const sum = nodes.find(node => node.kind === 'Function');
  expect(sum).toMatchObject({ text: 'sum', alias: 'total', parent: { kind: 'ExpressionList' } });
  expect(sum && argumentsOf(sum).map(({ kind, text }) => [kind, text])).toEqual([['Literal', "'x (children 3)'"]]);
  expect(nodes.find(node => node.kind === 'Identifier')).toMatchObject({ text: 'a.b', alias: null });
});

it.each([
  ['a line too many', [...dump, '   Literal 1']],
  ['a line too few', dump.slice(0, -1)],
  ['two roots', [...dump, ...dump]],
  ['a jump in depth', ['SelectQuery (children 1)', '  Literal 1']],
  ['what is no node', ['SelectQuery (children 1)', ' what is this']],
  ['nothing', ['']],
])('refuses %s', (_, lines) => expect(treeOf(lines)).toBeNull());
