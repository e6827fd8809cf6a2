/**
 * What a statement of a caller may do. The engine's `readonly` stops writes and most table functions; it stops neither
 * `file()` nor what reads other people's tables. So a statement is held against lists of what it may be made of:
 *
 * 1. The text, as the value of a parameter, is given to `formatQuerySingleLine`: it is one statement, or none. What comes back is
 *    the engine's own text of it, without comments, heredocs and other people's quotes.
 * 2. That text's tokens are looked at for what the syntax tree does not say (`statement.ts`).
 * 3. `EXPLAIN AST` of that text, whose every node has to be on the list (`rules.ts`).
 * 4. That text is what is run, and no other.
 *
 * A verdict is kept, so that a statement is looked at once.
 */
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { MillraceError } from '../../lib/errors.ts';
import { type Allowed, isListed, settingsFor } from './catalog.ts';
import { isAllowedFunction } from './functions.ts';
import { quote, type Refusal, refuse } from './refusal.ts';
import { treeFault } from './rules.ts';
import { readonly_refusal, readStatement, type Statement } from './statement.ts';

export interface Asked {
  readonly text: string;
  /** Values of `{name:Type}`, as the request carries them. */
  readonly params: ReadonlyMap<string, string>;
  readonly database: string;
}

export interface Checked {
  /** To run in place of the text that was given. */
  readonly text: string;
  readonly format: string | null;
  /** Of its SETTINGS clause, not looked at yet. */
  readonly settings: ReadonlyMap<string, string>;
  /** Ours, which no caller can set. */
  readonly imposed: ReadonlyMap<string, string>;
}

/** What the engine is asked with. */
export type Asking = Pick<ClickHouse, 'rows' | 'text'>;

export interface Sandbox {
  check(asked: Asked, allowed: Allowed): Promise<Checked | Refusal>;
}

/** Programs name it where their user names none. Unless it is the caller's, he reads nothing of it. */
const unset_database = 'default';
/** As long as the engine reads of a statement, `max_query_size`. */
const text_bytes_max = 262_144;
const kept_chars_max = 16 * 1024 * 1024;
/** A function or setting may come to be. */
const kept_ms_max = 60_000;

