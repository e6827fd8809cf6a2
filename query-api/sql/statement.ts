/**
 * A statement taken apart by the tokens of the engine's own text of it: what its syntax tree does not say is looked at here.
 *
 * The tree has no trace of a SETTINGS clause's names, of the function that `APPLY` names, of the WHERE of a SHOW, of what `SHOW
 * COLUMNS` names, nor of the type of `{name:Type}`.
 */
import { isAllowedFunction, table_functions } from './functions.ts';
import { quote, type Refusal, refuse } from './refusal.ts';
import { endOfBrackets, isName, isSymbol, isWord, type Token, tokensOf } from './tokens.ts';

export interface Statement {
  /** Without FORMAT and SETTINGS, which go with the request. */
  readonly text: string;
  readonly format: string | null;
  readonly settings: ReadonlyMap<string, string>;
  /** What `{name:Identifier}` takes the values of. */
  readonly identifier_parameters: readonly string[];
  readonly selects: number;
  /** Columns of the same name are joined, whatever they are. */
  readonly natural: boolean;
  /** What `SHOW COLUMNS FROM table [FROM database]` names. */
  readonly shown: Shown | null;
}

interface Shown {
  readonly table: string;
  readonly database: string | null;
}

/** `canonical` as `formatQuerySingleLine` writes it. */
export function readStatement(canonical: string): Statement | Refusal {
  const all = tokensOf(canonical);
  if (all === null) return refuse('ACCESS_DENIED', 'a name with an escape or a control character in it is not allowed');
  if (!isWord(all[0], 'SELECT', 'WITH', 'EXPLAIN', 'DESCRIBE', 'SHOW', 'EXISTS')) return readonly_refusal;
  const tail = readTail(all);
  if ('code' in tail) return tail;
  const { tokens, format, settings } = tail;
  const text = canonical.slice(0, tokens.at(-1)?.end ?? 0);
  const fault = faultOfWords(tokens) ?? faultOfShow(tokens);
  if (fault) return fault;
  return {
    text,
    format,
    settings,
    identifier_parameters: identifierParametersOf(tokens),
    selects: tokens.filter(token => isWord(token, 'SELECT')).length,
    natural: tokens.some(token => isWord(token, 'NATURAL')),
    shown: shownColumnsOf(tokens),
  };
}

export const readonly_refusal = refuse('READONLY', 'Cannot execute query in readonly mode.');

// ── FORMAT and SETTINGS ──────────────────────────────────────────────────────────────────────────────────────────────

interface Tail {
  readonly tokens: readonly Token[];
  readonly format: string | null;
  readonly settings: ReadonlyMap<string, string>;
}

/** Taken off from the end, in either order. What is left of them further in shows in the tree as `Set`, and is refused there. */
function readTail(all: readonly Token[]): Tail | Refusal {
  const settings = new Map<string, string>();
  let format: string | null = null;
  let tokens = all;
  for (;;) {
    const [clause, name] = tokens.slice(-2);
    if (isWord(clause, 'FORMAT') && isName(name) && format === null && !isOperand(tokens.at(-3))) {
      format = name?.name ?? null;
      tokens = tokens.slice(0, -2);
      continue;
    }
    const at = settingsAt(tokens);
    if (at < 0) return { tokens, format, settings };
    const read = readSettings(tokens.slice(at + 1));
    if ('code' in read) return read;
    // The last of two clauses holds, and it is read first.
    for (const [key, value] of read) if (!settings.has(key)) settings.set(key, value);
    tokens = tokens.slice(0, at);
  }
}

/** Before a clause stands no sign that would make its word a name. */
function isOperand(before: Token | undefined): boolean {
  return before === undefined || isWord(before, 'AS', 'SELECT') || ['.', ','].some(sign => isSymbol(before, sign));
}

/** Of the last SETTINGS outside brackets behind which nothing but assignments stands. */
function settingsAt(tokens: readonly Token[]): number {
  let depth = 0;
  let at = -1;
  for (const [i, token] of tokens.entries()) {
    if (token.kind === 'symbol' && '([{'.includes(token.text)) depth++;
    if (token.kind === 'symbol' && ')]}'.includes(token.text)) depth--;
    const assigns = isName(tokens[i + 1]) && isSymbol(tokens[i + 2], '=');
    if (depth === 0 && isWord(token, 'SETTINGS') && assigns && !isOperand(tokens[i - 1])) at = i;
  }
  return at;
}

function readSettings(tokens: readonly Token[]): Map<string, string> | Refusal {
  const settings = new Map<string, string>();
  for (let at = 0; at < tokens.length; ) {
    const [name, equals, first, second] = tokens.slice(at, at + 4);
    const negative = isSymbol(first, '-');
    const value = negative ? second : first;
    if (!isName(name) || !isSymbol(equals, '=') || name === undefined || value === undefined) return badSettings();
    if (value.kind !== 'number' && (negative || (value.kind !== 'string' && !isWord(value, 'TRUE', 'FALSE')))) {
      return badSettings();
    }
    settings.set(name.name, `${negative ? '-' : ''}${value.kind === 'string' ? unquoted(value.text) : value.text}`);
    at += negative ? 4 : 3;
    if (at < tokens.length && !isSymbol(tokens[at++], ',')) return badSettings();
  }
  return settings;
}

const badSettings = (): Refusal => refuse('READONLY', 'SETTINGS takes names with a number or a string each here');

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', 0: '\0' };

function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/gs, (_, char: string) => escapes[char] ?? char);
}

