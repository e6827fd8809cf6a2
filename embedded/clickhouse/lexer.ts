/**
 * ClickHouse's lexical rules, as far as a front has to know them to see where a statement ends: strings, quoted
 * identifiers, heredocs and comments hide every character in them; anything else is a word, a number or one symbol.
 *
 * Tokens are found one at a time, so that a caller can stop where an INSERT's data begins: data is not SQL and need
 * not be readable as such.
 */

export type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'symbol';

export interface Token {
  kind: TokenKind;
  /** As written, quotes included. */
  text: string;
  start: number;
  end: number;
}

/** The text breaks off inside a string, a quoted identifier, a comment or a heredoc. */
export class LexicalError extends Error {
  readonly position: number;
  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

/** ClickHouse skips a long list of Unicode blanks between tokens and knows no other character there beyond ASCII. */
const BLANK = /[\s\u0080-\uffff]/;
const WORD = /[A-Za-z_$][A-Za-z0-9_$]*/y;
const NUMBER = /(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9]+)?)/y;
const HEREDOC = /\$([A-Za-z0-9_]*)\$/y;
/** Typographic quotes count too; nothing is escaped inside them. */
const CURLY_QUOTES = {
  '\u2018': { kind: 'string', close: '\u2019' },
  '\u201c': { kind: 'quoted', close: '\u201d' },
} as const;

export function* tokenize(text: string): Generator<Token, void, undefined> {
  let at = 0;
  for (;;) {
    at = skipBlank(text, at);
    if (at >= text.length) return;
    const token = readToken(text, at);
    yield token;
    at = token.end;
  }
}

/** The identifier a word or quoted token names. Escapes inside quotes are not resolved; see `hasEscape`. */
export function identifier(token: Token): string | null {
  if (token.kind === 'word') return token.text;
  return token.kind === 'quoted' ? token.text.slice(1, -1) : null;
}

/** Whether a quoted identifier may name something other than what its characters say. */
export function hasEscape(token: Token): boolean {
  const name = token.text.slice(1, -1);
  return token.kind === 'quoted' && (name.includes('\\') || name.includes(token.text.slice(0, 1)));
}

/** Whether the token is this keyword, in any case. Quoted identifiers are never keywords. */
export function isKeyword(token: Token | undefined, keyword: string): boolean {
  return token?.kind === 'word' && token.text.toUpperCase() === keyword;
}

export function isSymbol(token: Token | undefined, symbol: string): boolean {
  return token?.kind === 'symbol' && token.text === symbol;
}

function readToken(text: string, start: number): Token {
  const char = text[start] ?? '';
  const make = (kind: TokenKind, end: number): Token => ({ kind, text: text.slice(start, end), start, end });
  if (char === "'") return make('string', endOfQuoted(text, start));
  if (char === '"' || char === '`') return make('quoted', endOfQuoted(text, start));
  if (char === '\u2018' || char === '\u201c') {
    const { kind, close } = CURLY_QUOTES[char];
    return make(kind, endOfCurly(text, start, close));
  }
  if (char === '$') {
    const end = endOfHeredoc(text, start);
    if (end !== null) return make('string', end);
  }
  const word = matchAt(WORD, text, start);
  if (word) return make('word', start + word[0].length);
  const number = matchAt(NUMBER, text, start);
  if (number) return make('number', start + number[0].length);
  return make('symbol', start + 1);
}

function skipBlank(text: string, start: number): number {
  let at = start;
  for (;;) {
    const char = text[at];
    if (char === undefined) return at;
    if (BLANK.test(char) && !(char in CURLY_QUOTES)) at += 1;
    else if (startsLineComment(text, at)) at = endOfLine(text, at);
    else if (text.startsWith('/*', at)) at = endOfBlockComment(text, at);
    else return at;
  }
}

function startsLineComment(text: string, at: number): boolean {
  return ['--', '//', '# ', '#!'].some(opening => text.startsWith(opening, at));
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end + 1;
}

/** Block comments nest, as the SQL standard has it. */
function endOfBlockComment(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text.startsWith('/*', at)) depth += 1;
    else if (text.startsWith('*/', at)) depth -= 1;
    else continue;
    at += 1;
    if (depth === 0) return at + 1;
  }
  throw new LexicalError('a comment is not closed', start);
}

/** A backslash escapes the next character; a doubled quote stands for itself. */
function endOfQuoted(text: string, start: number): number {
  const close = text[start];
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === close) {
      if (text[at + 1] !== close) return at + 1;
      at += 1;
    }
  }
  throw new LexicalError('a quote is not closed', start);
}

function endOfCurly(text: string, start: number, close: string): number {
  const end = text.indexOf(close, start + 1);
  if (end < 0) throw new LexicalError('a quote is not closed', start);
  return end + 1;
}

/** null where the dollar sign opens no heredoc. */
function endOfHeredoc(text: string, start: number): number | null {
  const tag = matchAt(HEREDOC, text, start)?.[0];
  if (tag === undefined) return null;
  const close = text.indexOf(tag, start + tag.length);
  return close < 0 ? null : close + tag.length;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
