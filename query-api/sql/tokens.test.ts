import { expect, it } from 'vitest';
import { tokensOf } from './tokens.ts';

const texts = (text: string) => tokensOf(text)?.map(token => token.text) ?? null;

it('reads what the engine writes', () => {
  expect(texts("SELECT `a b`.c, 'it\\'s', -1.5e-7 FROM t WHERE x::Int32 <= {y:UInt8}")).toEqual([
    ...['SELECT', '`a b`', '.', 'c', ',', "'it\\'s'", ',', '-', '1.5e-7', 'FROM', 't', 'WHERE', 'x', '::', 'Int32'],
    ...['<', '=', '{', 'y', ':', 'UInt8', '}'],
  ]);
  expect(tokensOf('`x y`')?.[0]).toMatchObject({ kind: 'quoted', name: 'x y' });
  expect(texts('')).toEqual([]);
});

it.each([
  ['a comment', 'SELECT 1 --x'],
  ['a comment', 'SELECT 1 /* x */'],
  ['a comment', 'SELECT 1 // x'],
  ['a comment', 'SELECT 1 # x'],
  ['a heredoc', 'SELECT $$x$$'],
  ['a second statement', 'SELECT 1; SELECT 2'],
  ['double quotes', 'SELECT "x"'],
  ['a line break', 'SELECT\n1'],
  ['a line break in a name', 'SELECT `a\nb`'],
  ['an escape in a name', 'SELECT `a\\nb`'],
  ['a blank beyond ASCII', 'SELECT\u00a01'],
  ['an open quote', "SELECT 'x"],
  ['a system variable', 'SELECT @@version'],
])('takes %s for no text of the engine’s', (_, text) => expect(tokensOf(text)).toBeNull());