// ── Words ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A bracket may follow these words as the engine writes them, though they are no functions. */
const keywords = new Set(
  `ALL AND ANTI ANY APPLY ARRAY AS ASC BETWEEN BY CASE COLUMNS CROSS CUBE DESC DISTINCT ELSE END EXCEPT EXPLAIN
  FINAL FROM FULL GLOBAL GROUP HAVING ILIKE IN INNER INTERPOLATE INTERSECT IS JOIN LEFT LIKE LIMIT MATERIALIZED NOT NULL OFFSET ON
  OR ORDER OVER PARTITION PLAN PREWHERE QUALIFY QUERY REPLACE RIGHT ROLLUP SELECT SEMI SETS STEP STRICT SYNTAX THEN TABLE TO TREE
  UNION USING WHEN WHERE WINDOW WITH AST PIPELINE ESTIMATE DESCRIBE`.split(/\s+/),
);

function faultOfWords(tokens: readonly Token[]): Refusal | null {
  /** Of each open bracket, whether what it holds is a type: behind `::`, behind AS in a CAST, in braces, or within another. */
  const types: boolean[] = [];
  for (const [i, token] of tokens.entries()) {
    const next = tokens[i + 1];
    const fault = isWord(token, 'APPLY') ? faultOfApply(tokens, i) : null;
    if (fault) return fault;
    if (isWord(token, 'INTO') && isWord(next, 'OUTFILE')) {
      return refuse('NOT_IMPLEMENTED', 'INTO OUTFILE is not allowed over HTTP');
    }
    const is_type = types.at(-1) === true || isTypeAt(tokens, i);
    if (isName(token) && isSymbol(next, '(')) {
      if (/^(?:simple)?aggregatefunction$/i.test(token.name)) return stateFault;
      if (!is_type && !isCallable(token) && !isTable(tokens, i)) return functionFault(token.name);
    }
    if (isSymbol(token, '{')) types.push(true);
    if (isSymbol(token, '(')) types.push(types.at(-1) === true || (isName(tokens[i - 1]) && isTypeAt(tokens, i - 1)));
    if (isSymbol(token, ')') || isSymbol(token, '}')) types.pop();
  }
  return null;
}

const isTypeAt = (tokens: readonly Token[], at: number): boolean =>
  isSymbol(tokens[at - 1], '::') || isWord(tokens[at - 1], 'AS');

/** What is read FROM may be a view with parameters; the tree says whether it is. */
function isTable(tokens: readonly Token[], at: number): boolean {
  const first = isSymbol(tokens[at - 1], '.') ? at - 2 : at;
  return isWord(tokens[first - 1], 'FROM', 'JOIN');
}

function isCallable({ kind, name, text }: Token): boolean {
  const keyword = kind === 'word' && keywords.has(text.toUpperCase());
  return keyword || isAllowedFunction(name) || table_functions.has(name.toLowerCase());
}

/** What reads an aggregate's state takes its bytes on trust. */
export const stateFault = refuse(
  'SUPPORT_IS_DISABLED',
  'a type that holds the state of an aggregate is not allowed here',
);

export function functionFault(name: string): Refusal {
  return refuse('SUPPORT_IS_DISABLED', `The function ${quote(name)} is not allowed here`);
}

/** Its function, or its whole lambda, is in no node of the tree. Of a function's parameters, none may be more than a value. */
function faultOfApply(tokens: readonly Token[], at: number): Refusal | null {
  const name = tokens[at + 1];
  if (!isName(name) || name === undefined) {
    return refuse('SUPPORT_IS_DISABLED', 'APPLY takes the name of a function here');
  }
  if (!isAllowedFunction(name.name)) return functionFault(name.name);
  if (!isSymbol(tokens[at + 2], '(')) return null;
  const parameters = tokens.slice(at + 3, endOfBrackets(tokens, at + 2) - 1);
  const plain = parameters.every(({ kind, text }) => kind === 'number' || kind === 'string' || text === ',');
  return plain ? null : refuse('SUPPORT_IS_DISABLED', 'APPLY takes numbers and strings as parameters here');
}

function identifierParametersOf(tokens: readonly Token[]): string[] {
  return tokens.flatMap((token, i) => {
    const [name, colon, of] = tokens.slice(i + 1, i + 4);
    return isSymbol(token, '{') && name && isSymbol(colon, ':') && isWord(of, 'IDENTIFIER') ? [name.name] : [];
  });
}

// ── SHOW ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

const shown =
  /^SHOW (?:(?:FULL )?TABLES|DATABASES|(?:CHANGED )?SETTINGS?|FUNCTIONS|(?:EXTENDED )?(?:FULL )?COLUMNS|(?:EXTENDED )?(?:INDEX|INDEXES|INDICES|KEYS)|CREATE (?:TABLE|VIEW|DATABASE))\b/;

function faultOfShow(tokens: readonly Token[]): Refusal | null {
  if (!isWord(tokens[0], 'SHOW')) return null;
  const words = tokens.slice(0, 5).map(token => token.text.toUpperCase());
  if (!shown.test(words.join(' ')))
    return refuse('ACCESS_DENIED', `${words.slice(0, 2).join(' ')} is not allowed here`);
  if (tokens.some(token => isWord(token, 'WHERE'))) {
    return refuse('SUPPORT_IS_DISABLED', 'SHOW … WHERE is not allowed here; LIKE is, and a SELECT from system.tables');
  }
  return null;
}

function shownColumnsOf(tokens: readonly Token[]): Shown | null {
  if (!isWord(tokens[0], 'SHOW')) return null;
  const names = tokens.flatMap((token, i) => (isWord(token, 'FROM') ? [tokens[i + 1]] : []));
  const [table, database] = names;
  if (table === undefined || !isName(table) || names.length > 2 || (names.length === 2 && !isName(database)))
    return null;
  return { table: table.name, database: database?.name ?? null };
}
