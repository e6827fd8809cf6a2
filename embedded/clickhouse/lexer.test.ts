import { describe, expect, it } from 'vitest';
import { identifier, LexicalError, tokenize } from './lexer.ts';

const texts = (sql: string) => [...tokenize(sql)].map(token => token.text);

describe('tokenize', () => {
  it('keeps strings, quoted identifiers and heredocs whole', () => {
    expect(texts(`SELECT 'a;b''c\\'d', "e;f", \`g\\\`;\`, $$h;i$$, $x$ 'j; $$ $x$`)).toEqual([
      'SELECT',
      `'a;b''c\\'d'`,
      ',',
      '"e;f"',
      ',',
      '`g\\`;`',
      ',',
      '$$h;i$$',
      ',',
      `$x$ 'j; $$ $x$`,
    ]);
  });

  it('drops comments of every kind, nested ones too', () => {
    expect(texts('1 -- ;\n+ /* ; /* ; */ ; */ 2 # ;\n- 3 #! ;\n* 4 // ;')).toEqual(['1', '+', '2', '-', '3', '*', '4']);
  });

  it('reads typographic quotes, inside which nothing is escaped', () => {
    expect(texts('SELECT \u2018a\\\u2019, \u201cb;c\u201d')).toEqual([
      'SELECT',
      '\u2018a\\\u2019',
      ',',
      '\u201cb;c\u201d',
    ]);
  });

  it('treats a dollar sign that opens no heredoc as part of a word', () => {
    expect(texts('a$b $c 1')).toEqual(['a$b', '$c', '1']);
  });

  it.each(["'open", '"open', '/* open', '\u2018open'])('refuses %s', sql => {
    expect(() => texts(sql)).toThrow(LexicalError);
  });

  it('finds tokens one at a time, so that what follows need not be SQL', () => {
    const tokens = tokenize("FORMAT CSV\n'open");
    expect(tokens.next().value?.text).toBe('FORMAT');
    expect(tokens.next().value?.text).toBe('CSV');
  });

  it('names identifiers, quoted or not', () => {
    expect([...tokenize('a "b c" `d`')].map(identifier)).toEqual(['a', 'b c', 'd']);
  });
});
