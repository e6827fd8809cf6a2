/**
 * What a read-only session of the engine still lets through, refused here by tokens.
 *
 * `readonly` stops writes and most table functions, but not the scalar `file()` (which reads any file of the machine,
 * also as a bare name: `arrayMap(file, …)`, `APPLY file`), `DESCRIBE url(…)`, KILL, GRANT or SET ROLE. A reader's session
 * lasts one statement, so nothing a statement does to its session outlives it; a session with an id is a writer's.
 */
import { type ClickHouseError, refusal } from './errors.ts';
import { hasEscape, identifier, isKeyword, isSymbol, type Token } from './lexer.ts';

/** Functions that reach outside the database wherever their name stands, called or passed on as a value. */
const UNSAFE_NAMES = new Set(['file', 'catboostevaluate', 'getclienthttpheader', 'showcertificate']);

/** Scalar functions that share a name with a table function the engine itself refuses to read through. */
const SAFE_CALLS = new Set(['format', 'zeros', 'zeros_mt']);

export interface ReadOnlyQuery {
  rows: boolean;
  tokens: readonly Token[];
  params: ReadonlyMap<string, string>;
}

/**
 * @param unsafe_calls table functions, in lower case, that the engine does not allow when reading only
 * @returns the error to answer with, or null where the query may run in a read-only session
 */
export function readOnlyFault(query: ReadOnlyQuery, unsafe_calls: ReadonlySet<string>): ClickHouseError | null {
  if (!query.rows) return refusal('READONLY', 'Cannot execute query in readonly mode.');
  const unsafe = query.tokens.findIndex((_, i) => isUnsafe(query.tokens, i, unsafe_calls));
  if (unsafe >= 0) return forbidden(query.tokens[unsafe]?.text ?? '');
  const named = substitutesName(query.tokens) ? [...query.params.values()].find(isUnsafeValue) : undefined;
  return named === undefined ? null : forbidden(named);
}

/**
 * What a session with an id does not take. The engine's read-only switch cannot be taken back, so it is never set there:
 * a GET (`read_only`) is held to reading by its tokens alone, and `WITH … INSERT` begins as what reads does.
 *
 * @returns the error to answer with, or null
 */
export function sessionFault(tokens: readonly Token[], read_only: number): ClickHouseError | null {
  if (isKeyword(tokens[0], 'SET') && tokens.some(token => isKeyword(token, 'READONLY'))) {
    return refusal(
      'NOT_IMPLEMENTED',
      'SET readonly in a session; give readonly=1 with each request, without session_id',
    );
  }
  const inserts =
    read_only > 0 && tokens.some((token, i) => isKeyword(token, 'INSERT') && !isSymbol(tokens[i - 1], '.'));
  return inserts ? refusal('READONLY', 'Cannot execute query in readonly mode.') : null;
}

function isUnsafe(tokens: readonly Token[], at: number, unsafe_calls: ReadonlySet<string>): boolean {
  const token = tokens[at];
  const name = token && identifier(token)?.toLowerCase();
  if (!token || name === undefined || name === null) return false;
  // An escaped name can spell any other: `fi\x6ce`.
  if (hasEscape(token)) return true;
  // A qualified name is a column, never a function.
  if (UNSAFE_NAMES.has(name)) return !isSymbol(tokens[at - 1], '.');
  return unsafe_calls.has(name) && !SAFE_CALLS.has(name) && isSymbol(tokens[at + 1], '(');
}

/** `{x:Identifier}` puts a parameter's value where a function's name may stand. */
function substitutesName(tokens: readonly Token[]): boolean {
  return tokens.some((token, i) => isKeyword(token, 'IDENTIFIER') && isSymbol(tokens[i - 1], ':'));
}

function isUnsafeValue(value: string): boolean {
  return value.includes('\\') || UNSAFE_NAMES.has(value.replace(/[`"\s]/g, '').toLowerCase());
}

function forbidden(name: string): ClickHouseError {
  return refusal('READONLY', `${name} is not allowed in readonly mode; qualify it if it is a column's name.`);
}
