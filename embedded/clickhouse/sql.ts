/**
 * What a front has to understand of a statement: whether it reads, writes or carries data, which format it names, and
 * where another clause can be put. Everything else is the engine's business and passes through as it was written.
 */
import type { EngineCoding } from './body.ts';
import { refusal } from './errors.ts';
import { identifier, isKeyword, isSymbol, LexicalError, type Token, tokenize } from './lexer.ts';

/** `INSERT … FORMAT X` or `… VALUES`: the rest of the text, and the request's body, are data. */
export interface DataInsert {
  kind: 'data_insert';
  text: string;
  format: string;
  /** Where the data begins in `text`, blanks skipped. */
  data_start: number;
  /** The clauses that follow the target: where `FROM INFILE` belongs. */
  clauses_start: number;
  /** The FORMAT or VALUES clause. */
  format_start: number;
  /** `input('structure')`, where the insert selects from it. */
  input: { start: number; end: number; structure: string } | null;
}

/** A statement that answers with rows, which `INTO OUTFILE` can send elsewhere. */
export interface RowsStatement {
  kind: 'rows';
  text: string;
  tokens: Token[];
  /** The FORMAT clause's, or null where the request decides. */
  format: string | null;
  /** Where `INTO OUTFILE` belongs: before FORMAT, or at the end. */
  outfile_at: number;
  /** `EXPLAIN AST`, which takes every clause behind it for the explained statement's, INTO OUTFILE and FORMAT among them. */
  explains_tree: boolean;
}

/** DDL, INSERT … SELECT and the like. */
export interface CommandStatement {
  kind: 'command';
  text: string;
  tokens: Token[];
}

export type Statement = DataInsert | RowsStatement | CommandStatement;

const ROWS_KEYWORDS = ['SELECT', 'WITH', 'FROM', 'SHOW', 'EXPLAIN', 'DESCRIBE', 'DESC', 'EXISTS', 'CHECK', 'VALUES'];

/**
 * @throws ClickHouseError 62 where the text holds no statement, more than one, or one that breaks off; 48 where it
 *   names a file of the machine (INTO OUTFILE, FROM INFILE), which is the client's to read and write over HTTP
 */
export function parseStatement(text: string): Statement {
  try {
    return classify(text);
  } catch (error) {
    if (error instanceof LexicalError) throw syntaxError(`${error.message}, at position ${error.position + 1}`);
    throw error;
  }
}

/** Sends the rows of a statement to a file or a named pipe instead of the client, compressed or as they are. */
export function withOutfile(statement: RowsStatement, path: string, coding: 'zstd' | null = null): string {
  const { text, outfile_at } = statement;
  const target = `${quoteString(path)} TRUNCATE${coding ? ` COMPRESSION '${coding}' LEVEL 1` : ''}`;
  return `${text.slice(0, outfile_at)} INTO OUTFILE ${target} ${text.slice(outfile_at)}`;
}

/** Lets the engine read an insert's data from a file, which it decompresses. `input()` becomes `file()` with the same structure. */
export function withInfile(insert: DataInsert, path: string, coding: EngineCoding | null = null): string {
  const { text, input, format, format_start, clauses_start } = insert;
  if (input) {
    const compression = coding ? `, ${quoteString(coding)}` : '';
    const source = `file(${quoteString(path)}, ${quoteString(format)}, ${input.structure}${compression})`;
    return `${text.slice(0, input.start)}${source}${text.slice(input.end, format_start)}`;
  }
  const [head, clauses] = [text.slice(0, clauses_start), text.slice(clauses_start, format_start)];
  const compression = coding ? ` COMPRESSION ${quoteString(coding)}` : '';
  return `${head} FROM INFILE ${quoteString(path)}${compression} ${clauses} FORMAT ${format}`;
}

/** The engine takes a statement to end at its first zero byte. */
export function quoteString(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&').replaceAll('\0', '\\0')}'`;
}

export function quoteIdentifier(name: string): string {
  return `\`${name.replace(/[\\`]/g, '\\$&')}\``;
}

function classify(text: string): Statement {
  const source = tokenize(text);
  const first = source.next().value;
  if (!first) throw syntaxError('Empty query');
  if (isKeyword(first, 'INSERT')) return classifyInsert(text, first, source);

  const tokens = oneStatement([first, ...source], text);
  const opening = tokens.find(token => !isSymbol(token, '('));
  const rows = ROWS_KEYWORDS.some(keyword => isKeyword(opening, keyword));
  return rows ? rowsStatement(text, tokens) : { kind: 'command', text, tokens };
}