export function createSandbox({ clickhouse }: { clickhouse: Asking }): Sandbox {
  const statements = createKept<Statement | Refusal>();
  const verdicts = createKept<Refusal | null>();
  let known: { readonly engine: Promise<Engine>; readonly at_ms: number } | null = null;

  async function statementOf(text: string): Promise<Statement | Refusal> {
    const present = statements.get(text);
    if (present) return present;
    const formatted = await clickhouse.rows<{ text: string }>(
      'SELECT formatQuerySingleLine({text:String}) AS text',
      { text },
      only_reading,
    );
    const statement = readStatement(formatted[0]?.text ?? '');
    statements.set(text, statement);
    return statement;
  }

  function engineNow(): Promise<Engine> {
    if (known && performance.now() - known.at_ms < kept_ms_max) return known.engine;
    const engine = askEngine(clickhouse);
    const asked = { engine, at_ms: performance.now() };
    engine.catch(() => {
      if (known === asked) known = null;
    });
    known = asked;
    return engine;
  }

  async function verdictOf(statement: Statement, asked: Asked, allowed: Allowed): Promise<Refusal | null> {
    const unclean = statement.identifier_parameters.find(name => /[\p{Cc}\\`"]/u.test(asked.params.get(name) ?? ''));
    if (unclean !== undefined) return refuse('BAD_ARGUMENTS', `the value of ${unclean} is no plain name`);
    const key = keyOf(statement, asked, allowed);
    const present = verdicts.get(key);
    if (present !== undefined) return present;
    const params = [...asked.params].map(([name, value]) => [`param_${name}`, value]);
    const settings = { ...only_reading, ...Object.fromEntries(params) };
    const [tree, engine] = await Promise.all([
      // A FORMAT clause would be the explained statement's.
      clickhouse.text(`EXPLAIN AST ${statement.text}`, { ...settings, default_format: 'TSVRaw' }),
      engineNow(),
    ]);
    const { database } = asked;
    const fault = treeFault(tree.trimEnd().split('\n'), { statement, database, allowed, ...engine });
    verdicts.set(key, fault);
    return fault;
  }

  return {
    async check(asked, allowed) {
      // With its data, which may be long.
      if (/^\s*insert\b/i.test(asked.text)) return readonly_refusal;
      if (Buffer.byteLength(asked.text) > text_bytes_max) {
        return refuse('SYNTAX_ERROR', `Max query size exceeded (${text_bytes_max} bytes)`);
      }
      if (!isListed(asked.database, allowed) && asked.database !== unset_database) {
        return refuse('ACCESS_DENIED', `the database ${quote(asked.database)} is not among what this caller may read`);
      }
      try {
        const statement = await statementOf(asked.text);
        if ('code' in statement) return statement;
        const fault = await verdictOf(statement, asked, allowed);
        if (fault) return fault;
        const { text, format, settings } = statement;
        const { settings: known_settings, value_indices } = await engineNow();
        const imposed = new Map([...settingsFor(allowed, value_indices)].filter(([name]) => known_settings.has(name)));
        return { text, format, settings, imposed };
      } catch (error) {
        return engineRefusal(error);
      }
    },
  };
}

/** A statement is read, not run; nothing of this size takes longer. */
const only_reading = { readonly: 1, max_execution_time: 10 } as const;

interface Engine {
  readonly forbidden: ReadonlySet<string>;
  readonly table_functions: ReadonlySet<string>;
  readonly settings: ReadonlySet<string>;
  /** Indices that are asked with the whole of a condition. */
  readonly value_indices: readonly string[];
}

async function askEngine(clickhouse: Asking): Promise<Engine> {
  const names = async (query: string): Promise<string[]> =>
    (await clickhouse.rows<{ name: string }>(query)).map(row => row.name);
  const [functions, table_functions, settings, value_indices] = await Promise.all([
    names('SELECT if(case_insensitive, lower(name), name) AS name FROM system.functions'),
    names('SELECT lower(name) AS name FROM system.table_functions'),
    names('SELECT name FROM system.settings'),
    names("SELECT DISTINCT name FROM system.data_skipping_indices WHERE type = 'set'"),
  ]);
  return {
    forbidden: new Set(functions.filter(name => !isAllowedFunction(name))),
    table_functions: new Set(table_functions),
    settings: new Set(settings),
    value_indices,
  };
}

/** The values of parameters count where they may stand in the tree as more than a value: as a name, a type, a structure. */
function keyOf(statement: Statement, { params, database }: Asked, allowed: Allowed): string {
  const told =
    statement.identifier_parameters.length > 0 || /cast|extract|reinterpret|values|arrayreduce/i.test(statement.text);
  const values = told ? [...params] : [...params.keys()];
  const { databases, definitions, system_tables = [] } = allowed;
  return JSON.stringify([
    statement.text,
    database,
    [...databases].sort(),
    definitions,
    [...system_tables],
    values.sort(),
  ]);
}

/** What the engine says of a statement that it cannot read is for the caller. Anything else is not his fault. */
function engineRefusal(error: unknown): Refusal {
  const { cause } = error as { cause?: { code?: unknown; type?: unknown } };
  const code = Number(cause?.code);
  if (!(error instanceof MillraceError) || error.retryable || !Number.isInteger(code)) throw error;
  const message = error.message.replace(/:? ?In scope SELECT formatQuerySingleLine.*$/s, '');
  return { code, name: String(cause?.type ?? 'UNKNOWN_EXCEPTION'), message };
}

interface Kept<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
}

/** The least lately used goes where there are too many characters. */
function createKept<T>(): Kept<T> {
  const entries = new Map<string, { readonly value: T; readonly until_ms: number }>();
  let chars = 0;

  function drop(key: string): void {
    if (entries.delete(key)) chars -= key.length;
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (!entry || performance.now() >= entry.until_ms) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value) {
      drop(key);
      entries.set(key, { value, until_ms: performance.now() + kept_ms_max });
      chars += key.length;
      for (const oldest of entries.keys()) {
        if (chars <= kept_chars_max) break;
        drop(oldest);
      }
    },
  };
}