/** Reads tokens only up to the data, which need not be SQL. */
function classifyInsert(text: string, first: Token, source: Iterator<Token, void>): DataInsert | CommandStatement {
  const tokens = [first];
  let depth = 0;
  let clauses_start = -1;
  let format_start = -1;
  for (let next = source.next(); !next.done; next = source.next()) {
    const token = next.value;
    tokens.push(token);
    if (isSymbol(token, '(')) depth += 1;
    if (isSymbol(token, ')')) depth -= 1;
    if (depth !== 0 || targetContinues(tokens)) continue;

    if (format_start >= 0 && identifier(token) !== null) {
      const format = identifier(token) ?? '';
      return dataInsert(text, tokens, { clauses_start, format_start, format, end: token.end });
    }
    if (clauses_start < 0 && startsClause(token)) clauses_start = token.start;
    if (isKeyword(token, 'VALUES') && !tokens.some(each => isKeyword(each, 'SELECT'))) {
      return dataInsert(text, tokens, { clauses_start, format_start: token.start, format: 'Values', end: token.end });
    }
    format_start = isFormatClause(tokens) ? token.start : -1;
  }
  return { kind: 'command', text, tokens: oneStatement(tokens, text) };
}

/** Whether the last token still belongs to `INSERT INTO [TABLE] [database.]table`, whose names may be any word. */
function targetContinues(tokens: Token[]): boolean {
  const at = tokens.length - 1;
  const before = tokens[at - 1];
  return at < 2 || isKeyword(before, 'INTO') || (isKeyword(before, 'TABLE') && at <= 3) || isSymbol(before, '.');
}

function startsClause(token: Token): boolean {
  return ['SETTINGS', 'FORMAT', 'VALUES'].some(keyword => isKeyword(token, keyword));
}

/** Whether the last token is FORMAT as a clause, not as a name: qualified, an alias, or one of a list. */
function isFormatClause(tokens: Token[]): boolean {
  const [before, token] = tokens.slice(-2);
  if (!before || !token) return false;
  const names = isSymbol(before, '.') || isSymbol(before, ',') || isKeyword(before, 'AS');
  return isKeyword(token, 'FORMAT') && !names;
}

interface DataClause {
  clauses_start: number;
  format_start: number;
  format: string;
  end: number;
}

function dataInsert(text: string, tokens: Token[], clause: DataClause): DataInsert | CommandStatement {
  refuseFiles(tokens);
  const input = findInput(tokens);
  const selects = tokens.some(token => isKeyword(token, 'SELECT'));
  if (selects && !input) return { kind: 'command', text, tokens };
  const { clauses_start, format_start, format, end } = clause;
  return { kind: 'data_insert', text, format, data_start: skipData(text, end), clauses_start, format_start, input };
}

function findInput(tokens: Token[]): DataInsert['input'] {
  const at = tokens.findIndex((token, i) => {
    const [open, structure, close] = tokens.slice(i + 1, i + 4);
    return isKeyword(token, 'INPUT') && isSymbol(open, '(') && structure?.kind === 'string' && isSymbol(close, ')');
  });
  const [name, , structure, close] = at < 0 ? [] : tokens.slice(at, at + 4);
  if (!name || !structure || !close) return null;
  return { start: name.start, end: close.end, structure: structure.text };
}

/** The blanks and one semicolon between the clause and its data. */
function skipData(text: string, end: number): number {
  return end + (/^\s*;?\s*/.exec(text.slice(end, end + 1_024))?.[0].length ?? 0);
}

function rowsStatement(text: string, tokens: Token[]): RowsStatement {
  const at = tokens.findLastIndex((token, i) => {
    const [name, after] = tokens.slice(i + 1, i + 3);
    const closes = after === undefined || isKeyword(after, 'SETTINGS');
    return isKeyword(token, 'FORMAT') && closes && name !== undefined && isFormatClause(tokens.slice(0, i + 1));
  });
  const [clause, name] = at < 0 ? [] : tokens.slice(at, at + 2);
  const format = name ? identifier(name) : null;
  const end = tokens.at(-1)?.end ?? text.length;
  const explains_tree = isKeyword(tokens[0], 'EXPLAIN') && isKeyword(tokens[1], 'AST');
  const outfile_at = clause && format ? clause.start : end;
  return { kind: 'rows', text: text.slice(0, end), tokens, format, outfile_at, explains_tree };
}

/** Closing semicolons dropped. A NUL ends the text for the engine, which would hide what follows from it. */
function oneStatement(tokens: Token[], text: string): Token[] {
  if (text.includes('\0')) throw syntaxError('The query contains a NUL character');
  const last = tokens.findLastIndex(token => !isSymbol(token, ';'));
  const statement = tokens.slice(0, last + 1);
  if (statement.length === 0) throw syntaxError('Empty query');
  if (statement.some(token => isSymbol(token, ';'))) throw syntaxError('Multi-statements are not allowed');
  refuseFiles(statement);
  return statement;
}

function refuseFiles(tokens: Token[]): void {
  tokens.forEach((token, i) => {
    const next = tokens[i + 1];
    const outfile = isKeyword(token, 'INTO') && isKeyword(next, 'OUTFILE');
    const infile = isKeyword(token, 'FROM') && isKeyword(next, 'INFILE') && tokens[i + 2]?.kind === 'string';
    if (outfile || infile) throw refusal('NOT_IMPLEMENTED', `${token.text} ${next?.text} is not allowed over HTTP`);
  });
}

function syntaxError(message: string) {
  return refusal('SYNTAX_ERROR', `Syntax error: ${message}`);
}
